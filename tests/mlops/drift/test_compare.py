"""Verdicts: the report's own numbers, quiet on chance, clear about what cannot be compared."""

import warnings
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from lab.core.errors import BadInput, NotFound
from lab.mlops.drift import compare
from lab.mlops.drift.evidently_report import run
from lab.mlops.drift.methods import METHODS
from lab.mlops.drift.noise import largest_by_chance, shuffles


def window(rng, n=400, shift=0.0, p=0.3, **more):
    return pd.DataFrame(
        {
            "x": rng.normal(shift, 1.0, n),
            "kind": rng.choice(["a", "b", "c"], n, p=[p, 0.6 - p, 0.4]),
            **more,
        }
    )


def by_column(report):
    return {verdict.column: verdict for verdict in report.verdicts}


def reasons(report):
    return {entry.column: entry.reason for entry in report.not_compared}


def test_a_shifted_column_drifts_and_its_neighbour_does_not():
    rng = np.random.default_rng(1)
    report = compare(window(rng), window(rng, shift=1.0))
    found = by_column(report)
    assert report.drifted == ("x",)
    assert found["x"].statistic == pytest.approx(1.0, abs=0.2)
    assert (found["x"].kind, found["x"].method) == ("numeric", "wasserstein")
    assert (found["kind"].kind, found["kind"].method) == ("category", "jensenshannon")
    assert (found["x"].n_reference, found["x"].n_current) == (400, 400)
    assert report.verdicts[0].column == "x"  # what drifted comes first


def test_the_verdicts_are_evidentlys_own():
    rng = np.random.default_rng(2)
    reference, current = window(rng), window(rng, shift=0.4, p=0.1)
    report = compare(reference, current, methods={"x": "ks", "kind": "chisquare"})
    found = by_column(report)
    figures = run(
        reference,
        current,
        ["kind"],
        {"x": "ks", "kind": "chisquare"},
        {name: verdict.threshold for name, verdict in found.items()},
    )
    for name, verdict in found.items():
        assert verdict.statistic == figures.statistics[name]
        assert verdict.drifted == figures.verdicts[name] is True
        assert verdict.p_value_based
        assert verdict.threshold == 0.025  # Bonferroni: two columns


@pytest.mark.parametrize("n", [30, 60, 200, 2000])
def test_no_column_of_twelve_drifts_by_chance_alone(n):
    rng = np.random.default_rng(n)

    def plain():
        numbers = {f"n{i}": rng.normal(size=n) for i in range(6)}
        return pd.DataFrame(numbers | {f"c{i}": rng.choice(list("abcdefgh"), n) for i in range(6)})

    assert compare(plain(), plain()).drifted == ()


def test_evidently_alone_would_cry_wolf_on_small_windows():
    rng = np.random.default_rng(60)
    reference, current = window(rng, 60), window(rng, 60)
    raised = [
        verdict for verdict in compare(reference, current).verdicts if verdict.statistic >= 0.1
    ]
    assert raised  # the effect is past what matters, yet chance explains it
    assert not any(verdict.drifted for verdict in raised)


def test_a_negligible_shift_in_200_000_rows_stays_quiet_but_a_p_value_does_not():
    rng = np.random.default_rng(3)
    reference = pd.DataFrame({"x": rng.normal(0.00, 1.0, 200_000)})
    current = pd.DataFrame({"x": rng.normal(0.02, 1.0, 200_000)})
    report = compare(reference, current)
    assert report.drifted == ()
    assert report.sampled
    assert (report.rows_reference, report.rows_used) == (200_000, 10_000)
    whole = compare(reference, current, numeric="ks", max_rows=200_000)
    assert whole.drifted == ("x",)


def test_the_draw_is_seeded():
    rng = np.random.default_rng(4)
    reference, current = window(rng, 3000), window(rng, 3000)
    one, two, three = (compare(reference, current, max_rows=500, seed=s) for s in (0, 0, 1))
    assert by_column(one) == by_column(two)
    assert by_column(one) != by_column(three)


