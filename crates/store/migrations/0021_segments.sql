-- Segments: touches in sorted files beside this one, each written once. Files that no row names are nothing, and are deleted.
CREATE TABLE segments (
    org_id      INTEGER NOT NULL REFERENCES organizations,
    segment_id  INTEGER NOT NULL, -- names the file; never used twice
    sequence    INTEGER NOT NULL, -- the last batch in it: what a later one says of a touch holds
    level       INTEGER NOT NULL, -- how often its touches were merged
    subject_min INTEGER NOT NULL,
    subject_max INTEGER NOT NULL,
    touches     INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    checksum    BLOB    NOT NULL, -- BLAKE3 of the file
    PRIMARY KEY (org_id, segment_id)
) STRICT, WITHOUT ROWID;

-- Touches that a segment still holds and that are not any more, until it is merged.
CREATE TABLE segment_removals (
    org_id         INTEGER NOT NULL REFERENCES organizations,
    subject        INTEGER NOT NULL,
    segment_id     INTEGER NOT NULL,
    interaction_id INTEGER NOT NULL,
    PRIMARY KEY (org_id, subject, segment_id, interaction_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE organizations ADD COLUMN next_segment INTEGER NOT NULL DEFAULT 1;
-- Touches written to the tail since it was sealed: about how many it holds.
ALTER TABLE organizations ADD COLUMN tail_touches INTEGER NOT NULL DEFAULT 0;
-- Moves whenever touches are taken out of the tail: what was read of it before is not to be sealed.
ALTER TABLE organizations ADD COLUMN tail_edits INTEGER NOT NULL DEFAULT 0;
UPDATE organizations SET tail_touches = (SELECT COUNT(*) FROM interactions WHERE interactions.org_id = organizations.org_id);
