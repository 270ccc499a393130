"""What customers ask for: rhythm, sale days, chance that belongs to the minute."""

from datetime import date

import numpy as np
import pandas as pd

from lab.world.shop.workload import count, noise, sale_days, sessions_wanted, share_of, wander
from lab.world.signals import DAY_MINUTES


def wanted(start: str, days: int, seed: int = 3) -> np.ndarray:
    times = pd.date_range(start, periods=days * DAY_MINUTES, freq="min", tz="UTC", unit="us")
    return sessions_wanted(seed, times, 0).reshape(days, DAY_MINUTES)


def test_every_month_has_three_sale_days_whatever_window_is_asked() -> None:
    year = sale_days(9, date(2026, 1, 1), 365)
    months = pd.Series(year, pd.date_range("2026-01-01", periods=365)).groupby(lambda d: d.month)
    assert months.sum().tolist() == [3] * 12
    assert sale_days(9, date(2026, 3, 10), 40) == year[68 : 68 + 40]
    assert year != sale_days(10, date(2026, 1, 1), 365)


def test_days_have_a_rhythm_and_sale_days_more_customers() -> None:
    days = wanted("2026-03-02", 28)
    assert (days[:, 14 * 60] > 3 * days[:, 4 * 60]).all()
    sale = np.array(sale_days(3, date(2026, 3, 2), 28))
    assert days[sale].mean() > 1.4 * days[~sale].mean()


def test_chance_belongs_to_the_minute() -> None:
    whole = noise(5, 0, 3000, 4, 1)
    np.testing.assert_array_equal(noise(5, 1400, 100, 4, 1), whole[1400:1500])
    assert not (noise(5, 0, 10, 4, 2) == whole[:10]).any()
    np.testing.assert_array_equal(wander(5, 700, 50), wander(5, 0, 3000)[700:750])
    assert 0.01 < wander(5, 0, 100_000).std() < 0.1


def test_counts_are_whole_and_as_astray_as_they_should_be() -> None:
    chance = noise(1, 0, 20_000, 1, 9)[:, 0]
    drawn = count(np.full(20_000, 400.0), chance)
    assert (drawn == np.floor(drawn)).all()
    assert abs(drawn.mean() - 400) < 1
    assert abs(drawn.std() - 20) < 0.5
    assert (count(np.zeros(5), chance[:5]) == 0).all()
    part = share_of(np.full(20_000, 100.0), np.full(20_000, 0.3), chance)
    assert abs(part.mean() - 30) < 0.2
    assert abs(part.std() - np.sqrt(21)) < 0.2
    assert (share_of(np.full(3, 7.0), np.ones(3), chance[:3]) == 7).all()
