"""The maker of the bundled files: what it writes into a fresh folder is what is bundled."""

import shutil

import pandas as pd
import pytest

from lab.core.errors import BadInput
from lab.world.bundle import FOLDER, write_bundle


def test_writing_again_changes_nothing_a_reader_sees(tmp_path):
    for name in ("host_metrics.md", "shop_sales.md"):
        shutil.copy(FOLDER / name, tmp_path)
    assert len(write_bundle(tmp_path)) == 5
    for name in ("host_incidents.csv", "shop_sales.csv", "shop_sales.md"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()
    # The bytes of Parquet depend on its writer's version; its content does not.
    again, bundled = (pd.read_parquet(f / "host_metrics.parquet") for f in (tmp_path, FOLDER))
    pd.testing.assert_frame_equal(again, bundled)


def test_a_missing_card_or_field_is_named(tmp_path):
    with pytest.raises(BadInput, match="no card"):
        write_bundle(tmp_path)
    (tmp_path / "host_metrics.md").write_text("---\nname: host_metrics\n---\n")
    with pytest.raises(BadInput, match="no field rows"):
        write_bundle(tmp_path)


def test_bundled_files_are_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 5_000_000
