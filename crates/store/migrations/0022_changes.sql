-- Which runs and names a transaction changed, for whoever made something from the facts before it: one row for a version of facts. A version
-- without a row may have changed anything.
CREATE TABLE fact_changes (
    org_id        INTEGER NOT NULL REFERENCES organizations,
    facts_version INTEGER NOT NULL,
    subjects      BLOB    NOT NULL, -- subjects with other runs than before: ascending differences as varints
    renamed       BLOB    NOT NULL, -- addresses with another display name than before: the same
    PRIMARY KEY (org_id, facts_version)
) STRICT;

-- Stored lists say since then until when each row holds; those that do not are folded anew.
DELETE FROM snapshots;
DELETE FROM snapshot_versions;
