"""Figures of the embedded scraper: reading a page of metrics, and a round over a live world.

Run it with ``.venv/bin/python -m tests.bench.scrape``. The peer is the official client's parser
alone, without labels of targets, checks, or anything landing; both take turns in each run.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import requests
from prometheus_client.parser import text_string_to_metric_families

from lab.core.progress import drain
from lab.core.workspace import open_workspace
from lab.data.scrape import scrape_all
from lab.data.scrape_format import parse
from lab.flows.live_config import world_targets
from lab.flows.live_world import start_world, stop_world
from lab.flows.scrape_landing import Landing
from tests.bench.measure import record, row

COMMAND = ".venv/bin/python -m tests.bench.scrape"
RUNS = 9
TEXT = "text/plain; version=0.0.4"


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one run."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def pair(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Medians of both, taken in turns, so that a busy machine slows both alike."""
    taken = [(seconds(ours), seconds(theirs)) for _ in range(RUNS)]
    return statistics.median(t[0] for t in taken), statistics.median(t[1] for t in taken)


def bare(pages: list[str]) -> None:
    """What the official parser takes to read pages."""
    for page in pages:
        for family in text_string_to_metric_families(page):
            len(family.samples)


def main() -> None:
    """Take the figures and write them down."""
    with tempfile.TemporaryDirectory() as folder:
        ws = open_workspace(Path(folder))
        world = drain(start_world(ws, collect=False))
        try:
            targets = world_targets(world, 60)
            pages = [requests.get(target.url, timeout=10).text for target in targets]
            count = sum(len(parse(page.encode(), TEXT)) for page in pages)
            read = pair(lambda: [parse(page.encode(), TEXT) for page in pages], lambda: bare(pages))
            landing = Landing(ws, "bench", "bench")

            def whole() -> None:
                landing.land(scrape_all(targets, time.time_ns() // 10**6))

            landed = pair(whole, lambda: bare(pages))
        finally:
            stop_world(ws)
    peer = "the official parser alone"
    record("Scraping", COMMAND, [
        row(f"read {count:,} samples of 13 pages", read[0], peer, read[1]),
        row(f"ask, read and land {count:,} samples once each", landed[0], peer, landed[1]),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
