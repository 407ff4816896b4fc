-- Mailboxes whose stored data may not be used any more, and since when: their sightings are deleted when their time has come.
CREATE TABLE withheld_mailboxes (
    org_id   INTEGER NOT NULL REFERENCES organizations,
    source   INTEGER NOT NULL, -- as in sightings
    since_us INTEGER NOT NULL,
    PRIMARY KEY (org_id, source)
) STRICT, WITHOUT ROWID;
