"""The same seed gives the same world: on any machine, with any version of anything.

A hash here changes with every change of the dynamics; then put the new one in its place.
"""

import hashlib
from dataclasses import fields

import pytest

from lab.world.lenses.metrics import Totals, series
from lab.world.shop.simulate import simulate
from tests.world.shop.strikes import START, at

GOLDEN = {
    7: (
        "5f6aca5e8a1d992e009a633e589a8bb7e2981954de51d97701c6b63c4ef3f43c",
        "c031e7be1683068d745d5871967687e76b0dd15f30b7d0d0e530df4045975d3d",
    ),
    11: (
        "ebf940492d04395833db0aedca5f5e21f6f5ea7ef46f19df1c624b3a55a05158",
        "217b29a710ed4beb4213d20217e5e3589cf20bfa81aa9c346f00dd3bffffd975",
    ),
}


@pytest.mark.parametrize("seed", GOLDEN)
def test_same_seed_same_world(seed: int) -> None:
    kinds = ("memory_leak", "slow_queries", "flood", "queue_lag", "disk_fill", "packet_loss")
    run = simulate(seed, START, 2000, [at(kind, "", 0.8) for kind in kinds])
    flows, metrics = hashlib.sha256(), hashlib.sha256()
    for field in fields(run.flows):
        flows.update(getattr(run.flows, field.name).tobytes())
    for one in series(run, Totals()):
        metrics.update(one.metric.encode())
        metrics.update(one.values.tobytes())
    assert (flows.hexdigest(), metrics.hexdigest()) == GOLDEN[seed]
