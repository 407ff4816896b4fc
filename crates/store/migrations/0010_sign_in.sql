-- Who may sign in with a password of this store.
CREATE TABLE accounts (
    org_id        INTEGER NOT NULL REFERENCES organizations,
    user_id       INTEGER NOT NULL,
    password_hash TEXT    NOT NULL, -- argon2id, with its salt and parameters
    changed_at_us INTEGER NOT NULL,
    PRIMARY KEY (org_id, user_id),
    FOREIGN KEY (org_id, user_id) REFERENCES users
) STRICT, WITHOUT ROWID;

-- Whom an OpenID provider knows as whom.
CREATE TABLE identities (
    org_id       INTEGER NOT NULL REFERENCES organizations,
    issuer       TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    user_id      INTEGER NOT NULL,
    linked_at_us INTEGER NOT NULL,
    PRIMARY KEY (org_id, issuer, subject),
    FOREIGN KEY (org_id, user_id) REFERENCES users
) STRICT, WITHOUT ROWID;

-- OpenID providers. The secret is sealed with the store's key file.
CREATE TABLE identity_providers (
    org_id      INTEGER NOT NULL REFERENCES organizations,
    provider_id TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    issuer      TEXT    NOT NULL,
    client_id   TEXT    NOT NULL,
    secret      BLOB, -- NULL: a public client
    trusts_addresses INTEGER NOT NULL, -- whether its addresses count as verified without its saying so
    PRIMARY KEY (org_id, provider_id)
) STRICT, WITHOUT ROWID;

-- A sign-in that went to an OpenID provider and is not back yet.
CREATE TABLE sign_ins_begun (
    org_id        INTEGER NOT NULL REFERENCES organizations,
    state_hash    BLOB    NOT NULL,
    provider_id   TEXT    NOT NULL,
    nonce         TEXT    NOT NULL,
    verifier      TEXT    NOT NULL,
    return_to     TEXT    NOT NULL,
    expires_at_us INTEGER NOT NULL,
    PRIMARY KEY (org_id, state_hash)
) STRICT, WITHOUT ROWID;

-- Browsers that are signed in. Tokens are kept as hashes.
CREATE TABLE sessions (
    org_id        INTEGER NOT NULL REFERENCES organizations,
    session_id    INTEGER NOT NULL,
    user_id       INTEGER NOT NULL,
    token_hash    BLOB    NOT NULL,
    previous_hash BLOB, -- the token before it was changed, good for a moment longer
    changed_at_us INTEGER NOT NULL,
    is_taken      INTEGER NOT NULL, -- whether the browser came with this token: it may never have got it
    created_at_us INTEGER NOT NULL,
    used_at_us    INTEGER NOT NULL,
    expires_at_us INTEGER NOT NULL,
    signed_in_by  TEXT    NOT NULL, -- password | the provider's id
    agent         TEXT    NOT NULL, -- what the browser calls itself
    PRIMARY KEY (org_id, session_id),
    UNIQUE (org_id, token_hash),
    FOREIGN KEY (org_id, user_id) REFERENCES users
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_previous ON sessions (org_id, previous_hash) WHERE previous_hash IS NOT NULL;

-- Programs that act for a user.
CREATE TABLE api_tokens (
    org_id        INTEGER NOT NULL REFERENCES organizations,
    token_id      INTEGER NOT NULL,
    user_id       INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    token_hash    BLOB    NOT NULL,
    scopes        TEXT    NOT NULL, -- of read, write, manage
    created_at_us INTEGER NOT NULL,
    used_at_us    INTEGER,
    expires_at_us INTEGER NOT NULL,
    PRIMARY KEY (org_id, token_id),
    UNIQUE (org_id, token_hash),
    FOREIGN KEY (org_id, user_id) REFERENCES users
) STRICT, WITHOUT ROWID;

-- Links that let somebody choose a password, once. Without a user: the first administrator.
CREATE TABLE password_links (
    org_id        INTEGER NOT NULL REFERENCES organizations,
    token_hash    BLOB    NOT NULL,
    user_id       INTEGER,
    expires_at_us INTEGER NOT NULL,
    PRIMARY KEY (org_id, token_hash),
    FOREIGN KEY (org_id, user_id) REFERENCES users
) STRICT, WITHOUT ROWID;

-- Security roles that the organization made itself.
CREATE TABLE custom_roles (
    org_id  INTEGER NOT NULL REFERENCES organizations,
    name    TEXT    NOT NULL COLLATE NOCASE,
    reads   TEXT    NOT NULL, -- none | user | team | business_unit | organization
    writes  TEXT    NOT NULL,
    tasks   TEXT    NOT NULL, -- JSON array
    PRIMARY KEY (org_id, name)
) STRICT, WITHOUT ROWID;
