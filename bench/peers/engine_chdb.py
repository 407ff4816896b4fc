"""ClickHouse, inside the process (chdb): arrays instead of joins and windows.

Touches of a subject are gathered into one array, and all of its figures are array functions of it.
"""

import chdb
from chdb import session

EXPECTATIONS = "[" + ", ".join(repr(sum(1 / (1 + j) for j in range(n + 1))) for n in range(53)) + "]"

COUNTS = """
SELECT subject,
    countIf(done AND kind = 0 AND outgoing) AS emails_sent, countIf(done AND kind = 0 AND NOT outgoing) AS emails_received,
    countIf(done AND kind = 1 AND outgoing) AS meetings_sent, countIf(done AND kind = 1 AND NOT outgoing) AS meetings_received,
    countIf(done AND kind = 2 AND outgoing) AS phone_calls_made, countIf(done AND kind = 2 AND NOT outgoing) AS phone_calls_received,
    emails_sent * 5 + emails_received * 2.5
        + sumIf(duration_s * if(kind = 1, arrayCount(p -> bitAnd(p, 1) = 0, participants), 1), done AND kind != 0) / 60 AS us_min,
    emails_received * 5 + emails_sent * 2.5 + sumIf(duration_s, done AND kind != 0) / 60 AS them_min,
    length(groupUniqArrayArrayIf(arrayMap(p -> bitShiftRight(p, 4), arrayFilter(p -> bitAnd(p, 1) = 0, participants)), done)) AS colleagues,
    length(groupUniqArrayArrayIf(arrayMap(p -> bitShiftRight(p, 4), arrayFilter(p -> bitAnd(p, 1) = 1, participants)), done)) AS people,
    maxIf(at_us, is_done) AS last_us, minIf(at_us, at_us > {as_of_us} AND (state = 2 OR (state = 0 AND kind = 1))) AS next_us
FROM (
    SELECT subject, kind, outgoing, state, duration_s, participants, at_s * 1000000 + at_sub_us AS at_us,
        at_us <= {as_of_us} AND state IN (0, 3) AS is_done, is_done AND at_us >= {window_start_us} AS done
    FROM {touches} WHERE subject > 0 AND kind != 3
)
GROUP BY subject
"""

# An array of (conversation, moment, ours) a subject, sorted once; a turn begins where conversation or side changes.
REPLIES = """
SELECT subject, n_us, mean_us, p50_us, p90_us, unanswered_us, rate_us, n_them, mean_them, p50_them, p90_them, unanswered_them, rate_them
FROM (
    SELECT subject,
        arrayFilter((t, before) -> t.1 != before.1 OR t.3 != before.3, mails, arrayPushFront(arrayPopBack(mails), (-1, 0, 0))) AS turns,
        arrayMap((t, after) -> (t.3, t.2, if(t.1 = after.1, after.2 - t.2, -1)), turns, arrayPushBack(arrayPopFront(turns), (-1, 0, 0)))
            AS answers,
        arrayMap(t -> t.3, arrayFilter(t -> t.1 = 0 AND t.3 >= 0, answers)) AS by_us,
        arrayMap(t -> t.3, arrayFilter(t -> t.1 = 1 AND t.3 >= 0, answers)) AS by_them,
        length(by_us) AS n_us, length(by_them) AS n_them,
        arrayAvg(by_us) / 3.6e9 AS mean_us, arrayAvg(by_them) / 3.6e9 AS mean_them,
        arrayReduce('quantilesExactInclusive(0.5, 0.9)', by_us) AS q_us, arrayReduce('quantilesExactInclusive(0.5, 0.9)', by_them) AS q_them,
        q_us[1] / 3.6e9 AS p50_us, q_us[2] / 3.6e9 AS p90_us, q_them[1] / 3.6e9 AS p50_them, q_them[2] / 3.6e9 AS p90_them,
        arrayCount(t -> t.1 = 0 AND t.3 < 0, answers) AS unanswered_us, arrayCount(t -> t.1 = 1 AND t.3 < 0, answers) AS unanswered_them,
        arrayCount(us -> us <= 604800000000, by_us)
            / (n_us + arrayCount(t -> t.1 = 0 AND t.3 < 0 AND {as_of_us} - t.2 >= 604800000000, answers)) AS rate_us,
        arrayCount(us -> us <= 604800000000, by_them)
            / (n_them + arrayCount(t -> t.1 = 1 AND t.3 < 0 AND {as_of_us} - t.2 >= 604800000000, answers)) AS rate_them
    FROM (
        SELECT subject, arraySort(groupArray((conversation, (at_s * 1000000 + at_sub_us), toUInt8(outgoing)))) AS mails
        FROM {touches} WHERE {in_window} AND kind = 0 GROUP BY subject
    )
)
"""

