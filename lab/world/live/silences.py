"""Silences, as Alertmanager has them: what they cover is held back, not forgotten."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from lab.world.live.cures import SHOP
from lab.world.live.stream import Event

LASTS = timedelta(hours=1)


class Silences:
    """Which alerts are not told for a while."""

    def __init__(self) -> None:
        """Begin without any."""
        self._since: dict[str, datetime] = {}
        self._held: dict[str, Event] = {}

    def add(self, target: str, since: datetime) -> None:
        """Silence a node, a host or the whole shop for an hour.

        Args:
            target: Whom alerts are about.
            since: When it begins, UTC.
        """
        self._since[target] = since

    def told(self, alerts: Iterable[Event], now: datetime) -> list[Event]:
        """Take the alerts that come, and give those that are told.

        What begins and ends under a silence is never told; what goes on, or ended meanwhile, is
        told when the silence is over.

        Args:
            alerts: Rows of table ``alerts`` as plain values, in order of time.
            now: Until when they came, UTC.

        Returns:
            Rows in order of time.
        """
        found = []
        for alert in alerts:
            since = self._over(alert)
            self._held.pop(alert["fingerprint"], None)
            if since is None or not since <= _moment(alert, "received_at") < since + LASTS:
                found.append(alert)
            elif alert["status"] == "firing" or _moment(alert, "starts_at") < since:
                self._held[alert["fingerprint"]] = alert
        for name, alert in list(self._held.items()):
            since = self._over(alert)
            if since is not None and since + LASTS <= now:
                found.append({**alert, "received_at": (since + LASTS).isoformat()})
                del self._held[name]
        return sorted(found, key=lambda alert: _moment(alert, "received_at"))

    def _over(self, alert: Event) -> datetime | None:
        """Since when an alert is silenced, by the newest silence; None where it never was."""
        about = (SHOP, alert["service"], alert["instance"])
        return max((self._since[name] for name in about if name in self._since), default=None)


def _moment(alert: Event, column: str) -> datetime:
    return datetime.fromisoformat(alert[column])
