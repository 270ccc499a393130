"""Every bundled data set keeps the promises of its card, whichever there are."""

import importlib
import re

import pandas as pd
import pytest
import yaml

from lab.data.catalog import DatasetCard, bundled, datasets_folder, verify
from lab.world.fleet.hosts import HostWorld

CARDS = bundled()
TYPES = {
    "timestamp": "datetime64[us, UTC]",
    "date": "datetime64[us]",
    "string": "str",
    "double": "float64",
    "boolean": "bool",
    "bigint": "int64",
}
each_card = pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)


def front_matter(card: DatasetCard) -> dict:
    text = (card.path.parent / f"{card.name}.md").read_text(encoding="utf-8")
    return yaml.safe_load(text.split("---\n", 2)[1])


def read(path, schema) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    times = [name for name, about in schema.items() if about["type"] in ("date", "timestamp")]
    frame = pd.read_csv(path, parse_dates=times)
    return frame.astype({name: frame[name].dtype.name.replace("[ns", "[us") for name in times})


def generated(card: DatasetCard) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    module, name = front_matter(card)["generator"].split(":")
    made = getattr(importlib.import_module(module), name)(seed=card.seed)
    return (made.metrics, made.incidents) if isinstance(made, HostWorld) else (made, None)


def test_there_are_data_sets():
    assert {"host_metrics", "shop_sales"} <= {card.name for card in CARDS}


def test_every_file_in_the_folder_belongs_to_a_card():
    known = {path for card in CARDS for path in (card.path, card.labels_path) if path}
    known |= {datasets_folder() / f"{card.name}.md" for card in CARDS}
    known.add(datasets_folder() / "README.md")
    files = {path for path in datasets_folder().iterdir() if path.is_file()}
    assert {path for path in files if path.name[0] != "."} == known


def test_the_listing_names_each_data_set():
    listing = (datasets_folder() / "README.md").read_text(encoding="utf-8")
    for card in CARDS:
        assert f"[{card.name}.md]({card.name}.md)" in listing
        assert card.path.name in listing


@each_card
def test_fields_are_filled_in(card):
    assert re.fullmatch(r"[a-z][a-z0-9_]*", card.name)
    assert re.fullmatch(r"[0-9a-f]{64}", card.sha256)
    assert card.rows > 0
    for text in (card.title, card.origin, card.licence, card.body):
        assert text.strip()
    assert "spoiler" in card.body.lower()
    for about in card.schema.values():
        assert set(about) == {"type", "unit", "about"}
        assert about["type"] in TYPES


@each_card
def test_files_are_intact(card):
    verify(card)


@each_card
def test_the_file_is_what_the_card_says(card):
    frame = read(card.path, card.schema)
    assert len(frame) == card.rows
    assert list(frame.columns) == list(card.schema)
    for name, about in card.schema.items():
        assert str(frame[name].dtype) == TYPES[about["type"]], name


@each_card
def test_the_mapping_names_columns(card):
    mapping, columns = card.mapping, set(card.schema)
    assert mapping["kind"] == card.kind
    assert mapping["time_column"] in columns
    named = ("label_columns", "value_columns") if card.kind == "metrics" else ("key",)
    for part in named:
        assert mapping[part]
        assert set(mapping[part]) <= columns


@each_card
def test_labels_are_what_the_card_says(card):
    if card.labels_path is None:
        pytest.skip(f"{card.name} has no labels")
    front = front_matter(card)
    labels = read(card.labels_path, front["labels_schema"])
    assert len(labels) == front["labels_rows"]
    assert list(labels.columns) == list(front["labels_schema"])
    data = read(card.path, card.schema)
    assert (labels["start"] < labels["end"]).all()
    assert labels["start"].min() >= data[card.mapping["time_column"]].min()
    assert set(labels["instance"]) <= set(data["instance"])
    assert set(labels["metric"]) <= set(card.mapping["value_columns"])


@each_card
def test_the_recorded_seed_gives_the_same_content(card):
    if card.seed is None:
        pytest.skip(f"{card.name} is recorded, not generated")
    data, labels = generated(card)
    pd.testing.assert_frame_equal(read(card.path, card.schema), data)
    if card.labels_path is not None:
        bundled_labels = read(card.labels_path, front_matter(card)["labels_schema"])
        pd.testing.assert_frame_equal(bundled_labels, labels)
