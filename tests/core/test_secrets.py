"""Secrets are made once, private, stable, and never guessable."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.core.errors import BadInput
from lab.core.secrets import COOKIE, MLFLOW, NAMES, load_secrets, refuse_weak
from lab.core.workspace import Workspace, open_workspace


def test_made_on_first_use_private_and_stable(ws: Workspace) -> None:
    first = load_secrets(ws)
    path = ws.root / "secrets.json"
    assert set(first) == set(NAMES)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_secrets(ws) == first
    assert [p.name for p in ws.root.glob("secrets*")] == ["secrets.json"]


def test_differ_between_workspaces_and_from_each_other(ws: Workspace) -> None:
    other = load_secrets(open_workspace(ws.root.with_name("other")))
    assert len({*load_secrets(ws).values(), *other.values()}) == 2 * len(NAMES)


def test_open_permissions_are_closed_again(ws: Workspace) -> None:
    load_secrets(ws)
    (ws.root / "secrets.json").chmod(0o644)
    load_secrets(ws)
    assert (ws.root / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_eight_at_once_agree(ws: Workspace) -> None:
    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(lambda _: load_secrets(ws)[COOKIE], range(8)))
    assert len(set(values)) == 1


@pytest.mark.parametrize(
    "value", ["", "tiny", "changeme" * 8, "SECRET" + "x1y2z3w4" * 8, "a" * 64, None, 7]
)
def test_weak_values_are_refused_without_showing_them(value: object) -> None:
    with pytest.raises(BadInput, match="empty, short or well known") as caught:
        refuse_weak(COOKIE, value, "a file")
    assert str(value or "nothing to show") not in str(caught.value)


def test_weak_file_or_variable_stops_the_start(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_secrets(ws)
    monkeypatch.setenv(MLFLOW, "default")
    with pytest.raises(BadInput, match="in environment"):
        load_secrets(ws)
    monkeypatch.delenv(MLFLOW)
    (ws.root / "secrets.json").write_text(json.dumps({COOKIE: "", MLFLOW: ""}))
    with pytest.raises(BadInput, match="Remove it"):
        load_secrets(ws)


def test_strong_variable_wins(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    strong = "kR3v-0QxZ9-mLp2-TtY7-bN5c-WsA8-hJ6d"
    monkeypatch.setenv(COOKIE, strong)
    assert load_secrets(ws)[COOKIE] == strong


@pytest.mark.parametrize("content", ["{", "[]", "7"])
def test_damaged_file_is_explained(ws: Workspace, content: str) -> None:
    (ws.root / "secrets.json").write_text(content)
    with pytest.raises(BadInput, match="is damaged"):
        load_secrets(ws)
