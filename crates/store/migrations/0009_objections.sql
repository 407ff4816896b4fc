-- Who objected to being captured: a keyed hash of the address, from which nothing can be read.
CREATE TABLE objections (
    org_id       INTEGER NOT NULL REFERENCES organizations,
    address_hash BLOB    NOT NULL,
    since_us     INTEGER NOT NULL,
    PRIMARY KEY (org_id, address_hash)
) STRICT, WITHOUT ROWID;
