import numpy as np
import pandas as pd
import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.progress import drain
from lab.mlops.models.infer import infer
from lab.mlops.models.kinds import model_kind, model_kinds
from lab.mlops.models.train import splits, train
from tests.mlops.models.sample import sales
from tests.needs import needs

KINDS = [
    pytest.param(name, marks=needs("tensorflow") if kind.absent else ())
    for name, kind in model_kinds().items()
]
TABLE = sales(200, 3)
RECIPE = infer(TABLE, "units").recipe


def trained(model, seed=0, table=TABLE, **more):
    return drain(train(table, RECIPE, model, seed=seed, folds=3, holdout_days=14, **more))


@pytest.fixture(scope="module", params=KINDS)
def outcome(request):
    steps = []
    model = drain(train(TABLE, RECIPE, request.param, folds=3, holdout_days=14), steps.append)
    return model, steps


def test_every_kind_beats_the_baseline_on_a_shop_with_a_price(outcome):
    model, _ = outcome
    assert model.improvement > 0.1
    assert model.scores.mae < model.baseline.mae
    assert model.scores.rows == model.baseline.rows == 14 * 3


def test_every_fold_is_reported_live_and_kept(outcome):
    model, steps = outcome
    live = [s.metrics for s in steps if "fold" in s.metrics]
    assert [m["fold"] for m in live] == [1, 2, 3]
    assert [m["mae"] for m in live] == list(model.folds["mae"])
    done = [s.done for s in steps]
    assert done == sorted(done)
    assert all(s.total == 6 for s in steps)
    assert (model.folds["train_end"] < model.folds["test_start"]).all()


def test_predictions_are_the_holdout_rows_and_give_the_score(outcome):
    model, _ = outcome
    shown = model.predictions
    assert list(shown) == ["date", "store", "actual", "predicted", "baseline"]
    assert shown["date"].min() == model.split.test.start
    assert (shown["actual"] - shown["predicted"]).abs().mean() == pytest.approx(model.scores.mae)


def test_the_same_seed_gives_the_same_score(outcome):
    model, _ = outcome
    again = trained(model.kind.name)
    assert again.scores.mae == pytest.approx(model.scores.mae, abs=1e-6)
    assert list(again.folds["mae"]) == pytest.approx(list(model.folds["mae"]), abs=1e-6)


def test_the_model_never_sees_the_holdout(outcome):
    """Changing every holdout target changes no prediction that cannot know about it."""
    model, _ = outcome
    changed = TABLE.copy()
    start = model.split.test.start
    changed.loc[changed["date"] >= start, "units"] += 500
    other = trained(model.kind.name, table=changed)
    first = model.predictions["date"] < start + pd.Timedelta(days=RECIPE.horizon)
    assert np.allclose(
        model.predictions.loc[first, "predicted"], other.predictions.loc[first, "predicted"],
        rtol=1e-5,
    )  # fmt: skip


def test_inputs_are_not_changed(outcome):
    assert TABLE.equals(sales(200, 3))
    assert outcome[0].example.notna().all().all()


def test_what_moves_the_shop_is_important_and_noise_is_not():
    table = TABLE.assign(noise=np.random.default_rng(1).random(len(TABLE)))
    recipe = infer(table, "units").recipe
    model = drain(train(table, recipe, "hist_gradient_boosting", folds=2, holdout_days=28))
    rise = model.importance.set_index("feature")["rise"]
    assert rise["price"] > 0
    assert rise["promotion"] > 0
    assert rise["noise"] < 0.1 * rise["price"]


def test_a_shuffled_target_collapses_to_no_skill():
    """Nothing leaks: without a link between past and future no model can beat the mean."""
    rng = np.random.default_rng(3)
    table = TABLE.assign(units=rng.permutation(TABLE["units"].to_numpy()))
    model = trained("hist_gradient_boosting", table=table)
    mean_error = (model.predictions["actual"] - table["units"].mean()).abs().mean()
    assert model.scores.mae > 0.9 * mean_error


def test_gaps_and_new_labels_do_not_stop_any_kind():
    table = TABLE[~TABLE["date"].between("2025-06-20", "2025-06-24")].copy()
    table.loc[table["date"] > "2025-07-01", "store"] = table["store"].replace("shop 0", "shop 9")
    table.loc[table.index[::17], "price"] = np.nan
    for name in ("ridge", "hist_gradient_boosting", "random_forest"):
        assert np.isfinite(trained(name, table=table).scores.mae)


def test_parameters_and_kinds_are_checked_by_name():
    with pytest.raises(NotFound, match=r"'ridg'\. Did you mean ridge"):
        model_kind("ridg")
    with pytest.raises(BadInput, match=r"no parameter 'depth'\. It has: alpha"):
        trained("ridge", params={"depth": 3})
    assert trained("ridge", params={"alpha": 5.0}).params == {"alpha": 5.0}


def test_a_kind_whose_library_is_absent_says_so(monkeypatch):
    kind = model_kinds()["dense_network"]
    monkeypatch.setattr("lab.mlops.models.kinds.find_spec", lambda _: None)
    assert kind.absent == "Dense network (Keras) needs tensorflow, which is not installed here."
    assert model_kinds()["ridge"].absent == ""


@needs("tensorflow")
def test_the_network_reports_its_loss_after_each_epoch():
    steps = []
    recipe = RECIPE
    drain(
        train(TABLE, recipe, "dense_network", folds=2, holdout_days=14, params={"epochs": 3}),
        steps.append,
    )
    losses = [s.metrics["loss"] for s in steps if "loss" in s.metrics]
    assert len(losses) == 3 * 3
    assert losses[2] < losses[0]


def test_too_short_a_table_is_refused_before_anything_is_fitted():
    with pytest.raises(BadInput, match="too short"):
        drain(train(sales(90, 2), RECIPE, "ridge", folds=5, holdout_days=28))
    with pytest.raises(BadInput, match="too few to learn from"):
        drain(train(sales(40, 1), RECIPE, "ridge", folds=2, holdout_days=2))


def test_the_gap_before_a_test_window_fits_the_horizon():
    last, folds = splits(TABLE["date"], RECIPE, 3, 14)
    for split in (last, *folds):
        assert split.test.start - split.train.end == pd.Timedelta(days=RECIPE.horizon - 1)
