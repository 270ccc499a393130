"""How long requests wait for workers, and how many give up."""

import numpy as np

from lab.world.shop.exact import exp, power
from lab.world.signals import Array

# Up to here the steady formula holds; beyond it a queue grows until it is full.
STEADY = 0.98
GROWTH = 20.0  # service times that waiting grows by when all capacity is asked for once more
PLACES = 6.0  # requests that may wait for each worker


def waiting(load: Array, workers: Array, places: float = PLACES) -> Array:
    """Return the mean wait for a free worker, in mean service times.

    The approximation of Sakasegawa (1977, An approximation formula L_q = a rho^b / (1 - rho)) for
    a queue with several workers: exact for one, within 0.04 service times for more. A queue
    with few places cannot make anyone wait for longer than it takes to empty it.

    Args:
        load: Offered load for each worker, from 0.
        workers: Workers, above 0, the same shape.
        places: Requests that may wait for each worker.

    Returns:
        The same shape, growing with the load towards ``places``.

    >>> waiting(np.array([0.5]), np.array([1.0]), 1e9).round(6).tolist()  # rho / (1 - rho)
    [1.0]
    >>> waiting(np.array([0.5, 1.0, 9.0]), np.array([8.0, 8.0, 8.0])).round(2).tolist()
    [0.03, 3.06, 5.79]
    """
    steady = np.minimum(load, STEADY)
    busy = power(steady, np.sqrt(2 * (workers + 1)) - 1)
    wait = busy / (workers * (1 - steady)) + GROWTH * np.maximum(load - STEADY, 0.0)
    return np.asarray(wait / (1 + wait / places))


def given_up(timeout: float, fixed: Array, varying: Array) -> Array:
    """Return the share of requests that take longer than their caller waits.

    Time varies as an exponential does, on top of what every request has to wait.

    Args:
        timeout: Seconds until the caller gives up.
        fixed: Seconds that all of them take.
        varying: Mean of the rest, above 0.

    Returns:
        Share from 0 to 1.
    """
    left = np.maximum(timeout - fixed, 0.0)
    return np.where(left > 0, exp(-left / varying), 1.0)


def spent(timeout: float, fixed: Array, varying: Array) -> Array:
    """Return the mean time spent when nobody waits beyond the timeout: E[min(time, timeout)].

    >>> spent(5.0, np.array([1.0, 9.0]), np.array([0.1, 0.1])).round(6).tolist()
    [1.1, 5.0]
    """
    left = np.maximum(timeout - fixed, 0.0)
    return np.asarray(timeout - left + varying * (1 - exp(-left / varying)))