def test_rows_that_share_a_day_count_as_one_day():
    """Every row of a day has its weather: 40 days say little, however many rows they have."""
    rng = np.random.default_rng(5)

    def weather(first):
        day = np.repeat(np.arange(first, first + 40), 50)
        return pd.DataFrame({"day": day.astype("str"), "t": rng.normal(size=40)[day - first]})

    reference, current = weather(0), weather(40)
    assert compare(reference, current, columns=["t"]).drifted == ("t",)
    assert compare(reference, current, columns=["t"], blocks="day").drifted == ()


def test_what_is_usual_is_not_drift():
    rng = np.random.default_rng(6)
    prices = [window(rng, shift=0.3 * year) for year in range(5)]
    earlier = list(pairwise(prices[:4]))
    assert compare(prices[3], prices[4], columns=["x"]).drifted == ("x",)
    usual = compare(prices[3], prices[4], columns=["x"], earlier=earlier).verdicts[0]
    assert usual.threshold > 0.25
    assert usual.drifted == (usual.statistic >= usual.threshold)
    more = window(rng, shift=0.3 * 3 + 1.0)
    assert compare(prices[3], more, columns=["x"], earlier=earlier).drifted == ("x",)


def test_each_column_that_cannot_be_compared_is_listed_with_its_reason():
    rng = np.random.default_rng(8)
    n = 100
    days = pd.date_range("2026-01-01", periods=n)
    reference = window(
        rng, n, gone=1.0, empty=np.nan, few=[1.0, 2.0] + [np.nan] * 98, wild=rng.normal(size=n),
        still=5.0, mixed=1.0, day=days, date=days.date, id=[f"id-{i}" for i in range(n)],
        huge=rng.normal(size=n),
    )  # fmt: skip
    current = window(
        rng, n, empty=1.0, few=rng.normal(size=n), wild=[np.inf, -np.inf] + [0.5] * 98,
        still=5.0, mixed="one", day=days, date=days.date, id=[f"no-{i}" for i in range(n)],
        huge=1e200, new=1.0,
    )  # fmt: skip
    report = compare(reference, current)
    assert {verdict.column for verdict in report.verdicts} == {"x", "kind"}
    assert reasons(report) == {
        "gone": "It is not in the current window.",
        "new": "It is not in the reference window.",
        "empty": "It has no values in the reference window.",
        "few": "It has only 2 values in the reference window; 30 are needed.",
        "wild": "It has 2 infinite values in the current window.",
        "still": "It is always 5.0.",
        "mixed": "It holds numbers in the reference, text now.",
        "day": "Times are not compared.",
        "date": "Times are not compared.",
        "id": "It has 200 different values: an identifier or free text.",
        "huge": "Its values in the current window are too large to square.",
    }


def test_nullable_integers_and_truth_values_are_compared():
    rng = np.random.default_rng(9)
    frames = []
    for shift in (0, 3):
        whole = pd.Series(rng.integers(0, 9, 200) + shift).astype("Int64")
        truth = pd.Series(rng.random(200) < 0.3 + shift / 10).astype("boolean")
        whole[:5] = truth[:5] = pd.NA
        frames.append(pd.DataFrame({"whole": whole, "truth": truth}))
    report = compare(*frames)
    assert set(report.drifted) == {"whole", "truth"}
    assert by_column(report)["whole"].n_current == 195
    assert by_column(report)["truth"].kind == "category"


def test_a_constant_that_moved_is_drift():
    frames = [pd.DataFrame({"x": [value] * 50}) for value in (5.0, 7.0)]
    report = compare(*frames)
    assert report.drifted == ("x",)
    assert report.verdicts[0].method == "jensenshannon"  # no spread to measure a distance by
    with pytest.raises(BadInput, match="hardly varies"):
        compare(*frames, methods={"x": "wasserstein"})


