"""A shop that goes on for as long as it is asked to, and remembers its newest hours.

It knows no clock: whoever drives it says until when. Memory is bounded, however long it runs,
and every method may be called from any thread.
"""

import threading
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from lab.core.errors import NotFound, Unavailable, unknown
from lab.world.faults.fault import Incident
from lab.world.lenses.tables import Lens
from lab.world.live.cures import Operated, Order, Orders, cures
from lab.world.live.events import events
from lab.world.live.exposition import Pages
from lab.world.live.minutes import TARGETS, Minute, Telemetry
from lab.world.live.signals import Signals
from lab.world.live.silences import Silences
from lab.world.live.stream import Batch, Event, Stream
from lab.world.live.struck import Struck
from lab.world.shop.simulate import Shop

MINUTE = timedelta(minutes=1)
MOST_AT_ONCE = 60
KEPT_PAGES = 60
KEPT_MINUTES = 24 * 60
STREAMS = ("logs", "alerts", "changes")
KEPT_EVENTS = 20_000
KEPT_OPERATED = 100
WARM_UP_MINUTES = 60


class LiveShop:
    """The shop of one live world.

    Args:
        seed: World seed, 0 or more.
        start: First minute, UTC; the hour after it is lived at once, so that what is usual is
            known.
        lenses: What looks at it besides the metrics.
    """

    def __init__(self, seed: int, start: datetime, lenses: Sequence[Lens] = ()) -> None:
        """Open the shop and live through its first hour."""
        self.seed, self.next = seed, start.replace(second=0, microsecond=0)
        self._shop, self._orders = Shop(seed, self.next), Orders()
        self._telemetry, self._lenses = Telemetry(), tuple(lenses)
        self._lock = threading.RLock()
        self._pages = {target: Pages(KEPT_PAGES) for target in TARGETS}
        self._minutes: deque[Minute] = deque(maxlen=KEPT_MINUTES)
        self._streams = {name: Stream(KEPT_EVENTS) for name in STREAMS}
        self._operated: deque[Operated] = deque(maxlen=KEPT_OPERATED)
        self._silences = Silences()
        self._usual: dict[str, float] = {}
        self._struck = Struck()
        self.advance(self.next + WARM_UP_MINUTES * MINUTE)
        self._usual = {name: median(one.latency_ms for one in minutes)
                       for name, minutes in self._by_node().items()}  # fmt: skip

    def advance(self, until: datetime) -> int:
        """Live on until a moment, an hour at most.

        Args:
            until: World time, UTC; a minute that has not ended then is not lived yet.

        Returns:
            How many minutes were lived.
        """
        with self._lock:
            due = min(MOST_AT_ONCE, (until - self.next) // MINUTE)
            if due < 1:
                return 0
            run = self._shop.advance(due, self._struck.all, self._orders.next)
            self._orders = self._orders.carried_out()
            for minute in self._telemetry.minutes(run, self._usual):
                self._minutes.append(minute)
                for target, points in minute.pages.items():
                    self._pages[target].add(round(minute.time.timestamp() * 1000), points)
            self.next += due * MINUTE
            found = events(self._lenses, run)
            found["alerts"] = self._silences.told(found.get("alerts", ()), self.next)
            for name, rows in found.items():
                self._streams.setdefault(name, Stream(KEPT_EVENTS)).add(rows)
            return due

    def page(self, target: str, minutes: int = 1) -> str:
        """What a target shows to a scraper.

        Args:
            target: Service, store or host.
            minutes: How many of the newest minutes, 1 to 60.

        Raises:
            NotFound: There is no such target.
            Unavailable: It cannot be scraped at this moment.
        """
        if target not in self._pages:
            raise unknown("target", target, self._pages)
        with self._lock:
            if target not in self._minutes[-1].pages:
                raise Unavailable(f"{target} shows no metrics.", "Find out why.")
            return self._pages[target].text(min(max(1, minutes), KEPT_PAGES))

    def minutes(self, count: int) -> tuple[Minute, ...]:
        """The newest minutes, oldest first; at least one."""
        with self._lock:
            return tuple(self._minutes)[-max(1, count) :]

    def events(self, name: str, cursor: int = 0, most: int = 1000) -> Batch:
        """Events of one kind after a cursor; see ``Stream.after``.

        Args:
            name: Table they belong to, such as ``logs``, ``alerts`` or ``changes``.
            cursor: Number of the last event that was read; 0 at first.
            most: Most events to return, 1 or more.

        Raises:
            NotFound: There is no such kind.
        """
        if name not in self._streams:
            raise unknown("kind of events", name, self._streams)
        with self._lock:
            return self._streams[name].after(cursor, most)

    def newest(self, name: str, count: int) -> tuple[Event, ...]:
        """The newest events of one kind, newest first."""
        with self._lock:
            return self._streams[name].newest(count)

    @property
    def operated(self) -> tuple[Operated, ...]:
        """What the operator did, newest first."""
        with self._lock:
            return tuple(reversed(self._operated))

    @property
    def streams(self) -> tuple[str, ...]:
        """The kinds of events there are."""
        return tuple(self._streams)

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """What struck, newest first: the truth."""
        with self._lock:
            return self._struck.all[::-1]

    @property
    def running(self) -> tuple[Incident, ...]:
        """What strikes at this moment, newest first."""
        with self._lock:
            return self._struck.running(self.next)

    def inject(
        self, kind: str, target: str = "", severity: float = 0.7, minutes: int | None = None
    ) -> Incident:
        """Let a fault strike from the next minute on.

        Args:
            kind: Name of the fault.
            target: One of its targets; the usual one when empty.
            severity: 0 (nothing happens) to 1.
            minutes: How long; until it is put right when not given.

        Raises:
            NotFound: There is no such fault, or it cannot strike there.
            BadInput: The severity or duration is out of range, or it shows in business data alone.
        """
        with self._lock:
            return self._struck.strike(kind, target, severity, minutes, self.next)

    def recover(self, incident_id: str) -> Incident:
        """End an incident with the next minute.

        Raises:
            NotFound: No incident of that id goes on.
        """
        with self._lock:
            ended = self._struck.end(self.next, lambda one: one.incident_id == incident_id)
            if not ended:
                raise NotFound(
                    f"No incident {incident_id!r} goes on.", "List them: world incidents."
                )
            return ended[0]

    def operate(
        self, order: Order, target: str, amount: float | None = None
    ) -> tuple[Incident, ...]:
        """Do what an operator can do; it takes effect with the next minute.

        Args:
            order: What to do.
            target: A node, a host or the shop.
            amount: Replicas for ``scale``, a factor for ``set_traffic``.

        Returns:
            The incidents that this puts right: the truth, not for learners.

        Raises:
            NotFound: There is no such target.
            BadInput: The amount is out of range.
        """
        with self._lock:
            self._orders = self._orders.given(order, target, amount)
            self._operated.append(Operated(self.next, order, target, amount))
            if order == "silence":
                self._silences.add(target, self.next)
            return self._struck.end(self.next, lambda one: cures(order, target, amount, one))

    def _by_node(self) -> dict[str, list[Signals]]:
        found: dict[str, list[Signals]] = {}
        for minute in self._minutes:
            for one in minute.nodes:
                found.setdefault(one.name, []).append(one)
        return found
