-- Mail systems that mailboxes are captured from.
CREATE TABLE connectors (
    org_id        INTEGER NOT NULL REFERENCES organizations,
    connector     TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    settings      TEXT    NOT NULL, -- JSON, without secrets
    secrets       BLOB, -- sealed JSON
    created_at_us INTEGER NOT NULL,
    paused        INTEGER NOT NULL DEFAULT 0,
    failures      INTEGER NOT NULL DEFAULT 0, -- in a row
    error         TEXT, -- of the last failure; NULL = none since the last success
    failed_at_us  INTEGER,
    retry_at_us   INTEGER NOT NULL DEFAULT 0, -- nothing is asked before
    PRIMARY KEY (org_id, connector)
) STRICT, WITHOUT ROWID;

-- Mailboxes of users as a connector reads them, and how far it is.
CREATE TABLE captured_mailboxes (
    org_id          INTEGER NOT NULL,
    connector       TEXT    NOT NULL,
    user_id         INTEGER NOT NULL,
    login           BLOB, -- sealed JSON; NULL = as the connector signs in
    is_allowed      INTEGER NOT NULL DEFAULT 1, -- whether capture may read it now
    paused          INTEGER NOT NULL DEFAULT 0,
    due_at_us       INTEGER NOT NULL,
    served_at_us    INTEGER NOT NULL DEFAULT 0,
    lease           BLOB, -- of whoever reads it now
    lease_until_us  INTEGER NOT NULL DEFAULT 0,
    begun_at_us     INTEGER,
    history_from_us INTEGER, -- what is older is not read
    is_current      INTEGER NOT NULL DEFAULT 0, -- whether all history is read
    current_at_us   INTEGER, -- since when
    succeeded_at_us INTEGER,
    failures        INTEGER NOT NULL DEFAULT 0, -- in a row
    error           TEXT,
    failed_at_us    INTEGER,
    read            INTEGER NOT NULL DEFAULT 0,
    kept            INTEGER NOT NULL DEFAULT 0,
    duplicates      INTEGER NOT NULL DEFAULT 0,
    failed          INTEGER NOT NULL DEFAULT 0,
    excluded        TEXT    NOT NULL DEFAULT '{}', -- JSON: count by reason
    PRIMARY KEY (org_id, connector, user_id),
    FOREIGN KEY (org_id, connector) REFERENCES connectors ON DELETE CASCADE,
    FOREIGN KEY (org_id, user_id) REFERENCES users
) STRICT, WITHOUT ROWID;

-- Folders and calendars, each with the cursor that belongs to what was kept. What they are called is nobody's business: by keyed hash.
CREATE TABLE captured_streams (
    org_id           INTEGER NOT NULL,
    connector        TEXT    NOT NULL,
    user_id          INTEGER NOT NULL,
    stream           BLOB    NOT NULL,
    kind             TEXT    NOT NULL, -- mail | calendar
    cursor           TEXT, -- NULL = has to begin
    is_listed        INTEGER NOT NULL DEFAULT 0, -- whether its beginning was read to the end
    generation       INTEGER NOT NULL DEFAULT 0, -- how often it began
    history_from_us  INTEGER NOT NULL, -- history is read down to here
    history_until_us INTEGER NOT NULL, -- what is newer was read
    history_cursor   TEXT, -- within the month below
    PRIMARY KEY (org_id, connector, user_id, stream),
    FOREIGN KEY (org_id, connector, user_id) REFERENCES captured_mailboxes ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Appointments as a calendar showed them last: what it shows later replaces what it said.
CREATE TABLE captured_items (
    org_id     INTEGER NOT NULL,
    connector  TEXT    NOT NULL,
    user_id    INTEGER NOT NULL,
    stream     BLOB    NOT NULL,
    item       BLOB    NOT NULL,
    generation INTEGER NOT NULL,
    digest     BLOB    NOT NULL,
    meetings   BLOB    NOT NULL, -- identity and start of each occurrence
    PRIMARY KEY (org_id, connector, user_id, stream, item),
    FOREIGN KEY (org_id, connector, user_id, stream) REFERENCES captured_streams ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
