"""The trace lens: sampled requests as spans, as a tracing backend would keep them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.world.lenses.dice import Dice, hexadecimal
from lab.world.lenses.named import named
from lab.world.lenses.traces_timing import Timing, timing
from lab.world.lenses.traces_tree import NOBODY, TRACES, Rows, Tree, tree
from lab.world.shop.run import ShopRun
from lab.world.shop.topology import CALLS, NODE_AT, NODE_NAMES

HOME, SEARCH, PRODUCT, CART, CHECKOUT = range(5)
PAGES = ("GET /", "GET /search", "GET /product/{id}", "POST /cart", "POST /checkout")
# What a node does for each page; one that is not named does the first.
OPERATIONS: dict[str, tuple[str, ...]] = {
    "edge": PAGES,
    "web": PAGES,
    "catalogue": ("GET /featured", "GET /products", "GET /products/{id}", "GET /products/{id}",
                  "GET /products/{id}"),
    "cart": ("GET /carts/{id}", "GET /carts/{id}", "GET /carts/{id}", "PUT /carts/{id}",
             "POST /carts/{id}/checkout"),
    "payment": ("POST /payments",) * 5,
    "recommendation": ("GET /recommendations",) * 5,
    "database": ("SELECT",) * 5,
    "cache": ("GET",) * 5,
    "queue": ("publish",) * 5,
}  # fmt: skip


@dataclass(frozen=True)
class Traced:
    """Spans with their times and what their trace was about.

    Attributes:
        tree: Who called whom.
        timing: When, and for how long.
        page: For each span, what the customer asked for: a place in ``PAGES``.
    """

    tree: Tree
    timing: Timing
    page: Rows

    def trace_ids(self, dice: Dice) -> list[str]:
        """32 hexadecimal digits for each trace of the stretch, by its number."""
        roots = self.tree.bits[self.tree.parent == NOBODY]
        low = hexadecimal(dice.bits("trace", roots))
        return [a + b for a, b in zip(hexadecimal(roots), low, strict=True)]


def traced(run: ShopRun) -> Traced:
    """Trace a run: its spans before they are written down as rows."""
    found = tree(run)
    return Traced(found, timing(run, found), _pages(run, found))


def spans(run: ShopRun) -> pd.DataFrame:
    """Return the sampled spans of a run.

    Args:
        run: What happened.

    Returns:
        One row a span, trace by trace: ``trace_id``, ``span_id``, ``parent_id`` (empty for the
        first of a trace), ``service``, ``operation``, ``start`` (UTC), ``duration_ms``,
        ``status`` (``ok`` or ``error``) and ``weight`` (requests the trace stands for).

    >>> from lab.world.shop.simulate import simulate
    >>> rows = spans(simulate(7, "2026-03-02T10:00Z", 2))
    >>> bool((rows.groupby("trace_id")["parent_id"].agg(lambda ids: ids.isna().sum()) == 1).all())
    True
    """
    return span_rows(run, traced(run))


def span_rows(run: ShopRun, found: Traced) -> pd.DataFrame:
    """Write spans down as rows; see ``spans``."""
    spans, times = found.tree, found.timing
    order = np.lexsort((spans.place, times.start, spans.trace))
    ids = np.asarray(hexadecimal(spans.bits), dtype=object)
    parents = ids[spans.parent]
    parents[spans.parent == NOBODY] = None
    traces = np.asarray(found.trace_ids(Dice(run.seed, TRACES)), dtype=object)
    frame = pd.DataFrame(
        {
            "trace_id": traces[spans.trace],
            "span_id": ids,
            "parent_id": parents,
            "service": named(_servers(spans), NODE_NAMES),
            "operation": _operations(found),
            "start": pd.DatetimeIndex(times.start.view("datetime64[us]"), tz="UTC"),
            "duration_ms": np.round(times.seconds * 1000, 3),
            "status": named(spans.failed.astype(np.int64), ("ok", "error")),
            "weight": np.round(spans.weight, 3),
        },
        copy=False,
    )
    return frame.iloc[order].reset_index(drop=True)


def _pages(run: ShopRun, spans: Tree) -> Rows:
    """What each customer asked for, by what their request set off."""
    traces = int(spans.trace.max()) + 1 if len(spans.trace) else 0

    def reached(node: str) -> Rows:
        at = spans.node == NODE_AT[node]
        return np.bincount(spans.trace[at], minlength=traces)

    search = Dice(run.seed, TRACES).uniform("page", spans.bits[spans.parent == NOBODY]) < 0.3
    page = np.where(reached("catalogue") > 0, np.where(search, SEARCH, PRODUCT), HOME)
    page = np.where(reached("cart") > 0, CART, page)
    page = np.where(reached("payment") > 0, CHECKOUT, page)
    return np.asarray(page[spans.trace], dtype=np.int64)


def _servers(spans: Tree) -> Rows:
    """Nodes that report the spans: a call that never got through is known to its caller alone."""
    callers = np.array([0, *(NODE_AT[call.caller] for call in CALLS)])[spans.edge + 1]
    return np.where(spans.seen, spans.node, callers)


def _operations(found: Traced) -> "pd.Categorical[str]":
    served = sorted({name for names in OPERATIONS.values() for name in names})
    names = [*served, *(f"call {name}" for name in NODE_NAMES)]
    of = np.array([[served.index(name) for name in OPERATIONS[node]] for node in NODE_NAMES])
    codes = of[found.tree.node, found.page]
    codes = np.where(found.tree.seen, codes, len(served) + found.tree.node)
    return named(codes, names)
