"""The metrics lens: what Prometheus would have scraped from the shop, under its usual names."""

from lab.world.lenses.counters import Totals
from lab.world.lenses.metrics_hosts import host_series
from lab.world.lenses.metrics_nodes import node_series, targets
from lab.world.lenses.metrics_shop import shop_series
from lab.world.lenses.samples import Kind, Series
from lab.world.shop.run import ShopRun


def series(run: ShopRun, totals: Totals) -> list[Series]:
    """Return every series of a stretch, in the same order; only builds come and go.

    Args:
        run: What happened.
        totals: Counters so far; they go on, so stretches must come in their order.

    Returns:
        The series; at the end of each minute, as a scrape would see them.
    """
    nodes = targets(run, totals)
    return [*node_series(run, nodes), *shop_series(run, nodes), *host_series(run, totals)]


__all__ = ["Kind", "Series", "Totals", "series"]
