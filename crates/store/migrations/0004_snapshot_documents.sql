-- Lists sort and filter in memory: what is kept of a row is one document, so that a new column changes no table. Snapshots are derived: nothing is lost.
DROP TABLE snapshots;
CREATE TABLE snapshots (
    org_id    INTEGER NOT NULL REFERENCES organizations,
    data      TEXT    NOT NULL,
    record_id INTEGER NOT NULL,
    document  TEXT    NOT NULL,
    PRIMARY KEY (org_id, data, record_id)
) STRICT, WITHOUT ROWID;
DELETE FROM snapshot_versions;
