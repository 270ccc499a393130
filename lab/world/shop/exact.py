"""Exponential, logarithm and power that give the same bits on every machine.

The ones of numpy may differ in the last bit from processor to processor, and one differing bit,
carried on by counts that are rounded, makes another world. These use additions,
multiplications and divisions only, which IEEE 754 fixes to the bit.
"""

import numpy as np

from lab.world.signals import Array

LOG2_E = 1.4426950408889634
# Logarithm of 2 in two parts, so that the reduction loses nothing (Cody and Waite, 1980).
LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
HALF_ROOT = 0.7071067811865476
EXP_TERMS = 13
LOG_TERMS = 11


def exp(x: Array) -> Array:
    """Return e to the power of x.

    Args:
        x: Any shape; beyond -700 and 700 it is held there.

    Returns:
        The same shape, right to about 1e-15 of its value.

    >>> round(float(exp(np.array([1.0]))[0]), 12)
    2.718281828459
    """
    x = np.clip(x, -700.0, 700.0)
    twos = np.rint(x * LOG2_E)
    rest = (x - twos * LN2_HIGH) - twos * LN2_LOW
    sum_ = np.ones_like(rest)
    for term in range(EXP_TERMS, 0, -1):
        sum_ = sum_ * rest / term + 1.0
    return np.asarray(np.ldexp(sum_, twos.astype(np.int32)))


def log(x: Array) -> Array:
    """Return the natural logarithm.

    Args:
        x: Any shape, above 0.

    Returns:
        The same shape, right to about 1e-15.

    >>> float(log(np.array([8.0]))[0] / log(np.array([2.0]))[0])
    3.0
    """
    part, twos = np.frexp(x)
    low = part < HALF_ROOT
    part, twos = np.where(low, part * 2, part), twos - low
    s = (part - 1) / (part + 1)
    square, sum_ = s * s, np.zeros_like(s)
    for term in range(LOG_TERMS, -1, -1):
        sum_ = sum_ * square + 1.0 / (2 * term + 1)
    return np.asarray(twos * LN2_HIGH + (2 * s * sum_ + twos * LN2_LOW))


def power(base: Array, exponent: Array | float) -> Array:
    """Return a base from 0 to some thousands to the power of an exponent above 0.

    >>> power(np.array([0.0, 0.5, 1.0]), 2.0).tolist()
    [0.0, 0.25, 1.0]
    """
    positive = base > 0
    raised = exp(exponent * log(np.where(positive, base, 1.0)))
    return np.where(positive, raised, 0.0)
