"""The workspace: made on first use, refused in words, never half there."""

import os
import shutil

import pytest

from lab.core.config import Settings, load_settings
from lab.core.errors import Unavailable
from lab.core.workspace import FOLDERS, open_workspace


def test_a_workspace_is_made_with_all_its_folders(tmp_path):
    ws = open_workspace(tmp_path / "deep" / "w")
    assert {path.name for path in ws.root.iterdir()} == set(FOLDERS)
    assert ws.root.stat().st_mode & 0o077 == 0
    assert all(getattr(ws, name) == ws.root / name for name in FOLDERS)


def test_opening_twice_changes_nothing(tmp_path):
    ws = open_workspace(tmp_path / "w")
    (ws.uploads / "kept").touch()
    assert open_workspace(tmp_path / "w") == ws
    assert (ws.uploads / "kept").exists()


def test_a_folder_that_vanished_comes_back(ws):
    shutil.rmtree(ws.reports)
    assert ws.reports.is_dir()


def test_the_root_comes_from_the_argument_then_the_setting(tmp_path, monkeypatch):
    settings = Settings(workspace=tmp_path / "set")
    assert open_workspace(None, settings).root == tmp_path / "set"
    given = open_workspace(tmp_path / "given", settings)
    assert given.root == given.settings.workspace == tmp_path / "given"
    monkeypatch.setenv("LAB_WORKSPACE", str(tmp_path / "environed"))
    assert open_workspace(None, load_settings()).root == tmp_path / "environed"


def test_a_relative_root_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert open_workspace("w").root == tmp_path / "w"


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "w").touch()
    with pytest.raises(Unavailable, match=rf"{tmp_path}/w cannot be made.*LAB_WORKSPACE"):
        open_workspace(tmp_path / "w")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    ws = open_workspace(tmp_path / "w")
    ws.root.chmod(0o500)
    with pytest.raises(Unavailable, match="cannot be written to"):
        open_workspace(ws.root)


def test_space_is_asked_for_before_a_large_write(ws):
    ws.need_space(1000)
    with pytest.raises(Unavailable, match=r"MB are free in .* Free some space"):
        ws.need_space(10**18)


def test_the_version_changes_with_tables_and_with_runs(ws):
    import pandas as pd

    ws.store.write("t", pd.DataFrame({"x": [1]}))
    first = ws.version()
    assert ws.version() == first
    ws.mlflow_database.write_bytes(b"runs")
    assert ws.version() != first


def test_a_path_with_a_quote_and_a_space_works(tmp_path):
    import pandas as pd

    ws = open_workspace(tmp_path / "O'Brien's lab")
    ws.store.write("t", pd.DataFrame({"x": [1]}))
    assert ws.store.read("FROM t")["x"].tolist() == [1]
