-- Requests to a colleague to introduce somebody.
CREATE TABLE introductions (
    org_id          INTEGER NOT NULL REFERENCES organizations,
    introduction_id INTEGER NOT NULL,
    asked_by        INTEGER NOT NULL, -- user
    colleague       INTEGER NOT NULL, -- user
    target_key      TEXT    NOT NULL, -- address, reference or domain
    target_name     TEXT    NOT NULL,
    message         TEXT    NOT NULL,
    state           TEXT    NOT NULL, -- requested, accepted, declined, introduced, withdrawn
    asked_at_us     INTEGER NOT NULL,
    answered_at_us  INTEGER,
    PRIMARY KEY (org_id, introduction_id)
) STRICT, WITHOUT ROWID;
