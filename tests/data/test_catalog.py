"""The catalog: finds cards by itself and refuses what does not match them."""

import shutil
from pathlib import Path

import pytest

from lab.core.errors import BadInput, NotFound
from lab.data.catalog import bundled, card, datasets_folder, verify


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the bundled data sets that a test may damage."""
    return Path(shutil.copytree(datasets_folder(), tmp_path / "datasets"))


def test_cards_are_found_by_name():
    assert [found.name for found in bundled()] == ["host_metrics", "shop_sales"]
    hosts = card("host_metrics")
    assert hosts.kind == "metrics"
    assert hosts.labels_path is not None
    assert hosts.mapping["time_column"] == "timestamp"
    assert hosts.body.startswith("# ")
    assert card("shop_sales").labels_path is None


def test_an_unknown_name_lists_near_matches():
    with pytest.raises(NotFound, match="host_metric'") as caught:
        card("host_metric")
    assert "host_metrics" in caught.value.hint


def test_intact_files_pass():
    for found in bundled():
        verify(found)


@pytest.mark.parametrize("name", ["host_metrics.parquet", "host_incidents.csv"])
def test_an_altered_or_missing_file_is_refused(folder, name):
    with (folder / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(BadInput, match=name) as caught:
        verify(card("host_metrics", folder))
    assert "lab.world.bundle" in caught.value.hint
    (folder / name).unlink()
    with pytest.raises(BadInput, match="missing"):
        verify(card("host_metrics", folder))


def test_a_new_card_is_found_without_code(folder):
    text = (folder / "shop_sales.md").read_text().replace("name: shop_sales", "name: mine")
    (folder / "mine.md").write_text(text.replace("seed: 11", "seed: null"))
    assert card("mine", folder).seed is None
    assert len(bundled(folder)) == 3


def test_an_empty_folder_has_no_cards(tmp_path):
    assert bundled(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("licence: CC0-1.0\n", "", "lacks licence"),
        ("kind: table", "kind: video", "kind must be"),
        ("file: shop_sales.csv", "file: ../secret.csv", "plain file name"),
        ("---\nname", "name", "no front matter"),
        ("title: Three", "title: [Three", "not YAML"),
    ],
)
def test_a_bad_card_is_refused_with_its_name(folder, old, new, says):
    path = folder / "shop_sales.md"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(BadInput, match=says) as caught:
        bundled(folder)
    assert "shop_sales.md" in caught.value.message
