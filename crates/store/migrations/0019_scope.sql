-- What is in scope of capture, each under a keyed hash, with the number of the widening that brought it.
CREATE TABLE scope_keys (
    org_id      INTEGER NOT NULL REFERENCES organizations,
    key         BLOB    NOT NULL,
    widening    INTEGER NOT NULL,
    added_at_us INTEGER NOT NULL,
    PRIMARY KEY (org_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX scope_keys_by_widening ON scope_keys (org_id, widening, added_at_us);

-- How often the scope was widened.
ALTER TABLE organizations ADD COLUMN widening INTEGER NOT NULL DEFAULT 0;
-- The last widening before its history was read, and when it was begun again for one.
ALTER TABLE captured_mailboxes ADD COLUMN widening INTEGER NOT NULL DEFAULT 0;
ALTER TABLE captured_mailboxes ADD COLUMN reread_at_us INTEGER;
