"""Polars: the columns into a frame, then one lazy plan a table, each by the faster of its two engines.

Reading Parquet once beat reading it in every plan by a sixth.

Rows arrive by (subject, moment): a stable sort by conversation keeps the moments in order, and what stands before a row is a shift.
Windows (`over`) took four times as long as that sort.
"""

import polars as pl

DAY_US = 86_400_000_000
EXPECTATIONS = [sum(1 / (1 + j) for j in range(n + 1)) for n in range(53)]
LN2 = 0.6931471805599453

col = pl.col


def score(engagement, memory, expectation):
    return 100 * (1 - (engagement * memory / expectation * (-1.5 * LN2)).exp())


def engagement(n, n_out, n_in):
    return pl.when(n > 0).then(0.5 + 0.5 * (2.0 * pl.min_horizontal(n_out, n_in) / n).clip(upper_bound=1.0)).otherwise(0.5)


def likelihood(decayed, silent):
    return 1 / (1 + (-(0.53 + 0.78 * ((1 + decayed).log() - (1 + silent).log()))).exp())


class Engine:
    """Results are data frames."""

    version = pl.__version__
    tables_named = ["counts", "last_next", "replies", "health", "ties", "colleagues", "people"]

    def __init__(self, cores):
        # Threads are said by POLARS_MAX_THREADS, which run.py sets.
        self.cores = cores
        self.tables = {}

    def fold(self, folder, as_of_us, window_start_us):
        touches = (
            pl.scan_parquet(f"{folder}/*.parquet")
            .with_columns((col("at_s") * 1_000_000 + col("at_sub_us")).alias("at_us"))
            .filter((col("subject") > 0) & (col("kind") != 3))
            .select("subject", "at_us", "kind", "state", "outgoing", "duration_s", "conversation", "participants")
            .collect(engine="streaming")
            .lazy()
            .set_sorted("subject")
        )
        done = touches.filter((col("at_us") <= as_of_us) & col("state").is_in([0, 3]))
        inside = done.filter(col("at_us") >= window_start_us)
        today = as_of_us // DAY_US
        plans = dict(
            counts=counts(inside),
            last_next=last_next(touches, as_of_us),
            replies=replies(inside, as_of_us),
            health=health(done, today),
            ties=ties(done, today),
            colleagues=colleagues(inside),
            people=people(inside),
        )
        for name, plan in plans.items():
            self.tables[name] = plan.collect(engine=ENGINES[name])

    def table(self, name):
        return self.tables[name].to_arrow()


# The faster of "streaming" and "in-memory" for each, as measured.
ENGINES = dict.fromkeys(["counts", "last_next", "replies", "health", "ties", "colleagues", "people"], "streaming") | {"replies": "in-memory"}


def ours_of(participants):
    return participants.list.eval(pl.element() & 1 == 0).list.sum()


def counts(inside):
    kind, out, seconds = col("kind"), col("outgoing"), col("duration_s").cast(pl.Int64)
    # Only meetings need to know how many of us there were.
    us_s = pl.when(kind == 1).then(seconds * ours_of(col("participants"))).otherwise(seconds)
    return (
        inside.select("subject", kind, out, seconds.alias("seconds"), us_s.alias("us_s"))
        .group_by("subject")
        .agg(
            ((kind == 0) & out).sum().alias("emails_sent"),
            ((kind == 0) & ~out).sum().alias("emails_received"),
            ((kind == 1) & out).sum().alias("meetings_sent"),
            ((kind == 1) & ~out).sum().alias("meetings_received"),
            ((kind == 2) & out).sum().alias("phone_calls_made"),
            ((kind == 2) & ~out).sum().alias("phone_calls_received"),
            ((kind != 0) * col("us_s")).sum().alias("us_s"),
            ((kind != 0) * col("seconds")).sum().alias("them_s"),
        )
        .with_columns(
            (col("emails_sent") * 5.0 + col("emails_received") * 2.5 + col("us_s") / 60).alias("us_min"),
            (col("emails_received") * 5.0 + col("emails_sent") * 2.5 + col("them_s") / 60).alias("them_min"),
        )
        .drop("us_s", "them_s")
    )


