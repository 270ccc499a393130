"""Pollock and csv-spectrum, read without hints: ours beside DuckDB and pandas in the same run.

``LAB_BENCH_DATA=FOLDER python -m tests.bench.pollock`` writes its rows to RESULTS.md.
"""

import csv
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lab.core.workspace import open_workspace
from lab.flows.read import read
from tests.bench.measure import record
from tests.bench.pollock_score import FAILED, Score, rows_of, same_content, score, weighted

SETS = ("polluted", "survey")
ABOUT = """
Scores are Pollock's own (0 to 10), on the open part of the benchmark: 95 polluted files, 25 real
ones. "Right" means that every cell is, once normalised; "named" that the report has a repair or a
doubt; "silently wrong" is neither. CleverCSV 0.7.4 has 8.558 on these real files (published,
restated on this part). The scorer gives both peers what others measured of them on the polluted
files, 9.914 and 9.612."""
Loader = Callable[[Path], bytes]


@dataclass(frozen=True)
class Outcome:
    """How one file went.

    Args:
        name: The file.
        score: Its score.
        right: Whether every cell is right once normalised.
        named: Whether the report names a doubt or a repair.
    """

    name: str
    score: Score
    right: bool
    named: bool


def data() -> Path:
    """The folder with the benchmark."""
    return Path(os.environ["LAB_BENCH_DATA"]) / "pollock"


def clean_rows(part: str, name: str) -> list[list[str]]:
    """The true table of a file."""
    return rows_of((data() / part / "clean" / name).read_bytes())


def ours(part: str, folder: Path) -> Iterator[Outcome]:
    """Read a part of the benchmark with the one command."""
    files = sorted((data() / part / "csv").iterdir())
    report = read(open_workspace(folder / "ws"), list(map(str, files)), out_dir=str(folder))
    for file, told in zip(files, report.files, strict=True):
        truth = clean_rows(part, file.name)
        given = rows_of((folder / file.name).read_bytes()) if told.ok else []
        result = score(truth, given) if told.ok else FAILED
        named = bool(told.uncertain or told.repaired or told.rejected or not told.ok)
        yield Outcome(file.name, result, told.ok and same_content(truth, given), named)


def theirs(part: str, loader: Loader) -> dict[str, float]:
    """Read a part of the benchmark with another loader."""
    totals = {}
    for file in sorted((data() / part / "csv").iterdir()):
        try:
            totals[file.name] = score(clean_rows(part, file.name), rows_of(loader(file))).total
        except Exception:  # noqa: BLE001  # a peer that breaks on a file scores nothing for it
            totals[file.name] = FAILED.total
    return totals


def pandas_loader(path: Path) -> bytes:
    """The pandas sniffer, everything as text."""
    import pandas as pd

    frame = pd.read_csv(path, sep=None, engine="python", on_bad_lines="skip", dtype="str")
    return frame.to_csv(index=False).encode()


def duckdb_loader(path: Path) -> bytes:
    """The DuckDB sniffer, everything as text."""
    import duckdb

    options = "parallel=false, all_varchar=true, strict_mode=false, null_padding=true"
    found = duckdb.connect().execute(f"FROM read_csv(?, {options})", [str(path)])
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow([column[0] for column in found.description or ()])
    writer.writerows(found.fetchall())
    return target.getvalue().encode()


def mean(values: list[float]) -> float:
    """Their mean."""
    return sum(values) / len(values)


def figures(part: str) -> Iterator[str]:
    """Lines of a table for one part."""
    weights = json.loads((data() / "polluted" / "weights.json").read_text())
    with tempfile.TemporaryDirectory() as folder:
        found = list(ours(part, Path(folder)))
    totals = {one.name: one.score.total for one in found}
    right = sum(one.right for one in found)
    wrong = [one.name for one in found if not one.right and not one.named]
    loaders = {"`python -m lab read`": totals,
               "pandas `sep=None`": theirs(part, pandas_loader),
               "DuckDB auto": theirs(part, duckdb_loader)}  # fmt: skip
    for name, given in loaders.items():
        heavy = f"{weighted(given, weights):.3f}" if part == "polluted" else ""
        simple = f"{mean(list(given.values())):.3f}"
        counts = ("", "", "")
        if given is totals:
            counts = (f"{right} of {len(found)}", str(sum(o.named for o in found)), str(len(wrong)))
        yield f"| {part} | {name} | {simple} | {heavy} | {' | '.join(counts)} |"
    for one in found:
        if "-v" in sys.argv and one.score.total < 9.99:
            print(f"{one.score.total:6.3f} right={one.right} named={one.named} {one.name}")
    print("silently wrong:", wrong)


def main() -> None:
    """Measure and record."""
    head = "| set | loader | simple | weighted | right | named | silently wrong |\n" + "|---" * 7
    rows = [line for part in SETS for line in figures(part)]
    record("Reading without hints", "LAB_BENCH_DATA=… python -m tests.bench.pollock",
           [*rows, ABOUT], head + "|")  # fmt: skip


if __name__ == "__main__":
    main()
