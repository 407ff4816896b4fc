#!/usr/bin/env python3
"""Holds the models against what happened next, on public sets of real mail: one Markdown table.

    RAPPORT_BIN=target/release/rapport python3 bench/models/compare.py [--data ../shared/data]

Each set becomes a store of its own, with an artificial border between us and them: every second person is a colleague (once the one half, once
the other), or the set's own core is. `rapport evaluate` then asks its past at eleven moments, from 40 % to 90 % of the span: with two, chance
decides between models that are near each other. Needs nothing but Python.
"""

import argparse
import csv
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

COLUMNS = ["occurred_at", "kind", "from", "to"]


def address(person, ours):
    return f"{person}@{'us' if ours else 'them'}.example"


def every_second(people, half):
    """Every second person, in the order of their names."""
    return {person for number, person in enumerate(sorted(people)) if number % 2 == half}


def write(path, messages, ours, kind="email"):
    """Messages as (moment, sender, recipients)."""
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for at, sender, recipients in messages:
            to = ";".join(address(person, person in ours) for person in recipients)
            rows.writerow([at, kind, address(sender, sender in ours), to])


def edges(path):
    """The rows of an edge list, those of one message together."""
    messages = {}
    with open(path) as file:
        for row in csv.DictReader(file, delimiter="\t"):
            at, _, recipients = messages.setdefault((row["msg"], row["src"]), (row["t"], row["src"], []))
            recipients.append(row["dst"])
    return list(messages.values())


def people_of(messages):
    return {person for _, sender, recipients in messages for person in [sender, *recipients]}


def from_edges(folder, path, half):
    messages = edges(folder / "edges.tsv")
    write(path, messages, every_second(people_of(messages), half))


def from_core(folder, path, _half):
    """Undirected: nobody knows who wrote, so a contact counts for both sides, as a meeting does."""
    core = set((folder.parent / f"core-email-Enron-{folder.name}.txt").read_text().split())
    pairs = []
    for at, one, others in edges(folder / "edges.tsv"):
        for other in others:
            ours, theirs = (one, other) if one in core else (other, one)
            pairs.append((at, ours, [theirs]))
    write(path, pairs, core, kind="meeting")


def from_job_titles(folder, path, half):
    with open(folder / "enron_full.csv", newline="", encoding="utf-8", errors="replace") as file:
        messages = [(f"{row['date']}T12:00:00Z", row["fromId"], [row["toId"]]) for row in csv.DictReader(file)]
    write(path, messages, every_second(people_of(messages), half))


# Name, folder, how its interactions are read, and the halves that are colleagues.
SETS = [
    ("Enron, 156 employees", "enron-zhou156", from_edges, [0, 1]),
    ("Enron, 184 people", "enron-igraph184", from_edges, [0, 1]),
    ("Enron, job titles", "enron-jobtitle-sentiment", from_job_titles, [0, 1]),
    ("Enron, core and fringe", "enron-core-fringe/1", from_core, [0]),
    ("CollegeMsg", "collegemsg", from_edges, [0, 1]),
    ("r-package-devel, replies", "rlist-replies-r-package-devel", from_edges, [0, 1]),
]
MODELS = ["v1", "v2"]
# Percent of the span.
MOMENTS = range(40, 91, 5)
# Cases below which a set says nothing.
FIRM = 200
BASELINES = ["days_since_last", "messages", "decayed_count", "interactions_rank", "bgnbd_alive", "bgnbd_expected"]


