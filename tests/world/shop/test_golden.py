"""The same seed gives the same world: on any machine, with any version of anything.

A hash here changes with every change of the dynamics; then put the new one in its place.
"""

import hashlib
from dataclasses import fields

import pytest

from lab.world.lenses.metrics import Totals, series
from lab.world.shop.simulate import simulate
from tests.world.shop.strikes import START, turned

TURNS = (
    ("leak_bytes", 150e6, "web"),
    ("slowdown", 10.0, "database"),
    ("demand", 4.0, "edge"),
    ("consumers", 0.1, "queue"),
    ("disk_bytes", 1e9, "host-b"),
    ("loss", 0.3, "payment"),
)
GOLDEN = {
    7: (
        "7cd5dcaf3c184f33fae5843b85323cc60414e5e96c2a1dc02ffc283aa2743c16",
        "103faeda2b8c89ee2474ae1a46bdd11b7d39dde85beb415eda81cf36692ce8b7",
    ),
    11: (
        "b42d37dee9c3e31dfc6487315e484df4b6aab56950c522f5bcc10e066a28d8e3",
        "e4b5578fae8a894f1693765d1fa2fb3e5e7f2a8c836e4f6bcc77c88ffdf73a13",
    ),
}


@pytest.mark.parametrize("seed", GOLDEN)
def test_same_seed_same_world(seed: int) -> None:
    run = simulate(seed, START, 2000, [turned(*turn) for turn in TURNS])
    flows, metrics = hashlib.sha256(), hashlib.sha256()
    for field in fields(run.flows):
        flows.update(getattr(run.flows, field.name).tobytes())
    for one in series(run, Totals()):
        metrics.update(one.metric.encode())
        metrics.update(one.values.tobytes())
    assert (flows.hexdigest(), metrics.hexdigest()) == GOLDEN[seed]