def test_missing_values_are_a_finding_of_their_own():
    rng = np.random.default_rng(10)
    reference, current = window(rng), window(rng)
    current.loc[:79, "x"] = np.nan
    report = compare(reference, current)
    assert report.drifted == ()
    assert [(entry.column, entry.reference, entry.current) for entry in report.missing] == [
        ("x", 0.0, 0.2)
    ]


def test_inputs_are_left_as_they_were():
    rng = np.random.default_rng(11)
    reference, current = window(rng), window(rng)
    before = reference.copy(), current.copy()
    compare(reference, current)
    pd.testing.assert_frame_equal(reference, before[0])
    pd.testing.assert_frame_equal(current, before[1])


@pytest.mark.parametrize(
    ("sizes", "words"),
    [((0, 100), "reference window has no rows"), ((100, 29), "current window has only 29 rows")],
)
def test_a_window_too_small_is_refused_by_name(sizes, words):
    rng = np.random.default_rng(12)
    with pytest.raises(BadInput, match=words):
        compare(*(window(rng, size) for size in sizes))


def test_wrong_calls_are_refused_in_words():
    rng = np.random.default_rng(13)
    reference, current = window(rng), window(rng)
    with pytest.raises(NotFound, match=r"no column named 'kin'\. Did you mean kind"):
        compare(reference, current, columns=["kin"])
    with pytest.raises(NotFound, match="no column named 'y'"):
        compare(reference, current, methods={"y": "ks"})
    with pytest.raises(NotFound, match="no drift method named 'kss'"):
        compare(reference, current, numeric="kss")
    with pytest.raises(BadInput, match=r"Kolmogorov-Smirnov test does not fit column 'kind'"):
        compare(reference, current, methods={"kind": "ks"})
    with pytest.raises(BadInput, match="No column can be compared"):
        compare(reference.assign(k=1.0)[["k"]], current.assign(k=1.0)[["k"]])
    twice = pd.concat([reference, reference[["x"]]], axis=1)
    with pytest.raises(BadInput, match="repeats the column x"):
        compare(twice, current)
    few = reference.assign(week=1)
    with pytest.raises(BadInput, match="1 blocks of 'week'; 8 are the least"):
        compare(few, few, blocks="week")


def test_no_warning_reaches_the_caller():
    rng = np.random.default_rng(14)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compare(
            window(rng, new="a"),
            window(rng, new="b"),
            methods={"new": "chisquare"},  # a category the reference never had
        )


def test_pictures_sum_to_one_and_keep_every_row():
    rng = np.random.default_rng(15)
    many = [f"c{i}" for i in range(30)]
    frames = [window(rng, many=rng.choice(many, 400)) for _ in range(2)]
    report = compare(*frames)
    assert [entry.column for entry in report.shares] == [v.column for v in report.verdicts]
    for entry in report.shares:
        assert sum(entry.reference) == pytest.approx(1)
        assert sum(entry.current) == pytest.approx(1)
        assert len(entry.labels) == len(entry.reference) == len(entry.current)
    assert next(e for e in report.shares if e.column == "many").labels[-1] == "18 others"


def test_the_largest_by_chance_is_the_plain_loops():
    rng = np.random.default_rng(16)
    pooled, side = rng.normal(size=40), np.arange(40) < 25
    blocks = np.repeat(np.arange(8), 5)
    best = METHODS["wasserstein"]
    ours = largest_by_chance(best, pooled, side, blocks, 50, seed=3)
    twin, draws = 0.0, np.random.default_rng(3)
    for _ in range(50):
        chosen = draws.permutation([True] * 5 + [False] * 3)
        mask = np.array([chosen[row // 5] for row in range(40)])
        twin = max(twin, best.prepare(pooled, mask)(mask))
    assert ours == twin
    assert shuffles(3) == 199