def run(rapport, data, *arguments):
    done = subprocess.run([rapport, "--data", str(data), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"rapport {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def evaluated(rapport, folder, make, half, models):
    """The report of each model on one set."""
    with tempfile.TemporaryDirectory() as scratch:
        data, file, user_file = (pathlib.Path(scratch) / name for name in ["data", "interactions.csv", "users.csv"])
        make(folder, file, half)
        with open(file, newline="") as rows:
            people = {person for row in csv.DictReader(rows) for person in [row["from"], *row["to"].split(";")]}
        users = sorted(person for person in people if person.endswith("@us.example"))
        user_file.write_text("email,name\n" + "".join(f"{user},{user}\n" for user in users))
        run(rapport, data, "init", "--internal-domain", "us.example")
        run(rapport, data, "import", "users", str(user_file))
        run(rapport, data, "import", "interactions", str(file), "--consent", "public data")
        span = json.loads(run(rapport, data, "evaluate", "--json"))["span"]
        first, last = (datetime.date.fromisoformat(span[end]) for end in ["from", "to"])
        at = [(first + (last - first) * percent / 100).isoformat() + "T00:00:00Z" for percent in MOMENTS]
        named = [argument for moment in at for argument in ["--at", moment]]
        return {model: json.loads(run(rapport, data, "evaluate", "--json", "--model", model, *named)) for model in models}


def value(part, name, figure):
    for measure in part["measures"]:
        if measure["name"] == name and measure[figure]:
            return measure[figure]["value"]
    return None


def cells(reports):
    """One set's figures by column; survival is that of pairs."""
    v1, v2 = (reports[model] for model in MODELS)
    pairs, ranks = v2["pairs"], v2["who_knows_whom"]
    survival = {
        "likelihood": value(pairs, "likelihood_30d", "roc_auc"),
        "score v1": value(v1["pairs"], "score", "roc_auc"),
        "score v2": value(pairs, "score", "roc_auc"),
        "strength v1": value(v1["pairs"], "strength", "roc_auc"),
        "strength v2": value(pairs, "strength", "roc_auc"),
        **{name: value(pairs, name, "roc_auc") for name in BASELINES},
        "Brier": value(pairs, "likelihood_30d", "brier"),
        "Brier, calibrated": value(pairs, "likelihood_calibrated", "brier"),
    }
    ranking = {
        "strength v1": value(v1["who_knows_whom"], "strength", "mrr"),
        "strength v2": value(ranks, "strength", "mrr"),
        "likelihood": value(ranks, "likelihood_30d", "mrr"),
        **{name: value(ranks, name, "mrr") for name in BASELINES},
    }
    return (pairs["cases"], survival), (ranks["people"], ranking)


def table(title, count, rows):
    columns = list(rows[0][1][1])
    lines = [f"**{title}**", "", f"| set | {count} | " + " | ".join(columns) + " |", "| --- | ---: |" + " ---: |" * len(columns)]
    shown = lambda number: "-" if number is None else f"{number:.3f}"
    for name, (cases, figures) in rows:
        lines.append(f"| {name} | {cases} | " + " | ".join(shown(figures[column]) for column in columns) + " |")
    firm = [figures for _, (cases, figures) in rows if cases >= FIRM]
    means = []
    for column in columns:
        known = [figures[column] for figures in firm if figures[column] is not None]
        means.append(sum(known) / len(known) if known else None)
    lines.append(f"| mean of those with {FIRM} and more | | " + " | ".join(shown(number) for number in means) + " |")
    return "\n".join(lines)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", default=os.environ.get("RAPPORT_TEST_DATA", "../shared/data"))
    given = arguments.parse_args()
    rapport = os.environ.get("RAPPORT_BIN", "rapport")
    survival, ranking = [], []
    for name, folder, make, halves in SETS:
        folder = pathlib.Path(given.data) / folder
        if not folder.is_dir():
            print(f"absent: {name} ({folder})", file=sys.stderr)
            continue
        for half in halves:
            of_survival, of_ranking = cells(evaluated(rapport, folder, make, half, MODELS))
            label = f"{name}, {['first', 'second'][half]} half" if len(halves) > 1 else name
            survival.append((label, of_survival))
            ranking.append((label, of_ranking))
    if not survival:
        sys.exit(f"none of the sets is in {given.data}: name their folder with --data or RAPPORT_TEST_DATA")
    print(table("Survival of pairs within 30 days: ROC-AUC, Brier", "cases", survival))
    print()
    print(table("Who knows whom: MRR", "people", ranking))


if __name__ == "__main__":
    main()
