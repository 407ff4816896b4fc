-- Pages of host applications that carry our widgets.
CREATE TABLE forms (
    org_id       INTEGER NOT NULL REFERENCES organizations,
    form_id      INTEGER NOT NULL,
    application  TEXT    NOT NULL,
    record_table INTEGER NOT NULL,
    tab          TEXT    NOT NULL,
    widgets      TEXT    NOT NULL, -- JSON array of names
    clients      TEXT    NOT NULL, -- JSON array of web, phone, tablet
    last_seen_us INTEGER NOT NULL,
    PRIMARY KEY (org_id, form_id),
    UNIQUE (org_id, application, record_table, tab)
) STRICT;

-- Numbers of security groups, for programs that provision them; who is in one stands with the users.
CREATE TABLE security_groups (
    org_id   INTEGER NOT NULL REFERENCES organizations,
    group_id INTEGER NOT NULL,
    name     TEXT    NOT NULL,
    PRIMARY KEY (org_id, group_id),
    UNIQUE (org_id, name)
) STRICT;
