"""Shapes in time that a fault gives to a series."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from lab.world.overlay.scale import Scale
from lab.world.signals import Array, Flags

Shape = Literal[
    "shift", "ramp", "noise", "bursts", "drop", "times", "flat", "skew", "gap", "reset"
]  # fmt: skip
# How far a clock can be off, in seconds.
MOST_SKEW = 8 * 3600.0
BURST_SHARE = 0.4


@dataclass(frozen=True)
class Piece:
    """A series and the window in it.

    Attributes:
        seconds: Times in seconds, ascending, shape (n,).
        values: Finite samples, shape (n,).
        inside: What lies within the window, shape (n,), at least one.
        scale: What is ordinary for the series.
        size: How hard: units for ``shift``, ``ramp``, ``noise`` and ``bursts``, a share of the
            value for ``drop`` and ``times``, a share of the most for ``skew``.
        rng: Source of randomness.
    """

    seconds: Array
    values: Array
    inside: Flags
    scale: Scale
    size: float
    rng: np.random.Generator

    @property
    def ordinary(self) -> Array:
        """The samples inside the window as they were."""
        return np.asarray(self.values[self.inside])


def shaped(shape: Shape, piece: Piece) -> Array:
    """Give the window of a series a shape.

    Args:
        shape: Which.
        piece: The series and the window.

    Returns:
        Shape (n,): the same values outside the window; NaN where there is a gap.
    """
    changed = piece.values.copy()
    new = SHAPES[shape](piece)
    if piece.scale.whole:
        new = np.round(new)
    changed[piece.inside] = np.clip(new, piece.scale.floor, piece.scale.ceiling)
    return changed


def _shift(piece: Piece) -> Array:
    return np.asarray(piece.ordinary + piece.size * piece.scale.unit)


def _ramp(piece: Piece) -> Array:
    count = int(piece.inside.sum())
    return np.asarray(
        piece.ordinary + piece.size * piece.scale.unit * np.arange(1, count + 1) / count
    )


def _noise(piece: Piece) -> Array:
    noise = piece.rng.standard_normal(int(piece.inside.sum()))
    return np.asarray(piece.ordinary + piece.size * piece.scale.unit * noise)


def _bursts(piece: Piece) -> Array:
    """Some samples far up, the first always, with ordinary ones between."""
    hit = piece.rng.random(int(piece.inside.sum())) < BURST_SHARE
    hit[0] = True
    return np.asarray(piece.ordinary + piece.size * piece.scale.unit * hit)


def _drop(piece: Piece) -> Array:
    floor = max(piece.scale.floor, min(0.0, float(piece.values.min())))
    return np.asarray(piece.ordinary - piece.size * (piece.ordinary - floor))


def _times(piece: Piece) -> Array:
    return np.asarray(piece.ordinary + piece.size * np.abs(piece.ordinary))


def _flat(piece: Piece) -> Array:
    first = int(np.argmax(piece.inside))
    return np.full(int(piece.inside.sum()), piece.values[max(first - 1, 0)])


def _skew(piece: Piece) -> Array:
    """What was measured hours ago, as a clock that is behind reports it."""
    ago = piece.seconds[piece.inside] - piece.size * MOST_SKEW
    return np.asarray(np.interp(ago, piece.seconds, piece.values))


def _gap(piece: Piece) -> Array:
    return np.full(int(piece.inside.sum()), np.nan)


def _reset(piece: Piece) -> Array:
    """A counter counts from where it stood when the window began."""
    return np.asarray(piece.ordinary - piece.ordinary[0])


SHAPES: dict[Shape, Callable[[Piece], Array]] = dict(
    zip(
        get_args(Shape),
        (_shift, _ramp, _noise, _bursts, _drop, _times, _flat, _skew, _gap, _reset),
        strict=True,
    )
)
