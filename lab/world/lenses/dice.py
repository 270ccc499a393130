"""Chance without a state: every draw is a function of what it is for.

A draw is hashed from the seed, a purpose and counters such as minute and place, so that any
stretch of a run gives the same rows as the whole, and a fault changes only what it reaches.
"""

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.world.signals import Array, generator

Bits = NDArray[np.uint64]
Numbers = NDArray[Any]

GOLDEN = 0x9E3779B97F4A7C15
UNIT = 2.0**-53
BLOCK = 32_768  # numbers that stay in the cache of a processor all the way


@dataclass(frozen=True)
class Dice:
    """Dice of one lens.

    Attributes:
        seed: World seed, 0 or more.
        stream: Number of the lens's random stream.
    """

    seed: int
    stream: int

    def bits(self, purpose: str, *counters: Numbers) -> Bits:
        """Draw 64 random bits.

        Args:
            purpose: What they are for.
            counters: Whole numbers that tell draws apart, all of one shape, such as minutes
                and places.

        Returns:
            The shape of the counters.

        >>> dice = Dice(7, 1)
        >>> whole, part = dice.bits("a", np.arange(4)), dice.bits("a", np.arange(2, 4))
        >>> bool((whole[2:] == part).all())
        True
        """
        key = np.uint64(_key(self.seed, self.stream, purpose))
        shape, flat = np.shape(counters[0]), [np.ravel(counter) for counter in counters]
        drawn = np.empty(len(flat[0]), dtype=np.uint64)
        for first in range(0, len(drawn), BLOCK):
            part = slice(first, first + BLOCK)
            bits: Bits | np.uint64 = key
            for counter in flat:
                bits = _mixed(bits ^ _mixed(counter[part].astype(np.uint64)))
            drawn[part] = bits
        return drawn.reshape(shape)

    def uniform(self, purpose: str, *counters: Numbers) -> Array:
        """Draw from 0 to 1, without 1; counters as for ``bits``."""
        return np.asarray((self.bits(purpose, *counters) >> np.uint64(11)) * UNIT)

    def normal(self, purpose: str, *counters: Numbers) -> Array:
        """Draw from the standard normal distribution (Box and Muller); as for ``bits``."""
        radius = np.sqrt(-2.0 * np.log1p(-self.uniform(f"{purpose} radius", *counters)))
        angle = 2.0 * np.pi * self.uniform(f"{purpose} angle", *counters)
        return np.asarray(radius * np.cos(angle))

    def exponential(self, purpose: str, *counters: Numbers) -> Array:
        """Draw from the exponential distribution with mean 1; counters as for ``bits``."""
        return np.asarray(-np.log1p(-self.uniform(purpose, *counters)))

    def whole(self, purpose: str, below: int, *counters: Numbers) -> NDArray[np.int64]:
        """Draw whole numbers from 0 to below ``below``; counters as for ``bits``."""
        return (self.uniform(purpose, *counters) * below).astype(np.int64)

    def choice(
        self, purpose: str, shares: tuple[float, ...], *counters: Numbers
    ) -> NDArray[np.int64]:
        """Draw places in a list by their shares, which add up to 1; counters as for ``bits``."""
        edges = np.cumsum(shares)[:-1]
        return np.searchsorted(edges, self.uniform(purpose, *counters), side="right").astype(
            np.int64
        )


def hexadecimal(bits: Bits) -> list[str]:
    """Write each number as 16 hexadecimal digits.

    >>> hexadecimal(np.array([255], dtype=np.uint64))
    ['00000000000000ff']
    """
    text = bits.astype(">u8").tobytes().hex()
    return [text[i : i + 16] for i in range(0, len(text), 16)]


@lru_cache(maxsize=1024)
def _key(seed: int, stream: int, purpose: str) -> int:
    drawn = generator(seed, stream, zlib.crc32(purpose.encode()))
    return int(drawn.integers(0, 2**64, dtype=np.uint64))


def _mixed(values: Bits) -> Bits:
    """Scramble bits in place: the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    values += np.uint64(GOLDEN)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        values ^= values >> np.uint64(shift)
        values *= np.uint64(factor)
    values ^= values >> np.uint64(31)
    return values
