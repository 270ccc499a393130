"""Files that come and go while they are looked at."""

from pathlib import Path

from lab.core.files import stats


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


def _frame():
    import pandas as pd

    return pd.DataFrame({"x": [1.0]})
