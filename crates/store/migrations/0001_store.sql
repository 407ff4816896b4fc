-- Times are microseconds since 1970 UTC; documents are JSON text; every table starts with org_id.

CREATE TABLE organizations (
    org_id             INTEGER PRIMARY KEY,
    name               TEXT    NOT NULL UNIQUE,
    created_at_us      INTEGER NOT NULL,
    hash_key           BLOB    NOT NULL, -- keys every hash of a subject, so that none can be looked up elsewhere
    facts_version      INTEGER NOT NULL DEFAULT 0, -- moves with every change of the ledger or of people and records
    settings_version   INTEGER NOT NULL DEFAULT 0,
    next_interaction   INTEGER NOT NULL DEFAULT 1,
    next_conversation  INTEGER NOT NULL DEFAULT 1,
    next_batch         INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE internal_domains (
    org_id INTEGER NOT NULL REFERENCES organizations,
    domain TEXT    NOT NULL,
    PRIMARY KEY (org_id, domain)
) STRICT, WITHOUT ROWID;

-- The newest version of a key holds; older ones stay, so that every figure can name the settings it used.
CREATE TABLE settings (
    org_id        INTEGER NOT NULL REFERENCES organizations,
    key           TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    value         TEXT    NOT NULL,
    changed_at_us INTEGER NOT NULL,
    actor         TEXT    NOT NULL,
    PRIMARY KEY (org_id, key, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE consent (
    org_id        INTEGER NOT NULL PRIMARY KEY REFERENCES organizations,
    state         TEXT    NOT NULL,
    text          TEXT    NOT NULL,
    changed_at_us INTEGER NOT NULL,
    actor         TEXT    NOT NULL
) STRICT;

CREATE TABLE users (
    org_id     INTEGER NOT NULL REFERENCES organizations,
    user_id    INTEGER NOT NULL,
    email      TEXT    NOT NULL,
    document   TEXT    NOT NULL, -- the row as imported, with its custom fields
    opted_out_at_us INTEGER,
    PRIMARY KEY (org_id, user_id),
    UNIQUE (org_id, email)
) STRICT, WITHOUT ROWID;

-- Every address and every reference (contact:ID, lead:ID) that took part in anything or is named by a user or record.
CREATE TABLE addresses (
    org_id     INTEGER NOT NULL REFERENCES organizations,
    address_id INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    name       TEXT, -- display name seen last
    name_at_us INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, address_id),
    UNIQUE (org_id, key)
) STRICT, WITHOUT ROWID;

-- A record that something regards exists from then on; `document` is NULL until the CRM tells what it is.
CREATE TABLE records (
    org_id        INTEGER NOT NULL REFERENCES organizations,
    record_id     INTEGER NOT NULL,
    record_table  INTEGER NOT NULL,
    id            TEXT    NOT NULL,
    document      TEXT,
    PRIMARY KEY (org_id, record_id),
    UNIQUE (org_id, record_table, id)
) STRICT, WITHOUT ROWID;

-- Merges of people by hand: reversible (a split sets undone_at_us) and recorded.
CREATE TABLE people_merges (
    org_id       INTEGER NOT NULL REFERENCES organizations,
    merge_id     INTEGER NOT NULL,
    kept_key     TEXT    NOT NULL,
    merged_key   TEXT    NOT NULL,
    merged_at_us INTEGER NOT NULL,
    actor        TEXT    NOT NULL,
    undone_at_us INTEGER,
    PRIMARY KEY (org_id, merge_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE imports (
    org_id         INTEGER NOT NULL REFERENCES organizations,
    import_id      INTEGER NOT NULL,
    command        TEXT    NOT NULL,
    started_at_us  INTEGER NOT NULL,
    finished_at_us INTEGER,
    state          TEXT    NOT NULL, -- running | completed | failed
    report         TEXT    NOT NULL,
    PRIMARY KEY (org_id, import_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    org_id INTEGER NOT NULL REFERENCES organizations,
    number INTEGER NOT NULL,
    at_us  INTEGER NOT NULL,
    actor  TEXT    NOT NULL,
    action TEXT    NOT NULL,
    before TEXT,
    after  TEXT,
    PRIMARY KEY (org_id, number)
) STRICT, WITHOUT ROWID;

-- The ledger -------------------------------------------------------------------------------------------------

-- One interaction, however often it is seen: identity (a hash of what 02 section 2.5 names) to its dense id.
CREATE TABLE interactions (
    org_id         INTEGER NOT NULL REFERENCES organizations,
    identity       BLOB    NOT NULL,
    interaction_id INTEGER NOT NULL,
    PRIMARY KEY (org_id, identity)
) STRICT, WITHOUT ROWID;

-- Ground state: who saw an interaction, and what they saw. source: 0 = CRM, -1 = a mailbox nobody is named for, else the mailbox's address_id.
CREATE TABLE sightings (
    org_id         INTEGER NOT NULL REFERENCES organizations,
    interaction_id INTEGER NOT NULL,
    source         INTEGER NOT NULL,
    payload        BLOB    NOT NULL,
    PRIMARY KEY (org_id, interaction_id, source)
) STRICT, WITHOUT ROWID;

-- Derived state: runs of touches. subject: address_id of somebody external, or minus record_id of a regarded record.
-- A later batch's touch of the same interaction supersedes an earlier one's.
CREATE TABLE touches (
    org_id  INTEGER NOT NULL REFERENCES organizations,
    subject INTEGER NOT NULL,
    batch   INTEGER NOT NULL,
    block   BLOB    NOT NULL,
    PRIMARY KEY (org_id, subject, batch)
) STRICT, WITHOUT ROWID;

-- Which conversation a Message-ID, ancestor or conversation id (hashed) belongs to; joined ones are aliases of the smallest.
CREATE TABLE conversation_keys (
    org_id       INTEGER NOT NULL REFERENCES organizations,
    key_hash     INTEGER NOT NULL,
    conversation INTEGER NOT NULL,
    PRIMARY KEY (org_id, key_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE conversation_aliases (
    org_id       INTEGER NOT NULL REFERENCES organizations,
    conversation INTEGER NOT NULL,
    joined       INTEGER NOT NULL,
    PRIMARY KEY (org_id, conversation)
) STRICT, WITHOUT ROWID;

-- Activities of the CRM by their own id, so that a changed row replaces what it said before.
CREATE TABLE crm_activities (
    org_id         INTEGER NOT NULL REFERENCES organizations,
    activity_id    TEXT    NOT NULL,
    interaction_id INTEGER NOT NULL,
    row_hash       BLOB    NOT NULL,
    PRIMARY KEY (org_id, activity_id)
) STRICT, WITHOUT ROWID;

-- What lists sort and filter on. Derived; a row whose versions are not the current ones is never served.
CREATE TABLE snapshots (
    org_id           INTEGER NOT NULL REFERENCES organizations,
    data             TEXT    NOT NULL,
    record_id        INTEGER NOT NULL,
    record_table     INTEGER NOT NULL,
    name             TEXT    NOT NULL,
    account          TEXT,
    owner            TEXT,
    status           TEXT,
    health_state     TEXT    NOT NULL,
    health_score     INTEGER,
    health_trend     TEXT    NOT NULL,
    likelihood_30d   REAL,
    time_spent_by_us_min   REAL NOT NULL,
    time_spent_by_them_min REAL NOT NULL,
    interactions     INTEGER NOT NULL,
    last_at_us       INTEGER,
    next_at_us       INTEGER,
    estimated_close_us INTEGER,
    estimated_revenue  REAL,
    currency         TEXT,
    PRIMARY KEY (org_id, data, record_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot_versions (
    org_id           INTEGER NOT NULL REFERENCES organizations,
    data             TEXT    NOT NULL,
    local_date       TEXT    NOT NULL,
    as_of_us         INTEGER NOT NULL,
    valid_until_us   INTEGER NOT NULL, -- from then on time alone has changed a figure
    facts_version    INTEGER NOT NULL,
    settings_version INTEGER NOT NULL,
    model            TEXT    NOT NULL,
    PRIMARY KEY (org_id, data)
) STRICT, WITHOUT ROWID;
