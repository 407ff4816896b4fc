-- Addresses and domains of people whom an employee keeps to themselves.
CREATE TABLE private_contacts (
    org_id   INTEGER NOT NULL REFERENCES organizations,
    user_id  INTEGER NOT NULL,
    contact  TEXT    NOT NULL, -- a normalized address or a domain
    since_us INTEGER NOT NULL,
    PRIMARY KEY (org_id, user_id, contact)
) STRICT, WITHOUT ROWID;

-- Who was shown figures about an employee, by day.
CREATE TABLE looks (
    org_id     INTEGER NOT NULL REFERENCES organizations,
    about      INTEGER NOT NULL, -- user
    day        INTEGER NOT NULL, -- local, days since 1970
    viewer     INTEGER NOT NULL, -- user; 0 = the local administrator
    what       TEXT    NOT NULL, -- record, who_knows, timeline, export
    times      INTEGER NOT NULL,
    last_at_us INTEGER NOT NULL,
    PRIMARY KEY (org_id, about, day, viewer, what)
) STRICT, WITHOUT ROWID;

-- Requests of people about what is held on them, as the privacy administrator carries them out.
CREATE TABLE privacy_requests (
    org_id          INTEGER NOT NULL REFERENCES organizations,
    request_id      INTEGER NOT NULL,
    kind            TEXT    NOT NULL, -- erase, export
    state           TEXT    NOT NULL, -- PROCESSING, COMPLETED, FAILED
    address         TEXT,             -- gone once it is erased, or no longer to be fetched
    keeps_objection INTEGER NOT NULL,
    asked_by        TEXT    NOT NULL,
    asked_at_us     INTEGER NOT NULL,
    ended_at_us     INTEGER,
    outcome         TEXT    NOT NULL, -- in words, without the address
    PRIMARY KEY (org_id, request_id)
) STRICT, WITHOUT ROWID;
