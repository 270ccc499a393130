import pandas as pd
import pytest

from lab.core.errors import BadInput
from lab.mlops.models.split import expanding, holdout

DAY = pd.Timedelta(days=1)
TIMES = pd.Series(pd.date_range("2025-01-01", periods=200, freq="D").repeat(3))


def test_the_holdout_is_the_end_and_ends_with_the_last_row():
    split = holdout(TIMES, 28 * DAY, 6 * DAY, DAY)
    assert split.test.start == pd.Timestamp("2025-06-22")
    assert split.test.holds(TIMES).sum() == 28 * 3
    assert split.train.end == split.test.start - 6 * DAY
    assert str(split.test) == "2025-06-22 to 2025-07-20"


@pytest.mark.parametrize(("folds", "days", "gap"), [(2, 28, 6), (5, 14, 0), (4, 7, 13)])
def test_folds_expand_in_order_and_never_overlap(folds, days, gap):
    last = holdout(TIMES, days * DAY, gap * DAY, DAY)
    splits = expanding(TIMES, folds, days * DAY, gap * DAY, last.test.start)
    assert len(splits) == folds
    for split in (*splits, last):
        learned, tested = split.train.holds(TIMES), split.test.holds(TIMES)
        assert not (learned & tested).any()
        assert TIMES[learned].max() + (gap + 1) * DAY == TIMES[tested].min()
        assert learned.sum() >= 2 * tested.sum()
    seen = [set(TIMES[s.test.holds(TIMES)]) for s in (*splits, last)]
    assert sum(map(len, seen)) == len(set.union(*seen))
    assert [s.train.start for s in splits] == [TIMES.min()] * folds
    assert splits[-1].test.end == last.test.start


def test_too_short_a_table_says_what_to_change():
    with pytest.raises(BadInput, match="fold 1 would test 28 days") as caught:
        expanding(TIMES, 8, 28 * DAY, 6 * DAY, pd.Timestamp("2025-06-22"))
    assert "fewer folds" in caught.value.hint


def test_one_fold_is_not_cross_validation():
    with pytest.raises(BadInput, match="1 folds is too few"):
        expanding(TIMES, 1, 7 * DAY, DAY, pd.Timestamp("2025-06-22"))
