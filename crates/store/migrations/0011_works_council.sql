-- Works council mode: there while it is on.
CREATE TABLE works_council (
    org_id          INTEGER PRIMARY KEY REFERENCES organizations,
    since_us        INTEGER NOT NULL,
    council_user_id INTEGER NOT NULL, -- without whom it is not turned off
    off_asked_by    TEXT,             -- who asked to turn it off
    off_asked_at_us INTEGER
) STRICT;

-- Who is shown as "a colleague" until they accept to introduce.
ALTER TABLE users ADD COLUMN asks_first INTEGER NOT NULL DEFAULT 0;
