"""Orders and their labels: as many as the run says, with a law of fraud that can be learnt."""

import numpy as np
import pandas as pd
import pytest

from lab.world.lenses.fraud import ordered
from lab.world.lenses.labels import Labels, labels
from lab.world.lenses.orders import ORDERS_A_MINUTE, orders
from lab.world.shop.run import ShopRun
from lab.world.shop.simulate import Shop
from tests.world.lenses.stretches import SEED, calm, struck

BAD = slice(60, 180)


def minute_of(rows: pd.DataFrame) -> np.ndarray:
    return (rows["order_id"] // ORDERS_A_MINUTE).to_numpy()


def bad(rows: pd.DataFrame) -> pd.DataFrame:
    minute = minute_of(rows)
    return rows[(minute >= BAD.start) & (minute < BAD.stop)]


@pytest.mark.parametrize("kind", ["", "error_rate", "flood"])
def test_every_minute_has_the_orders_of_the_run(kind):
    run = struck(kind) if kind else calm()
    rows = orders(run)
    assert (np.bincount(minute_of(rows), minlength=len(run.times)) == run.flows.orders).all()
    assert rows["timestamp"].is_monotonic_increasing
    assert (rows["timestamp"].dt.floor("min") == run.times[minute_of(rows)]).all()
    assert (rows["delivered_at"] >= rows["timestamp"]).all()


def test_a_customer_is_the_same_person_in_every_order():
    rows = orders(calm())
    again = rows[rows["customer_id"].duplicated(keep=False)]
    assert len(again) > 100
    people = again.groupby("customer_id")
    assert people["country"].nunique().max() == 1
    ages = people["account_age_days"].agg(lambda age: age.max() - age.min())
    assert ages.max() < 0.2
    assert people["n_orders_before"].agg(lambda n: (n.diff().dropna() >= 0).all()).all()


def test_a_calm_order_has_nothing_odd():
    rows = orders(calm())
    assert rows["amount"].between(1, 500).all()
    assert (rows["served_amount"] == rows["amount"]).all()
    assert rows["total"].isna().all()
    assert rows["review_flag"].isna().all()
    assert rows["order_id"].is_unique
    assert rows["items"].mean() == pytest.approx(3.5, abs=0.1)


def test_faults_of_the_data_are_seen_while_they_last():
    usual = bad(orders(calm()))

    def suffered(kind):
        return bad(orders(struck(kind)))

    assert suffered("null_amounts")["amount"].isna().mean() == pytest.approx(0.6, abs=0.03)
    renamed = suffered("renamed_column")
    assert renamed["amount"].isna().all()
    assert (renamed["total"].to_numpy() == usual["amount"].to_numpy()).all()
    pence = suffered("unit_change")
    assert pence["amount"].to_numpy() == pytest.approx(usual["amount"].to_numpy() * 100)
    assert suffered("stale_feed").empty
    twice = suffered("duplicate_rows")
    assert len(twice) / len(usual) == pytest.approx(1.4, abs=0.03)
    assert not twice.duplicated(["order_id", "delivered_at"]).any()
    assert twice.drop_duplicates("order_id")["amount"].tolist() == usual["amount"].tolist()
    assert suffered("covariate_drift")["items"].mean() > 6
    skewed = suffered("serving_skew")
    assert (skewed["served_amount"] / skewed["amount"]).mean() == pytest.approx(1.5, abs=0.01)
    leaked = suffered("leak_column").set_index("order_id")["review_flag"]
    truth = labels(struck("leak_column")).set_index("order_id")["fraud"]
    assert (leaked.astype(bool) == truth[leaked.index]).all()
    for kind in ("null_amounts", "duplicate_rows", "leak_column"):
        after = orders(struck(kind)).iloc[-500:]
        pd.testing.assert_frame_equal(
            after.reset_index(drop=True), orders(calm()).iloc[-500:].reset_index(drop=True)
        )


def test_faults_of_labels():
    usual = bad(labels(calm()))
    wrong = bad(labels(struck("poisoned_labels")))
    assert (wrong["fraud"].to_numpy() != usual["fraud"].to_numpy()).mean() == pytest.approx(
        0.4, abs=0.03
    )
    slow = bad(labels(struck("slow_labels")))
    later = slow["labelled_at"].reset_index(drop=True) - usual["labelled_at"].reset_index(drop=True)
    assert (abs(later - pd.Timedelta(days=14)) < pd.Timedelta("1ms")).all()
    lost = bad(labels(struck("missing_labels")))
    assert len(lost) / len(usual) == pytest.approx(0.1, abs=0.02)
    assert set(lost["order_id"]) <= set(usual["order_id"])
    moment = orders(calm()).set_index("order_id")["timestamp"]
    waited = labels(calm()).set_index("order_id")["labelled_at"] - moment
    assert (waited > pd.Timedelta(hours=11)).all()
    assert waited.mean() < pd.Timedelta(days=8)


def test_labels_arrive_once_they_are_known():
    shop, lens = Shop(SEED, "2026-03-02T22:00Z"), Labels()
    runs = [shop.advance(minutes) for minutes in (700, 40, 1, 159)]
    told = [lens.rows(run, ordered(run)) for run in runs]
    for run, rows in zip(runs, told, strict=True):
        end = run.times[-1] + pd.Timedelta(minutes=1)
        assert rows["labelled_at"].between(run.times[0], end, inclusive="left").all()
    whole = pd.concat(map(labels, runs))
    due = whole[whole["labelled_at"] < runs[-1].times[-1] + pd.Timedelta(minutes=1)]
    arrived = pd.concat(told, ignore_index=True)
    assert len(arrived) > 5
    pd.testing.assert_frame_equal(arrived, due.sort_values("labelled_at", ignore_index=True))


def features(run: ShopRun) -> np.ndarray:
    rows = orders(run)
    marks = [
        np.log(rows["amount"]), rows["items"], np.log1p(rows["account_age_days"]),
        rows["account_age_days"] < 7, rows["new_address"], rows["n_orders_before"],
        rows["payment_method"] == "gift card", rows["payment_method"] == "bank transfer",
    ]  # fmt: skip
    return np.column_stack([np.asarray(mark, dtype=float) for mark in marks])


def test_fraud_can_be_learnt_until_it_changes_its_habits():
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import average_precision_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def score(kind):
        run = struck(kind)
        within = np.isin(ordered(run).minute, np.arange(BAD.start, BAD.stop))
        chance = model.predict_proba(features(run)[within])[:, 1]
        fraud = ordered(run).fraud[within]
        return average_precision_score(fraud, chance), fraud.mean(), chance.mean()

    seen, fraud = features(calm()), ordered(calm()).fraud
    half = len(fraud) // 2
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(seen[:half], fraud[:half])
    chance = model.predict_proba(seen[half:])[:, 1]
    clean = average_precision_score(fraud[half:], chance)
    assert 0.3 < clean < 0.7
    assert 0.01 < fraud.mean() < 0.05
    assert score("concept_drift_sudden")[0] < clean / 3
    assert score("concept_drift_segment")[0] < clean
    _, more, predicted = score("prediction_drift")
    assert more > 0.25
    assert predicted > 2 * chance.mean()
