import pytest

from lab.core.errors import BadInput, NotFound
from lab.flows.comparison import comparison
from lab.flows.runs import compare, details, one_dataset, runs
from lab.flows.training_choices import (
    live_number,
    trainable_tables,
    training_columns,
    unusable_models,
    usable_models,
)
from lab.flows.training_view import finished_runs, training_view
from lab.mlops.tracking import track
from tests.flows.shop import opened, trained


@pytest.fixture
def shop(ws):
    return opened(ws)


def test_runs_are_listed_newest_first_with_their_scores(shop):
    first, second = trained(shop), trained(shop, "hist_gradient_boosting")
    with track(shop, "sales", "something else"):
        pass
    table = runs(shop)
    assert table["run_id"].tolist() == [second.run_id, first.run_id]
    assert table["mae"].tolist() == [second.mae, first.mae]
    assert table["complete"].all()
    assert table["name"].iloc[1] == f"Ridge regression · {first.run_id[:6]}"
    assert str(table["started"].dtype) == "datetime64[us, UTC]"
    assert one_dataset(table)


def test_no_runs_is_an_empty_table_with_all_columns(ws):
    table = runs(ws)
    assert table.empty
    assert {"run_id", "mae", "complete"} <= set(table.columns)
    assert not ws.mlflow_database.exists()


def test_runs_side_by_side_show_what_differs(shop):
    a, b = trained(shop), trained(shop, params={"alpha": 9.0})
    table = compare(shop, [a.run_id, b.run_id]).set_index("name")
    assert table.loc["model.alpha", [a.run_id[:8], b.run_id[:8]]].tolist() == ["1.0", "9.0"]
    assert table.loc["model.alpha", "differs"]
    assert not table.loc["seed", "differs"]
    with pytest.raises(BadInput, match="One run cannot be compared"):
        compare(shop, [a.run_id, a.run_id])
    with pytest.raises(NotFound):
        compare(shop, [a.run_id, "0" * 32])


def test_the_comparison_names_the_best_and_warns_of_different_rows(shop):
    a, b = trained(shop, params={"alpha": 3000.0}), trained(shop)
    found = comparison(shop)
    assert found.runs["run_id"].tolist() == [b.run_id, a.run_id]
    assert found.sentence.startswith(f"Ridge regression · {b.run_id[:6]} has the smallest error")
    assert (found.warning, found.target) == ("", "units")
    assert found.folds.groupby("name")["fold"].apply(list).tolist() == [[1, 2], [1, 2]]
    c = trained(shop, until="2025-05-20")
    assert "different rows" in comparison(shop, [a.run_id, c.run_id]).warning
    alone = comparison(shop, [c.run_id])
    assert alone.differences is None
    assert "the seasonal-naive forecast has" in alone.sentence


def test_details_read_back_what_was_logged(shop):
    run = trained(shop)
    found = details(shop, run.run_id)
    assert found.folds["mae"].tolist() == pytest.approx(list(run.fold_mae))
    off = (found.predictions["actual"] - found.predictions["predicted"]).abs().mean()
    assert off == pytest.approx(run.mae)
    assert found.importance["rise"].is_monotonic_decreasing
    with track(shop, "sales", "no training") as other:
        pass
    with pytest.raises(NotFound, match="is not a finished training run"):
        details(shop, other.run_id)


def test_a_run_is_told_in_sentences(shop):
    run = trained(shop)
    assert list(finished_runs(shop)) == [run.run_id]
    view = training_view(shop, run.run_id)
    assert "units on average, the seasonal-naive forecast by" in view.sentence
    assert view.sentence.endswith(f"{run.improvement:.0%} less.")
    assert "of 2 folds" in view.fold_sentence
    assert "furthest off on" in view.holdout_sentence
    assert view.importance_sentence.startswith("It leans most on")
    assert view.scores["measure"].tolist()[0] == "Mean absolute error"


def test_choices_are_read_off_the_workspace(shop, monkeypatch):
    assert trainable_tables(shop) == ["shop"]
    found = training_columns(shop, "shop")
    assert found.targets == ("units", "price")
    assert set(found.others) == {"date", "store", "price", "promotion", "units"}
    assert usable_models()["ridge"] == "Ridge regression"
    assert live_number("ridge") == "mae"
    assert live_number("dense_network") == "loss" or unusable_models()
    monkeypatch.setattr("lab.mlops.models.kinds.find_spec", lambda _: None)
    assert "not installed here" in unusable_models()["Dense network (Keras)"]
    assert "dense_network" not in usable_models()
