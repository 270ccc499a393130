"""Sends the alerts of a live world to a receiver, as Alertmanager would."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lab.core.errors import BadInput
from lab.data.scrape_config import on_this_machine
from lab.world.lenses.webhook import webhook

if TYPE_CHECKING:
    from lab.flows.live_runner import Runner

LOG = logging.getLogger("lab.live")
LOOK_SECONDS = 0.5
SEND_SECONDS = 5.0
MOST_AT_ONCE = 200


def checked_receiver(url: str) -> str:
    """Return an address alerts may be sent to: one on this machine.

    Raises:
        BadInput: It is no address, or not on this machine.
    """
    if not on_this_machine(url):
        raise BadInput(
            f"Alerts cannot be sent to {url!r}.",
            "Name a receiver on this machine, such as http://127.0.0.1:9099/alerts.",
        )
    return url


def send_until(runner: "Runner", receiver: str) -> None:
    """Send each alert once, from now until the world stops; one that fails is not sent again.

    Args:
        runner: The world.
        receiver: Where to, after ``checked_receiver``.
    """
    cursor = runner.shop.events("alerts").cursor
    while not runner.stopping.wait(LOOK_SECONDS):
        batch = runner.shop.events("alerts", cursor, MOST_AT_ONCE)
        cursor = batch.cursor
        for body in bodies(batch.events):
            if runner.stopping.is_set():
                return
            _send(receiver, body)


def bodies(alerts: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What is sent about some alerts: one body for each name, as they come.

    Args:
        alerts: Rows of table ``alerts`` as plain values.
    """
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for alert in alerts:
        groups[alert["alertname"]].append(alert)
    for group in groups.values():
        yield webhook(group)


def _send(receiver: str, body: dict[str, Any]) -> None:
    import requests

    try:
        with requests.Session() as session:
            session.trust_env = False  # a loopback address never goes through a proxy
            # Whatever it answers is left unread: there may be no end of it.
            session.post(
                receiver, json=body, timeout=SEND_SECONDS, allow_redirects=False, stream=True
            ).close()
    except requests.RequestException as error:
        LOG.warning("%s took no alert: %s", urlsplit(receiver).netloc, type(error).__name__)
