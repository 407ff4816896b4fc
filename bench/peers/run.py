"""Runs the peers on a folder of touches, each in a process of its own, checks that they answer what Rapport does, and prints ratios.

    run.py --ours FOLDER [--runs 5] [--cores N] [--engines duckdb,polars,chdb] [--json FILE]
    run.py --data FOLDER ...

FOLDER of --ours is `answers` in the folder of `rapport bench --keep`: `world.json` (where the touches are, moment, window, our seconds and
megabytes), `kpis.csv` and `ties.csv`. With --data instead, any folder of Parquet files of touches, peers are checked against the first of them.
"""

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ENGINES = ["duckdb", "polars", "chdb"]
# 2026-06-30T12:00:00Z and the 1 January of the year before: where the generated worlds end, and the default window.
AS_OF_US, WINDOW_START_US = 1_782_820_800_000_000, 1_735_689_600_000_000
# Floating point sums run in another order than ours.
TOLERANCE = 1e-9
# Shares of rows whose rounded figure may differ by one, where the exact one lies at a half.
HALVES = 1e-4


def main():
    arguments = parsed()
    if arguments.child:
        return child(arguments)
    world = dict(as_of_us=AS_OF_US, window_start_us=WINDOW_START_US)
    if arguments.ours:
        world |= json.loads((Path(arguments.ours) / "world.json").read_text())
        arguments.data = arguments.data or world["data"]
    elif not arguments.data:
        sys.exit("error: name the folder of touches by --data, or that of Rapport's answers by --ours")
    answers, figures = {}, []
    with tempfile.TemporaryDirectory() as scratch:
        for engine in arguments.engines.split(","):
            figures.append(measured(arguments, world, engine, scratch))
            answers[engine] = canonical(Path(scratch) / engine)
        reference = ("rapport", expected(Path(arguments.ours))) if arguments.ours else next(iter(answers.items()))
        faults = [fault for engine, answer in answers.items() for fault in compared(reference, engine, answer)]
    told(figures, world, arguments)
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    return 1 if faults else 0


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of Parquet files of touches")
    parser.add_argument("--ours", help="folder of what Rapport answered")
    parser.add_argument("--runs", type=int, default=5, help="runs of each engine; the median counts")
    parser.add_argument("--cores", type=int, default=os.cpu_count(), help="threads that an engine may use")
    parser.add_argument("--engines", default=",".join(ENGINES), help="which, separated by commas")
    parser.add_argument("--json", help="file to write the figures to")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--answers", help=argparse.SUPPRESS)
    parser.add_argument("--as-of-us", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--window-start-us", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def measured(arguments, world, engine, scratch):
    """One engine in a process of its own, so that its peak memory is its own."""
    command = [sys.executable, __file__, "--child", engine, "--answers", str(Path(scratch) / engine)]
    command += ["--data", os.path.abspath(arguments.data), "--runs", str(arguments.runs), "--cores", str(arguments.cores)]
    command += ["--as-of-us", str(world["as_of_us"]), "--window-start-us", str(world["window_start_us"])]
    environment = os.environ | {"POLARS_MAX_THREADS": str(arguments.cores)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def child(arguments):
    module = importlib.import_module(f"engine_{arguments.child}")
    engine = module.Engine(arguments.cores)
    seconds = []
    for _ in range(arguments.runs):
        started = time.monotonic()
        engine.fold(arguments.data, arguments.as_of_us, arguments.window_start_us)
        seconds.append(time.monotonic() - started)
    peak_mb = peak_kb() / 1024
    # What follows is not measured: it tells what was answered.
    import pyarrow.parquet

    answers = Path(arguments.answers)
    answers.mkdir()
    for name in engine.tables_named:
        pyarrow.parquet.write_table(engine.table(name), answers / f"{name}.parquet")
    figure = dict(engine=arguments.child, version=engine.version, median_s=statistics.median(seconds), seconds=seconds, peak_mb=peak_mb)
    print(json.dumps(figure))
    return 0


def peak_kb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


INTEGERS = """emails_sent emails_received meetings_sent meetings_received phone_calls_made phone_calls_received colleagues people
    last_us next_us n_us unanswered_us n_them unanswered_them active_days""".split()
REALS = """us_min them_min mean_us p50_us p90_us rate_us mean_them p50_them p90_them rate_them memory expectation engagement
    likelihood""".split()
TIE_INTEGERS = "interactions emails meetings by_us active_days first_us last_us".split()
TIE_REALS = "memory engagement activity directness mutuality likelihood".split()


def canonical(folder):
    """The tables of one engine as two: `kpis`, a row a subject, and `ties`, a row a pair."""
    import polars as pl

    tables = {path.stem: pl.read_parquet(path) for path in folder.iterdir()}
    kpis = tables["counts"]
    replies = tables["replies"]
    if "by_them" in replies.columns:
        # One row a side: a turn of theirs is what we answer.
        columns = dict(n="n", mean_h="mean", p50_h="p50", p90_h="p90", unanswered="unanswered", rate="rate")
        sides = [
            replies.filter(pl.col("by_them") == is_ours).select(
                "subject", *(pl.col(name).alias(f"{short}_{side}") for name, short in columns.items())
            )
            for is_ours, side in [(False, "us"), (True, "them")]
        ]
        replies = sides[0].join(sides[1], on="subject", how="full", coalesce=True)
    for other in [tables.get("last_next"), replies, tables["health"], tables.get("colleagues"), tables.get("people")]:
        if other is not None:
            kpis = kpis.join(other, on="subject", how="full", coalesce=True)
    return tidied(kpis, ["subject"], INTEGERS, [*REALS, "score"]), tidied(
        tables["ties"], ["subject", "address"], TIE_INTEGERS, [*TIE_REALS, "strength"]
    )


def expected(folder):
    """What Rapport answered."""
    import polars as pl

    kpis = pl.read_csv(folder / "kpis.csv", infer_schema_length=None)
    ties = pl.read_csv(folder / "ties.csv", infer_schema_length=None)
    return tidied(kpis, ["subject"], INTEGERS, [*REALS, "score"]), tidied(
        ties, ["subject", "address"], TIE_INTEGERS, [*TIE_REALS, "strength"]
    )


def tidied(frame, keys, integers, reals):
    """Same columns and types for all; what is not known is null in one, zero or not a number in another: zero here."""
    import polars as pl

    return frame.select(
        *(pl.col(name).cast(pl.Int64) for name in keys),
        *(pl.col(name).cast(pl.Int64).fill_null(0) for name in integers),
        *(pl.col(name).cast(pl.Float64).fill_nan(None).fill_null(0) for name in reals),
    )


def compared(reference, engine, answer):
    """Whatever differs, in words."""
    import polars as pl

    name, of_reference = reference
    for what, ours, theirs in zip(["kpis", "ties"], of_reference, answer, strict=True):
        keys = ["subject"] if what == "kpis" else ["subject", "address"]
        columns = [column for column in ours.columns if column not in keys]
        # A subject with nothing but zeros stands in one table and not in the other.
        both = ours.join(theirs, on=keys, how="full", coalesce=True, suffix="_theirs").fill_null(0)
        for column in columns:
            a, b = pl.col(column), pl.col(f"{column}_theirs")
            if column in ("score", "strength"):
                off = both.select(((a - b).abs() > 1).sum().alias("more"), ((a - b).abs() == 1).sum().alias("one")).row(0)
                wrong = off[0] if off[1] <= HALVES * len(both) + 1 else sum(off)
            else:
                wrong = both.select(((a - b).abs() > TOLERANCE * pl.max_horizontal(a.abs(), b.abs(), 1)).sum()).item()
            if wrong:
                yield f"{engine}: `{column}` of {wrong} of {len(both)} {what} differs from {name}"
        print(f"{engine}: {len(both):,} {what} compared with {name}", file=sys.stderr)


def told(figures, world, arguments):
    ours_s = world.get("median_s")
    lines = [("engine", "version", "median s", "peak MB", "ratio to Rapport")]
    if ours_s:
        lines.append(("rapport", "", f"{ours_s:.2f}", f"{world.get('peak_mb', 0):.0f}", "1.0"))
    for figure in figures:
        figure["ratio"] = figure["median_s"] / ours_s if ours_s else None
        ratio = f"{figure['ratio']:.1f}" if ours_s else ""
        lines.append((figure["engine"], figure["version"], f"{figure['median_s']:.2f}", f"{figure['peak_mb']:.0f}", ratio))
    widths = [max(len(line[i]) for line in lines) for i in range(5)]
    for line in lines:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(dict(rapport=world, peers=figures), indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
