"""Each method against an outside oracle or a plain-loop twin, and against Evidently itself."""

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon as scipy_jensenshannon

from lab.core.errors import NotFound
from lab.mlops.drift import METHODS, compare, method, methods_for


@pytest.fixture(scope="module")
def windows():
    rng = np.random.default_rng(7)

    def window(n, shift, letters):
        return pd.DataFrame(
            {
                "wide": rng.normal(shift, 2.0, n),
                "skewed": rng.lognormal(shift, 1.0, n),
                "counts": rng.poisson(3 + shift, n),
                "letter": rng.choice(list("abcd"), n, p=letters),
            }
        )

    return window(700, 0.0, [0.4, 0.3, 0.2, 0.1]), window(500, 0.6, [0.2, 0.3, 0.2, 0.3])


def twin_wasserstein(a, b):
    """Area between the two distribution functions, by walking over every value."""
    points = sorted({*a, *b})
    area = 0.0
    for left, right in pairwise(points):
        share_a = sum(x <= left for x in a) / len(a)
        share_b = sum(x <= left for x in b) / len(b)
        area += abs(share_a - share_b) * (right - left)
    mean = sum(a) / len(a)
    return area / math.sqrt(sum((x - mean) ** 2 for x in a) / len(a))


def twin_shares(a, b):
    """Share in each of Sturges' bins, or of each value where there are few, by counting."""
    if isinstance(a[0], str) or len(set(a)) <= 20:
        return [[side.count(k) / len(side) for k in sorted({*a, *b})] for side in (a, b)]
    low, high, bins = min(*a, *b), max(*a, *b), math.ceil(math.log2(len(a) + len(b)) + 1)
    shares = []
    for side in (a, b):
        counts = [0] * bins
        for x in side:
            counts[min(int((x - low) / (high - low) * bins), bins - 1)] += 1
        shares.append([count / len(side) for count in counts])
    return shares


def twin_jensenshannon(a, b):
    p, q = twin_shares(a, b)
    total = 0.0
    for x, y in zip(p, q, strict=True):
        for z in (x, y):
            total += z * math.log(2 * z / (x + y)) / 2 if z else 0.0
    return math.sqrt(total)


def twin_psi(a, b):
    filled = []
    for shares in twin_shares(a, b):
        least = min(s for s in shares if s)
        filled.append([s or (least / 1e6 if least <= 1e-4 else 1e-4) for s in shares])
    return sum((x - y) * math.log(x / y) for x, y in zip(*filled, strict=True))


def twin_chisquare(a, b):
    scale = len(b) / len(a)
    keys = sorted({*a, *b})
    statistic = sum((b.count(k) - a.count(k) * scale) ** 2 / (a.count(k) * scale) for k in keys)
    return float(stats.chi2.sf(statistic, len(keys) - 1))


ORACLES = {
    "wasserstein": twin_wasserstein,
    "jensenshannon": twin_jensenshannon,
    "psi": twin_psi,
    "ks": lambda a, b: float(stats.ks_2samp(a, b).pvalue),
    "chisquare": twin_chisquare,
}
CASES = [
    (name, column)
    for name, entry in METHODS.items()
    for column, kind in (
        ("wide", "numeric"),
        ("skewed", "numeric"),
        ("counts", "numeric"),
        ("letter", "category"),
    )
    if kind in entry.kinds
]


@pytest.mark.parametrize(("name", "column"), CASES)
def test_the_reported_statistic_is_the_oracles(windows, name, column):
    reference, current = windows
    report = compare(reference, current, columns=[column], methods={column: name})
    expected = ORACLES[name](reference[column].tolist(), current[column].tolist())
    assert report.verdicts[0].statistic == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "column"), [case for case in CASES if METHODS[case[0]].prepare is not None]
)
def test_our_distance_is_evidentlys(windows, name, column):
    reference, current = windows
    report = compare(reference, current, columns=[column], methods={column: name})
    pooled = np.concatenate([reference[column], current[column]])
    pooled = pooled.astype("object" if column == "letter" else "float64")
    mask = np.arange(len(pooled)) < len(reference)
    ours = METHODS[name].prepare(pooled, mask)(mask)
    assert ours == pytest.approx(report.verdicts[0].statistic, rel=1e-9)


def test_jensenshannon_is_scipys_and_zero_for_equal_shares():
    pooled = np.array(list("aabbcabbcc"), dtype="object")
    mask = np.arange(10) < 5
    split = METHODS["jensenshannon"].prepare(pooled, mask)
    assert split(mask) == pytest.approx(
        scipy_jensenshannon([0.4, 0.4, 0.2], [0.2, 0.4, 0.4]), rel=1e-12
    )
    same = np.array(list("abc" * 14), dtype="object")
    assert METHODS["jensenshannon"].prepare(same, np.arange(42) < 21)(np.arange(42) < 21) == 0


@pytest.mark.parametrize("entry", METHODS.values(), ids=list(METHODS))
def test_every_method_says_what_it_is(entry):
    assert METHODS[entry.name] is entry
    assert entry.title
    assert entry.about.endswith(".")
    assert 0 < entry.threshold < 1
    assert entry.p_value_based == (entry.prepare is None)
    assert entry.drifted(entry.threshold, entry.threshold)
    assert entry.drifted(0.0, entry.threshold) == entry.p_value_based


def test_methods_that_never_end_are_not_offered():
    assert not {"ed", "empirical_mmd"} & set(METHODS)
    with pytest.raises(NotFound, match="no drift method named 'ed'"):
        method("ed")


def test_the_default_comes_first():
    assert methods_for("numeric")[0].name == "wasserstein"
    assert methods_for("category")[0].name == "jensenshannon"
    assert "chisquare" not in [entry.name for entry in methods_for("numeric")]
