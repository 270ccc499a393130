"""Every detector, found by discovery, keeps the one contract."""

import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest

from lab.aiops.detect import base
from lab.aiops.detect.base import Detector, detectors, make_detector, parameters
from lab.core.errors import BadInput, NotFound
from tests.needs import check

NAMES = sorted(detectors())
QUICK = {"autoencoder": {"epochs": 2}, "isolation_forest": {"trees": 20}}
START = pd.Timestamp("2026-03-02", tz="UTC")


def a_host(days: float = 3, columns=("cpu", "load"), seed: int = 5) -> pd.DataFrame:
    """A daily rhythm with noise, one row every five minutes."""
    index = pd.date_range(START, periods=int(days * 288), freq="5min")
    rng = np.random.default_rng(seed)
    day = np.sin(2 * np.pi * np.arange(len(index)) / 288)
    values = {name: 10 + 3 * day + rng.normal(0, 0.3, len(index)) for name in columns}
    return pd.DataFrame(values, index=index)


@pytest.fixture(scope="module", params=NAMES)
def name(request) -> str:
    if request.param == "autoencoder":
        check(("tensorflow",))
    return request.param


@pytest.fixture(scope="module")
def fitted(name) -> Detector:
    return make_detector(name, QUICK.get(name)).fit(a_host())


def test_the_four_detectors_are_found():
    assert {"static_threshold", "seasonal_robust", "isolation_forest", "autoencoder"} <= set(NAMES)


def test_discovery_does_not_swallow_a_broken_module(monkeypatch):
    def broken(name):
        raise ImportError(name)

    monkeypatch.setattr(base.importlib, "import_module", broken)
    with pytest.raises(ImportError):
        detectors()


def test_an_unknown_detector_or_parameter_is_refused_by_name(name):
    with pytest.raises(NotFound, match=r"no detector named 'seasonl_robust'.*seasonal_robust"):
        make_detector("seasonl_robust")
    with pytest.raises(BadInput, match="no parameter 'nonsense'"):
        make_detector(name, {"nonsense": 1})
    with pytest.raises(BadInput, match="must be a"):
        make_detector(name, {next(iter(parameters(detectors()[name]))): "three"})


def test_parameters_are_dataclass_fields_with_defaults_and_the_constructor_stores_only(name):
    kind = detectors()[name]
    assert dataclasses.is_dataclass(kind)
    assert all(value is not None for value in parameters(kind).values())
    assert set(vars(kind())) <= {f.name for f in dataclasses.fields(kind)}
    assert all(f.name.endswith("_") for f in dataclasses.fields(kind) if not f.init)
    assert isinstance(kind(), Detector)


def test_it_says_what_it_does_when_it_fails_and_where_it_is_from(name):
    text = detectors()[name].__doc__
    for word in ("Works", "Fails", "Args:", "Source:"):
        assert word in text
    for parameter in parameters(detectors()[name]):
        assert f"{parameter}:" in text


def test_fit_returns_the_detector(name):
    detector = make_detector(name, QUICK.get(name))
    assert detector.fit(a_host()) is detector


def test_the_same_seed_gives_the_same_scores(name, fitted):
    again = make_detector(name, QUICK.get(name)).fit(a_host())
    pd.testing.assert_series_equal(again.score(a_host()).score, fitted.score(a_host()).score)


