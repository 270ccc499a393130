"""Functions of the same bits everywhere, against the ones of the standard library."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lab.world.shop.exact import exp, log, power


@given(st.floats(-700, 700))
def test_exp(x: float) -> None:
    assert math.isclose(float(exp(np.array([x]))[0]), math.exp(x), rel_tol=1e-14)


@given(st.floats(1e-300, 1e300))
def test_log(x: float) -> None:
    assert math.isclose(float(log(np.array([x]))[0]), math.log(x), rel_tol=1e-14, abs_tol=1e-15)


@given(st.floats(0, 10), st.floats(0.01, 30))
def test_power(base: float, exponent: float) -> None:
    found = float(power(np.array([base]), exponent)[0])
    assert math.isclose(found, math.pow(base, exponent), rel_tol=1e-12, abs_tol=1e-300)


def test_a_part_of_an_array_has_the_same_bits() -> None:
    x = np.linspace(-20, 20, 1001)
    assert all(exp(x[i : i + 1])[0] == value for i, value in enumerate(exp(x)))
