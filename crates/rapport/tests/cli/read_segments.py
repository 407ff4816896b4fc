"""Reads sealed segments with DuckDB, as somebody would who knows only docs/segments.md, and prints figures of each contact as JSON.

usage: read_segments.py SEGMENTS_FOLDER STORE_FILE AS_OF WINDOW_START
"""

import json
import sqlite3
import sys

import duckdb

folder, store, as_of, start = sys.argv[1:]
addresses = sqlite3.connect(f"file:{store}?mode=ro", uri=True).execute("SELECT address_id, key FROM addresses").fetchall()
db = duckdb.connect()
db.execute("SET TimeZone = 'UTC'")
db.execute("CREATE TABLE addresses (subject BIGINT, key TEXT)")
db.executemany("INSERT INTO addresses VALUES (?, ?)", addresses)
db.execute(
    f"""CREATE VIEW mails AS
    SELECT key, to_timestamp(at_s) AS "at", outgoing, conversation FROM read_parquet('{folder}/*.parquet') JOIN addresses USING (subject)
    WHERE kind = 0 AND state IN (0, 3) AND to_timestamp(at_s) BETWEEN TIMESTAMPTZ '{start}' AND TIMESTAMPTZ '{as_of}'"""
)
figures = db.execute(
    """WITH turned AS (
        SELECT *, outgoing IS DISTINCT FROM lag(outgoing) OVER w AS is_first FROM mails WINDOW w AS (PARTITION BY key, conversation ORDER BY "at")
    ), replied AS (
        SELECT *, epoch_us("at") - lag(epoch_us("at")) OVER (PARTITION BY key, conversation ORDER BY "at") AS reply_us FROM turned WHERE is_first
    )
    SELECT key, count(*) FILTER (outgoing), count(*) FILTER (NOT outgoing),
        (SELECT avg(reply_us) / 3.6e9 FROM replied WHERE replied.key = mails.key AND outgoing AND reply_us IS NOT NULL),
        (SELECT avg(reply_us) / 3.6e9 FROM replied WHERE replied.key = mails.key AND NOT outgoing AND reply_us IS NOT NULL)
    FROM mails GROUP BY key ORDER BY key"""
).fetchall()
touches = db.execute(f"SELECT count(*) FROM read_parquet('{folder}/*.parquet')").fetchone()[0]
names = ["email", "emails_sent", "emails_received", "response_time_by_us_h", "response_time_by_them_h"]
print(json.dumps({"touches": touches, "contacts": [dict(zip(names, row)) for row in figures]}))
