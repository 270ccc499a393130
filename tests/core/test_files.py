"""Files that come and go while they are looked at."""

import os
from pathlib import Path

import pytest

from lab.core.files import stats, write_whole


def test_only_files_that_are_there_count(tmp_path):
    there, gone = tmp_path / "there", tmp_path / "gone"
    there.write_bytes(b"four")
    assert [found.st_size for found in stats((there, gone))] == [4]


def test_a_file_that_vanishes_after_a_look_is_no_error(ws, monkeypatch):
    """The write-ahead log of a job that ends between two calls of the page."""
    ws.store.write("t", _frame())
    before = ws.version()
    monkeypatch.setattr(Path, "exists", lambda _: True)
    assert ws.version() == before


@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o644)])
def test_a_private_file_is_never_open_to_others(tmp_path, monkeypatch, private, mode):
    before = os.umask(0o022)
    try:
        modes = []
        replace = Path.replace
        monkeypatch.setattr(
            Path, "replace", lambda part, to: (modes.append(part.stat().st_mode), replace(part, to))
        )
        (tmp_path / "note").touch(0o644)
        write_whole(tmp_path / "note", "text", private=private)
    finally:
        os.umask(before)
    assert [each & 0o777 for each in modes] == [mode]
    assert (tmp_path / "note").read_text() == "text"
    assert [path.name for path in tmp_path.iterdir()] == ["note"]


def _frame():
    import pandas as pd

    return pd.DataFrame({"x": [1.0]})
