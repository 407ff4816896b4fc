-- Lists as somebody wants to see them again: personal, by name.
CREATE TABLE list_views (
    org_id        INTEGER NOT NULL REFERENCES organizations,
    view_id       INTEGER NOT NULL,
    viewer        TEXT    NOT NULL, -- the address of whom it belongs to
    record_table  INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    query         TEXT    NOT NULL, -- JSON
    updated_at_us INTEGER NOT NULL,
    PRIMARY KEY (org_id, view_id),
    UNIQUE (org_id, viewer, record_table, name)
) STRICT, WITHOUT ROWID;