HEALTH = """
WITH
days AS (
    SELECT subject, toInt32({today} - intDiv((at_s * 1000000 + at_sub_us), 86400000000)) AS age,
        max(outgoing OR kind = 1) AS o, max(NOT outgoing OR kind = 1) AS i
    FROM {touches} WHERE {done} GROUP BY subject, age
)
SELECT subject, countIf(age <= 730) AS active_days, sumIf(7 / (7 + age), age <= 730) AS memory,
    {expectations}[intDiv(least(greatest(max(age), 28), 365), 7) + 1] AS expectation,
    countIf(age <= 365) AS n, countIf(age <= 365 AND o) AS n_out, countIf(age <= 365 AND i) AS n_in,
    0.5 + 0.5 * if(n = 0, 0, least(1, 2 * least(n_out, n_in) / n)) AS engagement,
    if(active_days >= 2, floor(100 * (1 - exp2(-1.5 * engagement * memory / expectation)) + 0.5), NULL) AS score,
    1 / (1 + exp(-(0.53 + 0.78 * (log(1 + sumIf(exp2(-age / 90), age <= 730)) - log(1 + min(age)))))) AS likelihood
FROM days GROUP BY subject
"""

TIES = """
WITH
hits AS (
    SELECT subject, at_s * 1000000 + at_sub_us AS at_us, kind, outgoing,
        arrayFilter(p -> bitAnd(p, 1) = 0, participants) AS ours, toInt64(length(ours)) AS n_ours, toInt64(length(participants)) - n_ours AS n_theirs,
        has(participants, toUInt32(subject * 16 + if(kind = 0, 1, 13))) AS begins,
        toInt32(greatest(1, multiIf(kind = 0, if(outgoing, n_theirs, n_ours), kind = 1, greatest(n_ours, n_theirs) - 1, 1))) AS shared,
        arrayJoin(arrayFilter(p -> kind = 1 OR (bitAnd(p, 15) IN (0, 12)) != begins, ours)) AS p
    FROM {touches} WHERE {done}
),
days AS (
    SELECT subject, bitShiftRight(p, 4) AS address, toInt32({today} - intDiv(at_us, 86400000000)) AS age, min(hits.shared) AS shared,
        max(outgoing OR kind = 1) AS o, max(NOT outgoing OR kind = 1) AS i, count() AS n,
        countIf(kind = 0) AS emails, countIf(kind = 1) AS meetings, countIf(outgoing) AS by_us, min(at_us) AS first_us, max(at_us) AS last_us
    FROM hits GROUP BY subject, address, age
)
SELECT subject, address, sum(7 / (7 + age) / sqrt(shared)) AS memory,
    countIf(age <= 365) AS recent, countIf(age <= 365 AND o) AS recent_out, countIf(age <= 365 AND i) AS recent_in,
    0.5 + 0.5 * if(recent = 0, 0, least(1, 2 * least(recent_out, recent_in) / recent)) AS engagement,
    floor(100 * (1 - exp2(-1.5 * engagement * memory / 4.557)) + 0.5) AS strength,
    100 * (1 - exp2(-1.5 * sum(7 / (7 + age)) / 4.557)) AS activity,
    100 * (1 - exp2(-1.5 * sum(7 / (7 + age) / shared) / 4.557)) AS directness,
    100 * (1 - exp2(-1.5 * sqrt(sumIf(7 / (7 + age), o) * sumIf(7 / (7 + age), i)) / 4.557)) AS mutuality,
    1 / (1 + exp(-(0.53 + 0.78 * (log(1 + sum(exp2(-age / 90))) - log(1 + min(age)))))) AS likelihood,
    sum(n) AS interactions, sum(days.emails) AS emails, sum(days.meetings) AS meetings, sum(days.by_us) AS by_us, count() AS active_days,
    min(days.first_us) AS first_us, max(days.last_us) AS last_us
FROM days WHERE age <= 730 GROUP BY subject, address
"""


class Engine:
    """A session with tables in memory, where results stay until they are asked for."""

    version = str(chdb.engine_version)
    tables_named = ["counts", "replies", "health", "ties"]

    def __init__(self, cores):
        self.session = session.Session()
        self.session.query("CREATE DATABASE IF NOT EXISTS bench")
        # No column holds nulls: told so, arrays and sums do without masks.
        self.settings = f"SETTINGS max_threads = {cores}, schema_inference_make_columns_nullable = 0"

    def fold(self, folder, as_of_us, window_start_us):
        values = dict(touches=f"file('{folder}/*.parquet', Parquet)", as_of_us=as_of_us, window_start_us=window_start_us)
        values |= dict(today=as_of_us // 86_400_000_000, expectations=EXPECTATIONS)
        values["done"] = f"subject > 0 AND kind != 3 AND state IN (0, 3) AND (at_s * 1000000 + at_sub_us) <= {as_of_us}"
        values["in_window"] = f"{values['done']} AND (at_s * 1000000 + at_sub_us) >= {window_start_us}"
        for name, query in dict(counts=COUNTS, replies=REPLIES, health=HEALTH, ties=TIES).items():
            self.session.query(f"DROP TABLE IF EXISTS bench.{name}")
            self.session.query(f"CREATE TABLE bench.{name} ENGINE = Memory AS {query.format(**values)} {self.settings}")

    def table(self, name):
        import pyarrow

        answer = self.session.query(f"SELECT * FROM bench.{name}", "Arrow")
        return pyarrow.ipc.open_file(pyarrow.py_buffer(answer.bytes())).read_all()
