"""How a figure is taken: several runs, the median, beside a named peer in the same run."""

import platform
import statistics
from collections.abc import Callable
from pathlib import Path

import psutil

HEAD = "| what | ours | peer | peer's | ratio |\n|---|---|---|---|---|"
RESULTS = Path(__file__).parent / "RESULTS.md"


def median_of(measure: Callable[[], float], runs: int = 5) -> float:
    """The median of several runs of a measurement."""
    return statistics.median(measure() for _ in range(runs))


def row(what: str, ours: float, peer: str, theirs: float, unit: str = "s") -> str:
    """One line of a table of results: our figure, the peer's, and the ratio."""
    return f"| {what} | {ours:.3g} {unit} | {peer} | {theirs:.3g} {unit} | {ours / theirs:.2f} |"


def record(section: str, command: str, rows: list[str], head: str = HEAD) -> None:
    """Replace one section of RESULTS.md with fresh figures and the command that makes them."""
    memory = psutil.virtual_memory().total / 1e9
    machine = f"{psutil.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}"
    body = f"## {section}\n\n`{command}` on {machine}, {platform.system()}\n\n{head}\n"
    body += "\n".join(rows) + "\n"
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Measured figures\n"
    parts = text.split("\n## ")
    kept = [part for part in parts[1:] if part.splitlines()[0] != section]
    sections = sorted([*("## " + part.strip() + "\n" for part in kept), body])
    RESULTS.write_text(parts[0].strip() + "\n\n" + "\n".join(sections), encoding="utf-8")
    print(body)
