-- Creates that carried an Idempotency-Key, for a day. Hashes keyed by the organization, and the record's id: nothing here tells who it was about.
CREATE TABLE idempotency_keys (
    org_id        INTEGER NOT NULL REFERENCES organizations,
    key_hash      BLOB    NOT NULL,
    request_hash  BLOB    NOT NULL,
    created_at_us INTEGER NOT NULL,
    record_id     INTEGER NOT NULL,
    PRIMARY KEY (org_id, key_hash)
) STRICT, WITHOUT ROWID;
