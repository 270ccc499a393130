"""Dice without a state: fair, independent, and the same in any stretch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.world.lenses.dice import Dice, hexadecimal

MANY = np.arange(200_000)
MASK = 2**64 - 1


def splitmix(value: int) -> int:
    """One step of SplitMix64, in Python's own whole numbers."""
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def test_bits_are_splitmix_over_the_counters():
    dice = Dice(3, 1)
    key = int(dice.bits("a", np.zeros(1, dtype=np.int64)).item())
    first, second = (dice.bits("a", np.array([n])).item() for n in (5, 6))
    assert len({key, first, second}) == 3
    # Known first outputs of SplitMix64 with seed 0.
    assert splitmix(0) == 0xE220A8397B1DCDAF
    base = _key(dice)
    assert first == splitmix(base ^ splitmix(5))


def _key(dice: Dice) -> int:
    from lab.world.lenses import dice as module

    return module._key(dice.seed, dice.stream, "a")


def test_draws_have_the_moments_they_should():
    dice = Dice(7, 1)
    uniform, normal = dice.uniform("a", MANY), dice.normal("b", MANY)
    assert uniform.mean() == pytest.approx(0.5, abs=0.005)
    assert uniform.var() == pytest.approx(1 / 12, abs=0.002)
    assert (uniform >= 0).all()
    assert (uniform < 1).all()
    assert normal.mean() == pytest.approx(0, abs=0.01)
    assert normal.std() == pytest.approx(1, abs=0.01)
    assert dice.exponential("c", MANY).mean() == pytest.approx(1, abs=0.02)
    shares = np.bincount(dice.choice("d", (0.2, 0.5, 0.3), MANY)) / len(MANY)
    assert shares == pytest.approx([0.2, 0.5, 0.3], abs=0.01)


def test_purposes_neighbours_and_seeds_do_not_go_together():
    dice = Dice(7, 1)
    one = dice.uniform("a", MANY)
    others = (dice.uniform("b", MANY), dice.uniform("a", MANY + 1), Dice(8, 1).uniform("a", MANY),
              Dice(7, 2).uniform("a", MANY), dice.uniform("a", MANY, MANY * 0))  # fmt: skip
    for other in others:
        assert abs(np.corrcoef(one, other)[0, 1]) < 0.01


@given(st.integers(0, 2**31), st.integers(0, 50), st.integers(1, 50))
def test_a_part_is_the_part_of_the_whole(seed, first, count):
    minutes = np.arange(101)
    part = minutes[first : first + count]
    whole = Dice(seed, 1).bits("a", minutes, minutes % 7)
    assert (Dice(seed, 1).bits("a", part, part % 7) == whole[first : first + count]).all()


def test_hexadecimal_is_what_python_writes():
    bits = Dice(1, 1).bits("a", np.arange(5))
    assert hexadecimal(bits) == [f"{value:016x}" for value in bits.tolist()]
