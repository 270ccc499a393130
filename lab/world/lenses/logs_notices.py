"""What services say without being asked: pauses, restarts, full disks, floods, and daily life.

Each kind of notice is data (``logs_kinds``): how many lines a minute to expect, and the words.
"""

import numpy as np
import pandas as pd

from lab.world.lenses.dice import Dice
from lab.world.lenses.logs_entries import NO_TRACE, Entries
from lab.world.lenses.logs_kinds import NOTICES, Notice
from lab.world.lenses.logs_requests import LOGS
from lab.world.lenses.numbered import numbered
from lab.world.shop.run import ShopRun

MOST_A_MINUTE = 600


def notice_entries(run: ShopRun) -> list[Entries]:
    """Return the lines of every kind of notice.

    Args:
        run: What happened.
    """
    return [_entries(run, notice) for notice in NOTICES]


def _entries(run: ShopRun, notice: Notice) -> Entries:
    dice, minutes = Dice(run.seed, LOGS), run.first_minute + np.arange(len(run.times))
    rate = np.clip(notice.rate(run), 0.0, MOST_A_MINUTE)
    places = np.indices(rate.shape)
    row, column = places[0], places[1]
    chance = dice.uniform(f"{notice.name} count", minutes[row], column)
    counts = np.floor(rate + chance).astype(np.int64).ravel()
    cell, place = numbered(counts)
    minute, node = np.divmod(cell, rate.shape[1])
    bits = dice.bits(notice.name, minutes[minute], node, place)
    since = dice.uniform(f"{notice.name} time", bits) * 60e6
    low, high = notice.numbers
    numbers = low + dice.whole(f"{notice.name} number", high - low + 1, bits)
    values = notice.value(run)[minute, node]
    starts = pd.DatetimeIndex(run.times).as_unit("us").asi8
    rows = zip(node.tolist(), numbers.tolist(), values.tolist(), strict=True)
    return Entries(
        minute, starts[minute] + since.astype(np.int64), node, np.full(len(minute), notice.level),
        np.full(len(minute), NO_TRACE), np.ones(len(minute)), bits,
        [notice.words.format(node=at, number=number, value=value, seed=run.seed % 10_000)
         for at, number, value in rows],
    )  # fmt: skip