def test_the_input_is_not_touched(name, fitted):
    frame = a_host()
    frame.iloc[5, 0] = np.nan
    before = frame.copy(deep=True)
    make_detector(name, QUICK.get(name)).fit(frame).score(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_scores_have_the_shape_of_the_input_and_are_finite(fitted):
    frame = a_host(days=1, seed=9)
    scores = fitted.score(frame)
    assert scores.score.index.equals(frame.index)
    assert np.isfinite(scores.score).all()
    assert (scores.score >= 0).all()
    for table in (scores.expected, scores.lower, scores.upper, scores.contributions):
        if table is not None:
            assert table.index.equals(frame.index)
            assert table.columns.equals(frame.columns)
            assert np.isfinite(table.to_numpy()).all()
    if scores.lower is not None:
        assert (scores.lower <= scores.expected).to_numpy().all()
        assert (scores.expected <= scores.upper).to_numpy().all()


def test_a_spike_scores_above_everything_usual(fitted):
    frame = a_host(days=1, seed=9)
    frame.iloc[200, 1] += 40
    score = fitted.score(frame).score
    assert score.iloc[200] >= 1.0
    assert score.iloc[200] > 2 * score.median()
    assert fitted.score(frame).contributions.iloc[200].idxmax() == "load"


def test_usual_days_are_mostly_silent(fitted):
    alarms = fitted.score(a_host(days=3, seed=21)).score >= 1.0
    assert alarms.mean() < 0.02


def test_a_gap_has_no_score_and_never_counts_as_normal(fitted):
    frame = a_host(days=1, seed=9)
    frame.iloc[50:60, 0] = np.nan
    frame.iloc[100:110] = np.nan
    score = fitted.score(frame).score
    gap = score.iloc[50:60]
    assert (gap.isna() | (gap >= 1.0)).all()
    assert score.iloc[100:110].isna().all()
    rest = score.drop(score.index[50:60]).drop(score.index[100:110])
    assert rest.notna().all()


def test_a_row_with_a_gap_still_alarms_when_another_column_does(fitted):
    frame = a_host(days=1, seed=9)
    frame.iloc[200, 0] = np.nan
    frame.iloc[200, 1] += 40
    assert fitted.score(frame).score.iloc[200] >= 1.0


def test_gaps_in_training_are_lived_with(name):
    frame = a_host()
    frame.iloc[100:130, 0] = np.nan
    score = make_detector(name, QUICK.get(name)).fit(frame).score(a_host(days=1)).score
    assert np.isfinite(score).all()


def test_the_future_does_not_change_the_past(fitted):
    long = a_host(days=2, seed=9)
    short = long.iloc[:300]
    later = long.copy()
    later.iloc[300:] += 50
    first = fitted.score(short).score
    pd.testing.assert_series_equal(fitted.score(later).score.iloc[:300], first, check_freq=False)


def test_a_longer_frame_than_training_is_scored(fitted):
    score = fitted.score(a_host(days=8, seed=3)).score
    assert len(score) == 8 * 288
    assert np.isfinite(score).all()


def test_one_row_is_scored(fitted):
    assert np.isfinite(fitted.score(a_host().iloc[:1]).score).all()


def test_a_fitted_detector_survives_pickling(fitted):
    again = pickle.loads(pickle.dumps(fitted))
    pd.testing.assert_series_equal(again.score(a_host()).score, fitted.score(a_host()).score)


def _constant(frame):
    return frame.assign(load=4.0)


def _infinite(frame):
    frame.iloc[7, 1] = np.inf
    return frame


def _gappy(frame):
    frame.iloc[: int(len(frame) * 0.9), 1] = np.nan
    return frame


BAD = [
    (_constant, r"column load is constant \(4 in all 864 rows\)"),
    (_infinite, "column load has 1 infinite value"),
    (_gappy, "column load is missing in 90% of the rows"),
    (lambda f: f.iloc[:29], "column cpu has 29 values; at least 30 are needed; column load has 29"),
    (lambda f: f.assign(load="high"), "column load holds .* values, not numbers"),
    (lambda f: f.tz_localize(None), "needs a time index in UTC"),
    (lambda f: f.reset_index(drop=True), "needs a time index in UTC"),
    (lambda f: f.drop(f.index[10]), "time index is not regular: its steps run from 300 to 600 s"),
    (lambda f: f.iloc[::-1], "time index is not regular"),
    (lambda f: f.iloc[:0], "table is empty"),
    (lambda f: f[[]], "table is empty"),
]


@pytest.mark.parametrize(("spoil", "message"), BAD)
def test_what_cannot_be_learnt_from_is_refused_by_column(name, spoil, message):
    with pytest.raises(BadInput, match=message) as caught:
        make_detector(name, QUICK.get(name)).fit(spoil(a_host()))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_infinite, "column load has infinite values"),
        (lambda f: f[["cpu"]], "was fitted on cpu, load; it was given cpu"),
        (lambda f: f[["load", "cpu"]], "was fitted on cpu, load"),
        (lambda f: f.iloc[::2], "was fitted on a step of 300 s; the table has 600 s"),
    ],
)
def test_what_does_not_look_like_training_is_not_scored(fitted, spoil, message):
    with pytest.raises(BadInput, match=message):
        fitted.score(spoil(a_host()))


def test_numbers_out_of_range_are_refused(name):
    for key, value in parameters(detectors()[name]).items():
        if isinstance(value, (int, float)) and key != "seed":
            with pytest.raises(BadInput, match=key):
                make_detector(name, {key: type(value)(-1)}).fit(a_host())
