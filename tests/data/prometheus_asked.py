"""A Prometheus that is asked for a few samples."""

import pytest

from lab.core.config import Settings
from lab.core.errors import LabError
from lab.data.prometheus import Answer, connected
from lab.data.prometheus_grid import Grid
from tests.data.prometheus_servers import Fake, Reply, fake

CANARY = "canary-5up3r"
FEW = Grid(600, 60, 10)
ONE = {"metric": {"__name__": "up", "job": "a"}, "values": [[600, "1"], [660, "2.5"]]}


def settings(url: str, **more: str) -> Settings:
    return Settings(prometheus_url=url, **more)


def ask(server: Fake, query: str = "up", moments: Grid = FEW, **more: str) -> list[Answer]:
    with connected(settings(server.url, **more)) as reader:
        return reader.ask(query, moments)


def refused(reply: Reply | None) -> LabError:
    with fake(lambda _: reply) as server, pytest.raises(LabError) as found:
        ask(server)
    assert found.value.hint
    assert "Traceback" not in str(found.value)
    return found.value
