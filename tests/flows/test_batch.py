"""Score a batch: one prediction for each key, however often it is run."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.flows.batch import score_batch
from lab.flows.registry import champion
from lab.flows.serve import sample_rows
from lab.mlops.models.artifact import load_model
from tests.flows.serving_world import NAME, with_champion


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return with_champion(tmp_path_factory.mktemp("shop"), "ridge")


@pytest.fixture
def rows(shop: Workspace) -> pd.DataFrame:
    found = pd.DataFrame(sample_rows(shop, NAME, count=30))
    found.insert(0, "order", [f"007-{number}" for number in range(len(found))])
    return found


def written(rows: pd.DataFrame, place: Path) -> str:
    path = place / "batch.csv"
    rows.to_csv(path, index=False)
    return str(path)


def scored(shop: Workspace, table: str) -> pd.DataFrame:
    return shop.store.read(f'SELECT * FROM "{table}" ORDER BY "order"')


def test_every_row_gets_what_the_model_says(
    shop: Workspace, rows: pd.DataFrame, tmp_path: Path
) -> None:
    done = drain(score_batch(shop, written(rows, tmp_path), "once"))
    found = scored(shop, "once")
    model = load_model(champion(shop).folder)
    wanted = rows.assign(wanted=model.predict(rows.drop(columns="order"))).sort_values("order")
    assert (done.rows, done.total, done.key) == (30, 30, ("order",))
    assert list(found["order"]) == list(wanted["order"])
    np.testing.assert_array_equal(found["prediction"], wanted["wanted"])
    assert set(found["version"]) == {champion(shop).version}


def test_a_second_run_leaves_the_same_rows(
    shop: Workspace, rows: pd.DataFrame, tmp_path: Path
) -> None:
    source = written(rows, tmp_path)
    drain(score_batch(shop, source, "twice"))
    before = scored(shop, "twice")
    done = drain(score_batch(shop, source, "twice"))
    after = scored(shop, "twice")
    assert done.total == 30
    same = ["order", "prediction", "model", "version", "first_predicted_at"]
    pd.testing.assert_frame_equal(before[same], after[same])
    assert (after["predicted_at"] > before["predicted_at"]).all()


def test_a_later_batch_adds_its_new_keys_only(shop: Workspace, rows: pd.DataFrame) -> None:
    shop.store.write("first_part", rows.head(20))
    shop.store.write("last_part", rows.tail(20))
    drain(score_batch(shop, "first_part", "both"))
    assert drain(score_batch(shop, "last_part", "both")).total == 30
    assert scored(shop, "both")["order"].is_unique


def test_what_cannot_be_scored_is_refused(
    shop: Workspace, rows: pd.DataFrame, tmp_path: Path
) -> None:
    refused = {
        "has no key": rows.drop(columns="order"),
        "repeat their order": pd.concat([rows, rows.head(2)]),
        "missing": rows.drop(columns="price"),
        "one the lab writes itself": rows.assign(prediction=1.0),
        "no rows": rows.head(0),
    }
    for says, batch in refused.items():
        with pytest.raises(BadInput, match=says):
            drain(score_batch(shop, written(batch, tmp_path), "refused"))
    path = tmp_path / "ragged.csv"
    path.write_text("order,price\n1,2,3\n", encoding="utf-8")
    with pytest.raises(BadInput, match="cells under"):
        drain(score_batch(shop, str(path), "refused"))
    with pytest.raises(BadInput, match="holds something else"):
        drain(score_batch(shop, written(rows, tmp_path), "sales"))
    with pytest.raises(NotFound, match="no file and no table"):
        drain(score_batch(shop, "nowhere.csv", "refused"))
    assert not shop.store.has("refused")
