"""The command line: every verb, its options and help, its errors and its exit codes."""

import inspect
import io
import json
import math
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from lab import cli
from lab.core.config import PROJECT
from lab.core.errors import BadInput
from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace

Capture = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Outcome:
    """What the toy flow returns."""

    ok: bool
    given: dict[str, Any]


def toy(
    ws: Workspace,
    name: str,
    count: int = 1,
    *,
    columns: Sequence[str] | None = None,
    methods: Mapping[str, str] | None = None,
    share: float = 0.5,
    kind: Literal["one", "two"] = "one",
    good: bool = True,
    mood: str = "calm",
) -> Steps[Outcome]:
    """Do as told, up to 100 %.

    Args:
        ws: The workspace.
        name: What to call it, in ``code``
            on two lines.
        count: How many.
        columns: Some.
        methods: By column.
        share: A share, 50 % if not given.
        kind: Which.
        good: Whether it works.
        mood: Raises when ``cross``.

    Yields:
        Progress.

    Returns:
        What it was given.
    """
    given = {k: v for k, v in locals().items() if k not in ("ws", "good", "mood")}
    yield Progress(0, 1, "Doing")
    if mood == "cross":
        raise BadInput("It went\nwrong.", "Do\nbetter.")
    if mood == "hasty":
        raise KeyboardInterrupt
    return Outcome(good, given)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, ws: Workspace) -> Callable[..., int]:
    """Call the toy flow as if it were the verb ``demo``."""
    monkeypatch.setattr(cli, "_flow", lambda _: toy)
    return lambda *given: cli.main(["demo", "--workspace", str(ws.root), *given])


def asked(ws: Workspace, verb: str, *given: str) -> int:
    return cli.main([verb, "--workspace", str(ws.root), *given])


@pytest.mark.parametrize("verb", cli.VERBS)
def test_verb_is_a_flow_with_help(verb: str, capsys: Capture) -> None:
    target, about = cli.VERBS[verb]
    flow = cli._flow(target)
    assert next(iter(inspect.signature(flow).parameters)) == "ws"
    assert about
    with pytest.raises(SystemExit) as stop:
        cli.main([verb, "--help"])
    said = capsys.readouterr().out
    assert stop.value.code == 0
    assert said.startswith(f"usage: python -m lab {verb} ")
    assert (inspect.getdoc(flow) or "").split("\n")[0].replace("``", "") in said


@pytest.mark.parametrize("verb", cli.VERBS)
def test_every_option_says_what_it_is(verb: str) -> None:
    parser = cli._parser(verb, cli._flow(cli.VERBS[verb][0]))
    assert [action.dest for action in parser._actions if not action.help] == []


def test_overview_lists_every_verb(capsys: Capture) -> None:
    assert cli.main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"\n  {verb} " in said for verb in cli.VERBS)
    assert cli.main([]) == 2


