-- What the organization switched on, for whom, and where consent stands. No row: nothing yet.
CREATE TABLE enabling (
    org_id                 INTEGER NOT NULL PRIMARY KEY REFERENCES organizations,
    premium_since_us       INTEGER,
    enabled_at_us          INTEGER,
    relationship_analytics INTEGER NOT NULL,
    who_knows_whom         INTEGER NOT NULL,
    mailbox                INTEGER NOT NULL,
    roles                  TEXT, -- JSON array; NULL = all
    excluded_groups        TEXT    NOT NULL, -- JSON array
    location_source        TEXT, -- declared | microsoft_365; NULL = unknown
    location               TEXT,
    consent                TEXT    NOT NULL, -- not_requested | pending | granted | expired | declined | revoked
    consent_since_us       INTEGER,
    requested_at_us        INTEGER,
    consent_text           TEXT    NOT NULL,
    keeps_stored           INTEGER NOT NULL
) STRICT;

-- Consent was granted by the command line alone, which enables everything for everybody.
INSERT INTO enabling
SELECT org_id, changed_at_us, changed_at_us, 1, 1, 1, NULL, '[]', 'declared', 'this machine (files imported by its operator)',
    'granted', changed_at_us, changed_at_us, text, 0
FROM consent WHERE state = 'granted';
DROP TABLE consent;