def last_next(touches, as_of_us):
    at, state = col("at_us"), col("state")
    is_done = (at <= as_of_us) & state.is_in([0, 3])
    is_next = (at > as_of_us) & ((state == 2) | ((state == 0) & (col("kind") == 1)))
    return (
        touches.select("subject", pl.when(is_done).then(at).alias("last_us"), pl.when(is_next).then(at).alias("next_us"))
        .group_by("subject")
        .agg(col("last_us").max(), col("next_us").min())
    )


def replies(inside, as_of_us):
    week_us = 7 * DAY_US
    conversation = ["subject", "conversation"]
    at, out = col("at_us"), col("outgoing")
    turns = (
        inside.filter(col("kind") == 0)
        .select("subject", "conversation", "at_us", "outgoing")
        .sort(conversation, maintain_order=True)
        .filter(
            (col("conversation") != col("conversation").shift()).fill_null(True)
            | (col("subject") != col("subject").shift())
            | (out != out.shift())
        )
    )
    same = (col("subject") == col("subject").shift(-1)) & (col("conversation") == col("conversation").shift(-1))
    answered = turns.select("subject", out.alias("by_them"), at, pl.when(same).then(at.shift(-1) - at).alias("us"))
    us = col("us")
    return (
        answered.group_by("subject", "by_them")
        .agg(
            us.count().alias("n"),
            (us.mean() / 3.6e9).alias("mean_h"),
            (us.quantile(0.5, "linear") / 3.6e9).alias("p50_h"),
            (us.quantile(0.9, "linear") / 3.6e9).alias("p90_h"),
            us.null_count().alias("unanswered"),
            (us <= week_us).sum().alias("in_time"),
            (us.is_null() & (as_of_us - at >= week_us)).sum().alias("overdue"),
        )
        .with_columns(
            pl.when(col("n") + col("overdue") > 0).then(col("in_time") / (col("n") + col("overdue"))).alias("rate")
        )
    )


