"""Uploads land under names of ours, whole, in the workspace and nowhere else."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.core.errors import BadInput, Unavailable
from lab.core.workspace import Workspace
from lab.data.uploads import checked_suffix, save_upload


def test_name_is_ours(ws: Workspace) -> None:
    path = save_upload(ws, "../../evil name.CSV", b"a,b\n")
    assert path.parent == ws.uploads
    assert re.fullmatch(r"[0-9a-f]{32}\.csv", path.name)
    assert path.read_bytes() == b"a,b\n"
    assert not list(ws.uploads.glob("*.part"))


@given(st.text(max_size=80))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_stays_inside(ws: Workspace, name: str) -> None:
    before = {path for path in ws.root.parent.rglob("*") if path.parent != ws.uploads}
    try:
        path = save_upload(ws, name, b"x")
    except BadInput:
        pass
    else:
        assert path.parent == ws.uploads
        path.unlink()
    assert {path for path in ws.root.parent.rglob("*") if path.parent != ws.uploads} == before


@pytest.mark.parametrize("name", ["x.exe", "x", ".csv.exe", "x.csv\0.exe", "x.pkl", "x.html"])
def test_other_endings_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match="does not end like a table"):
        checked_suffix(name)


def test_limit_holds(ws: Workspace) -> None:
    small = replace(ws, settings=replace(ws.settings, max_upload_mb=1))
    with pytest.raises(BadInput, match="at most 1 MB"):
        save_upload(small, "x.csv", b"x" * 1_000_001)
    assert not list(small.uploads.iterdir())


def test_full_disk_is_said(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")(10, 10, 0)
    monkeypatch.setattr("lab.core.workspace.shutil.disk_usage", lambda _: usage)
    with pytest.raises(Unavailable, match="free"):
        save_upload(ws, "x.csv", b"x")
