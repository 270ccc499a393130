"""Counters become growth per second; whatever merely is named like one stays as it is."""

import numpy as np
import pandas as pd

from lab.flows.counter_rates import with_rates
from lab.world.lenses.metrics import Totals, series
from lab.world.shop.simulate import simulate


def frame(values: list[float], name: str = 'requests_total{code="200"}') -> pd.DataFrame:
    times = pd.date_range("2026-03-02", periods=len(values), freq="30s")
    return pd.DataFrame({name: values, "load": 1.0}, times)


def test_growth_counts_from_zero_after_a_restart_and_is_unknown_next_to_gaps() -> None:
    counted = [*range(0, 6000, 30), 15, np.nan, 90, 120]
    rates = with_rates(frame(counted)).iloc[:, 0].tolist()
    np.testing.assert_array_equal(rates[1:], [*[1.0] * 199, 0.5, np.nan, np.nan, 1.0])
    assert np.isnan(rates[0])


def test_what_is_no_counter_stays() -> None:
    for one in (frame([1, 5, 2, 7, 1], "basket_total"), frame([1, 2, 3], "node_load1")):
        pd.testing.assert_frame_equal(with_rates(one), one)


def test_counters_of_the_shop_become_what_happened() -> None:
    run = simulate(6, "2026-03-02T09:00Z", 120)
    shown = {one.metric: one.values for one in series(run, Totals())}
    rates = with_rates(pd.DataFrame(shown, run.times))
    np.testing.assert_allclose(rates["shop_orders_total"][1:] * 60, run.flows.orders[1:])
    assert rates["queue_depth"].equals(pd.Series(shown["queue_depth"], run.times))