def test_verb_of_two_words(
    told: Callable[..., int], monkeypatch: pytest.MonkeyPatch, ws: Workspace, capsys: Capture
) -> None:
    monkeypatch.setitem(cli.VERBS, "toy play", ("toy:play", "play"))
    assert cli.main(["toy", "play", "x", "--workspace", str(ws.root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["given"]["name"] == "x"
    assert cli.main(["toy", "fight"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("There is no verb 'toy fight'.")
    assert said.splitlines()[-1].split() == ["toy", "play", "play"]


def test_the_first_word_of_several_verbs_names_them(capsys: Capture) -> None:
    assert cli.main(["world", "--help"]) == 0
    shown = capsys.readouterr().out.splitlines()[2:]
    assert [line.split()[1] for line in shown][:2] == ["batch", "live"]
    assert all(line.startswith("  world ") for line in shown)
    assert cli.main(["world"]) == 2


def test_unknown_verb(capsys: Capture) -> None:
    assert cli.main(["fly"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("There is no verb 'fly'.")


def test_help_comes_from_the_docstring(told: Callable[..., int], capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        told("--help")
    said = " ".join(capsys.readouterr().out.split())
    assert "Do as told, up to 100 %." in said
    assert "What to call it, in code on two lines." in said
    assert "A share, 50 % if not given." in said
    assert "Returns" not in said


def test_options_become_arguments(told: Callable[..., int], capsys: Capture) -> None:
    options = ("x", "--count", "3", "--columns", "a", "b", "--methods", '{"a": "psi"}')
    assert told(*options, "--share", "0.25", "--kind", "two", "--json") == 0
    given = json.loads(capsys.readouterr().out)["given"]
    assert given == {
        "name": "x", "count": 3, "columns": ["a", "b"], "methods": {"a": "psi"}, "share": 0.25,
        "kind": "two",
    }  # fmt: skip


def test_what_is_not_given_keeps_its_default(told: Callable[..., int], capsys: Capture) -> None:
    assert told("x", "--json") == 0
    given = json.loads(capsys.readouterr().out)["given"]
    assert given == {
        "name": "x", "count": 1, "columns": None, "methods": None, "share": 0.5, "kind": "one",
    }  # fmt: skip


def test_json_may_come_by_the_standard_input(
    told: Callable[..., int], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"b": "ks"}'))
    assert told("x", "--methods", "-", "--json") == 0
    assert json.loads(capsys.readouterr().out)["given"]["methods"] == {"b": "ks"}


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("x", "--methods", "{a}"), "this is not JSON"),
        (("x", "--count", "many"), "invalid int value: 'many'"),
        (("x", "--kind", "three"), "invalid choice: 'three'"),
        (("x", "--colour", "red"), "unrecognized arguments"),
        ((), "required: name"),
    ],
)
def test_wrong_call(
    told: Callable[..., int], capsys: Capture, options: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(SystemExit) as stop:
        told(*options)
    assert stop.value.code == 2
    assert complaint in capsys.readouterr().err


def test_lab_error_is_one_line(told: Callable[..., int], capsys: Capture) -> None:
    assert told("x", "--mood", "cross") == 1
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "It went wrong. Do better.\n")


def test_refusal_is_an_exit_code(told: Callable[..., int], capsys: Capture) -> None:
    assert told("x", "--no-good") == 1
    assert "given" in capsys.readouterr().out


def test_ctrl_c(told: Callable[..., int], capsys: Capture) -> None:
    assert told("x", "--mood", "hasty") == 130
    assert capsys.readouterr().err == "Stopped.\n"


def test_progress_is_drawn_and_wiped_on_a_terminal(
    told: Callable[..., int], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert told("x") == 0
    assert capsys.readouterr().err == f"{cli.WIPE}  0% Doing{cli.WIPE}"


def test_tables_of_an_empty_workspace(ws: Workspace, capsys: Capture) -> None:
    assert asked(ws, "tables") == 0
    assert capsys.readouterr().out == "Nothing yet.\n"
    assert asked(ws, "tables", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_load_then_look(ws: Workspace, tmp_path: Path, capsys: Capture) -> None:
    source = tmp_path / "prices.csv"
    source.write_text("day,price\n2026-01-01,2.5\n2026-01-02,\n")
    assert asked(ws, "load", str(source)) == 0
    assert "rows_loaded" in capsys.readouterr().out
    assert asked(ws, "query", "SELECT day, price FROM prices ORDER BY day", "--json") == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["price"], second["price"]) == (2.5, None)
    assert first["day"].startswith("2026-01-01")
    # A column may have any name, also one that means something in a result of ours.
    assert asked(ws, "query", "SELECT false AS ok, 1 AS passed FROM prices", "--limit", "1") == 0
    shown = capsys.readouterr()
    assert shown.out.split() == ["ok", "passed", "False", "1"]
    assert "There are more rows" in shown.err


def test_bad_sql_in_a_real_process(ws: Workspace) -> None:
    ws.store.execute("CREATE TABLE numbers (n INTEGER)")
    command = [sys.executable, "-m", "lab", "query", "SELECT\n m FROM\n numbers"]
    done = subprocess.run(
        [*command, "--workspace", str(ws.root)], cwd=PROJECT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "m" in done.stderr


def test_work_without_an_end_says_once_in_a_log_where_it_is(
    monkeypatch: pytest.MonkeyPatch, ws: Workspace, capsys: Capture
) -> None:
    def serve(ws: Workspace) -> Steps[str]:
        yield Progress(0, 2, "Opening")
        for _ in range(3):
            yield Progress(0, math.inf, "http://127.0.0.1:9")
        return "closed"

    monkeypatch.setattr(cli, "_flow", lambda _: serve)
    assert asked(ws, "demo") == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("closed\n", "http://127.0.0.1:9\n")
