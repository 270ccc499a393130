"""When alerts fire: conditions that hold long enough, carried from stretch to stretch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lab.world.lenses.dice import Dice
from lab.world.lenses.rules import ALERTS, holds
from lab.world.shop.run import ShopRun
from lab.world.signals import Flags

ALERT_DICE = 504
NEVER = -1
Minutes = NDArray[np.int64]
FOR = np.array([rule.minutes for rule, _ in ALERTS])


@dataclass(frozen=True)
class Standing:
    """How every alert stood at the end of a stretch, shape (A,) each.

    Attributes:
        held: Minutes on end for which its condition held.
        since: Minute of the world in which it began to fire; -1 while it does not.
    """

    held: Minutes
    since: Minutes

    @property
    def active(self) -> list[int]:
        """Which alerts fire, as places in ``ALERTS``."""
        return [int(place) for place in np.flatnonzero(self.since >= 0)]


CALM = Standing(np.zeros(len(ALERTS), dtype=np.int64), np.full(len(ALERTS), NEVER))


@dataclass(frozen=True)
class Firing:
    """Which alerts fire in a stretch; T minutes, A alerts.

    Attributes:
        on: Shape (T, A).
        began: Shape (T, A): whether it began to fire in that minute.
        ended: Shape (T, A): whether it was over in that minute.
        since: Shape (T, A): minute of the world in which the latest firing began.
        standing: How it stands at the end.
    """

    on: Flags
    began: Flags
    ended: Flags
    since: Minutes
    standing: Standing


def firing(run: ShopRun, before: Standing = CALM) -> Firing:
    """Evaluate all rules once a minute.

    Args:
        run: What happened.
        before: How the alerts stood when the stretch began.

    Returns:
        Which alerts fire, and when that changes.
    """
    met = holds(run)
    row = np.arange(len(met))[:, None]
    last_not = np.maximum.accumulate(np.where(met, -1 - before.held, row), axis=0)
    held = row - last_not
    on = (held > FOR) & ~_flaps(run)
    earlier = np.concatenate([before.since[None] >= 0, on[:-1]])
    began = on & ~earlier
    starts = np.where(began, run.first_minute + row, before.since[None])
    since = np.maximum.accumulate(np.concatenate([before.since[None], starts]), axis=0)[1:]
    standing = Standing(held[-1], np.where(on[-1], since[-1], NEVER))
    return Firing(on, began, earlier & ~on, since, standing)


def _flaps(run: ShopRun) -> Flags:
    """Which alerts would resolve for a minute although nothing is better."""
    share = run.knobs["alert_flapping"][:, None]
    minutes = run.first_minute + np.arange(len(run.times))
    minute, alert = np.broadcast_arrays(minutes[:, None], np.arange(len(ALERTS))[None])
    return Dice(run.seed, ALERT_DICE).uniform("flap", minute, alert) < share
