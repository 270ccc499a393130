"""Scrape targets into DuckDB without a Prometheus: a bounded stretch, each sample once."""

import time

from lab.core.errors import BadInput, Unavailable
from lab.core.names import checked_name
from lab.core.progress import Progress, Steps
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.scrape import scrape_all
from lab.data.scrape_config import Target, read_targets
from lab.flows.scrape_landing import Landing, ScrapeSummary, TargetReport

__all__ = ["ScrapeSummary", "TargetReport", "scrape"]

SHORTEST_SECONDS = 0.2
LONGEST_MINUTES = 24 * 60
SLEEP_SECONDS = 0.5


def scrape(
    ws: Workspace,
    targets: list[str],
    dataset: str = "scraped",
    *,
    interval_seconds: float | None = None,
    minutes: float = 1.0,
) -> Steps[ScrapeSummary]:
    """Scrape targets into DuckDB as Prometheus would, for some minutes.

    Samples keep the time their target gives them, get the labels job and instance, and land
    once however often they are met. A target that is down leaves ``up 0`` and a gap.

    Args:
        ws: The workspace.
        targets: Files with Prometheus' own ``scrape_configs`` (``.yml``), or addresses on this
            machine such as ``127.0.0.1:9100``.
        dataset: Data set the samples are added to.
        interval_seconds: Time from one scrape to the next; as the file says when not given.
        minutes: How long; 0 scrapes once.

    Yields:
        Progress.

    Returns:
        The counts, and how each target did.

    Raises:
        BadInput: A target or a number cannot be used.
        NotFound: A file is not there.
        Unavailable: No target ever answered; ``up 0`` has landed nevertheless.
    """
    dataset = checked_name(dataset.strip(), "data set name")
    chosen = read_targets(targets)
    _check(interval_seconds, minutes)
    landing = Landing(ws, dataset, ", ".join(targets))
    yield from _scraped(landing, chosen, interval_seconds, 60 * minutes)
    summary = landing.summary()
    if not any(one.up for one in summary.targets):
        first = summary.targets[0]
        raise Unavailable(f"{first.target} is down: {first.problem}", first.hint)
    return summary


def _scraped(
    landing: Landing, targets: list[Target], interval: float | None, seconds: float
) -> Steps[None]:
    began = time.monotonic()
    due = dict.fromkeys(targets, began)
    while True:
        now = time.monotonic()
        ready = [target for target in targets if due[target] <= now]
        if ready:
            landing.land(scrape_all(ready, time.time_ns() // 1_000_000))
            for target in ready:
                # From when it was due, so that scrapes do not drift; missed ones are left out.
                step = interval or target.interval_seconds
                due[target] += step * max(1, -(-(time.monotonic() - due[target]) // step))
        spent = time.monotonic() - began
        yield Progress(min(spent, seconds), seconds, f"{grouped(landing.loaded)} samples landed")
        if min(due.values()) - began > seconds:
            return
        time.sleep(max(0.0, min(SLEEP_SECONDS, min(due.values()) - time.monotonic())))


def _check(interval_seconds: float | None, minutes: float) -> None:
    if interval_seconds is not None and not interval_seconds >= SHORTEST_SECONDS:
        raise BadInput(
            f"Scraping every {interval_seconds} s is too often.",
            f"Use {SHORTEST_SECONDS} or more seconds.",
        )
    if not 0 <= minutes <= LONGEST_MINUTES:
        raise BadInput(f"{minutes} minutes cannot be scraped.", "Use 0 to 1440 minutes.")
