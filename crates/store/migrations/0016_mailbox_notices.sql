-- Employees who were told that their mailbox will be read, and since when.
CREATE TABLE mailbox_notices (
    org_id      INTEGER NOT NULL REFERENCES organizations,
    user_id     INTEGER NOT NULL,
    given_at_us INTEGER NOT NULL,
    PRIMARY KEY (org_id, user_id),
    FOREIGN KEY (org_id, user_id) REFERENCES users
) STRICT, WITHOUT ROWID;
