-- What a mail system was asked to tell of a mailbox by itself: two for each mailbox of Microsoft 365.
CREATE TABLE subscriptions (
    org_id        INTEGER NOT NULL,
    connector     TEXT    NOT NULL,
    user_id       INTEGER NOT NULL,
    kind          TEXT    NOT NULL, -- mail | calendar
    subscription  TEXT, -- as the mail system calls it; NULL = there is none now
    nonce         BLOB    NOT NULL, -- part of what a notification has to prove
    url           TEXT    NOT NULL, -- where notifications go
    expires_at_us INTEGER NOT NULL,
    is_challenged INTEGER NOT NULL DEFAULT 0, -- whether it tells nothing before it is authorized anew
    retry_at_us   INTEGER NOT NULL DEFAULT 0, -- nothing is asked before
    error         TEXT, -- of the last failure; NULL = none since the last success
    PRIMARY KEY (org_id, connector, user_id, kind),
    FOREIGN KEY (org_id, connector, user_id) REFERENCES captured_mailboxes ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