def health(done, today):
    age = (today - col("at_us") // DAY_US).cast(pl.Int32)
    both = col("kind") == 1
    days = (
        done.select("subject", age.alias("age"), (col("outgoing") | both).alias("o"), (~col("outgoing") | both).alias("i"))
        .group_by("subject", "age")
        .agg(col("o").any(), col("i").any())
    )
    age = col("age")
    recent, known = age <= 365, age <= 730
    return (
        days.with_columns(
            pl.when(known).then(7.0 / (7.0 + age)).otherwise(0.0).alias("value"),
            pl.when(known).then((age * (-LN2 / 90)).exp()).otherwise(0.0).alias("decay"),
            (recent & col("o")).alias("o"),
            (recent & col("i")).alias("i"),
        )
        .group_by("subject")
        .agg(
            col("value").sum().alias("memory"),
            col("decay").sum().alias("decayed"),
            age.max().alias("first"),
            age.min().alias("silent"),
            recent.sum().alias("n"),
            col("o").sum().alias("n_out"),
            col("i").sum().alias("n_in"),
            known.sum().alias("active_days"),
        )
        .with_columns(
            (col("first").clip(28, 365) // 7)
            .replace_strict(list(range(53)), EXPECTATIONS, return_dtype=pl.Float64)
            .alias("expectation"),
            engagement(col("n"), col("n_out"), col("n_in")).alias("engagement"),
            likelihood(col("decayed"), col("silent")).alias("likelihood"),
        )
        .with_columns(
            pl.when(col("active_days") >= 2)
            .then((score(col("engagement"), col("memory"), col("expectation")) + 0.5).floor())
            .alias("score")
        )
        .select("subject", "active_days", "memory", "expectation", "engagement", "score", "likelihood")
    )


def ties(done, today):
    kind, out, everybody = col("kind"), col("outgoing"), col("participants").list.len()
    begins = col("participants").list.contains(
        (col("subject") * 16 + pl.when(kind == 0).then(1).otherwise(13)).cast(pl.UInt32)
    )
    p, ours = col("participants"), col("ours").cast(pl.Int32)
    at = col("at_us")
    hits = (
        done.select("subject", at, kind, out, p, ours_of(p).alias("ours"), everybody.alias("everybody"), begins.alias("begins"))
        .with_columns(
            pl.when(kind == 0)
            .then(pl.when(out).then(col("everybody") - ours).otherwise(ours))
            .when(kind == 1)
            .then(pl.max_horizontal(ours, col("everybody") - ours) - 1)
            .otherwise(1)
            .clip(1)
            .cast(pl.Int32)
            .alias("shared")
        )
        .drop("ours", "everybody")
        .explode("participants")
        .filter((p & 1 == 0) & ((kind == 1) | (((p & 15) == 0) | ((p & 15) == 12)).ne(col("begins"))))
        .select(
            "subject",
            (p // 16).alias("address"),
            (today - at // DAY_US).cast(pl.Int32).alias("age"),
            at,
            "shared",
            (kind == 0).alias("email"),
            (kind == 1).alias("meeting"),
            out.alias("by_us"),
        )
    )
    days = hits.group_by("subject", "address", "age").agg(
        col("shared").min(),
        (col("by_us") | col("meeting")).any().alias("o"),
        (~col("by_us") | col("meeting")).any().alias("i"),
        pl.len().alias("n"),
        col("email").sum(),
        col("meeting").sum(),
        col("by_us").sum(),
        at.min().alias("first_us"),
        at.max().alias("last_us"),
    )
    age = col("age")
    value = 7.0 / (7.0 + age)
    pairs = (
        days.filter(age <= 730)
        .with_columns(
            value.alias("value"),
            (age * (-LN2 / 90)).exp().alias("decay"),
            (value / col("shared").cast(pl.Float64).sqrt()).alias("v"),
            (value / col("shared")).alias("d"),
            (value * col("o")).alias("v_out"),
            (value * col("i")).alias("v_in"),
            ((age <= 365) & col("o")).alias("o"),
            ((age <= 365) & col("i")).alias("i"),
        )
        .group_by("subject", "address")
        .agg(
            col("v").sum().alias("memory"),
            col("value").sum().alias("active"),
            col("d").sum().alias("direct"),
            col("v_out").sum(),
            col("v_in").sum(),
            col("decay").sum().alias("decayed"),
            age.min().alias("silent"),
            (age <= 365).sum().alias("recent"),
            col("o").sum(),
            col("i").sum(),
            pl.len().alias("active_days"),
            col("n").sum().alias("interactions"),
            col("email").sum().alias("emails"),
            col("meeting").sum().alias("meetings"),
            col("by_us").sum(),
            col("first_us").min(),
            col("last_us").max(),
        )
    )
    expectation = pl.lit(4.557)
    one = pl.lit(1.0)
    return pairs.with_columns(engagement(col("recent"), col("o"), col("i")).alias("engagement")).select(
        "subject",
        "address",
        (score(col("engagement"), col("memory"), expectation) + 0.5).floor().alias("strength"),
        "memory",
        "engagement",
        score(one, col("active"), expectation).alias("activity"),
        score(one, col("direct"), expectation).alias("directness"),
        score(one, (col("v_out") * col("v_in")).sqrt(), expectation).alias("mutuality"),
        likelihood(col("decayed"), col("silent")).alias("likelihood"),
        "interactions",
        "emails",
        "meetings",
        "by_us",
        "active_days",
        "first_us",
        "last_us",
    )


def colleagues(inside):
    p = col("participants")
    return (
        inside.select("subject", p)
        .explode("participants")
        .filter(p & 1 == 0)
        .select("subject", (p // 16).alias("address"))
        .unique()
        .group_by("subject")
        .agg(pl.len().alias("colleagues"))
    )


def people(inside):
    p = col("participants")
    # Who is looked at takes part in every touch of theirs.
    return (
        inside.select("subject", p)
        .explode("participants")
        .filter(p & 1 == 1)
        .select("subject", (p // 16).alias("address"))
        .unique()
        .group_by("subject")
        .agg(pl.len().alias("people"))
    )
