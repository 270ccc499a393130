"""``python -m lab <verb>``: parse, call one flow, print.

Each verb is a flow; its options are the flow's own arguments, its help the flow's docstring.
"""

import argparse
import importlib
import inspect
import json
import math
import os
import re
import sys
import types
import typing
from collections.abc import Callable, Generator, Sequence
from dataclasses import is_dataclass
from typing import Any

from lab.core.errors import LabError
from lab.core.process import QUIET
from lab.core.progress import Progress, drain
from lab.core.words import THIN
from lab.core.workspace import Workspace, open_workspace
from lab.printed import as_json, as_text
from lab.verbs import VERBS

WIPE = "\r\033[K"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb.

    Args:
        argv: Arguments after ``python -m lab``; those of the process when not given.

    Returns:
        0 on success, 1 when the flow refused or failed, 2 for a wrong call, 130 after Ctrl-C.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    if not given or given[0] in ("-h", "--help"):
        _write(_overview())
        return 0 if given else 2
    verb, rest = _named(given)
    if verb not in VERBS:
        several = _overview(f"{verb} ")
        if several and (not rest or rest[0] in ("-h", "--help")):
            _write(several)
            return 0 if rest else 2
        wrong = " ".join(given[:2]) if several else verb
        _write(f"There is no verb {wrong!r}.\n\n{several or _overview()}", sys.stderr)
        return 2
    _quiet()
    flow = _flow(VERBS[verb][0])
    options = vars(_parser(verb, flow).parse_args(rest))
    workspace, wants_json = options.pop("workspace"), options.pop("json")
    try:
        outcome = _carry_out(flow, open_workspace(workspace), options)
    except LabError as error:
        _write(" ".join(str(error).split()), sys.stderr)
        return 1
    except KeyboardInterrupt:
        _write("Stopped.", sys.stderr)
        return 130
    _write(as_json(outcome) if wants_json else as_text(outcome))
    if getattr(outcome, "attrs", {}).get("truncated"):
        _write("There are more rows; raise --limit to see them.", sys.stderr)
    return 0 if _good(outcome) else 1


def _overview(begin: str = "") -> str:
    """The verbs that begin with a word, each with what it does; nothing where none does."""
    found = {verb: about for verb, (_, about) in VERBS.items() if verb.startswith(begin)}
    width = max(map(len, found), default=0) + 2
    lines = [f"  {verb:<{width}}{about}" for verb, about in found.items()]
    usage = "python -m lab VERB [options]   (VERB --help shows them)"
    return "\n".join([usage, "", *lines]) if found else ""


def _named(given: list[str]) -> tuple[str, list[str]]:
    """The verb, of one word or two, and what follows it."""
    two = " ".join(given[:2])
    return (two, given[2:]) if two in VERBS else (given[0], given[1:])


def _flow(target: str) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    flow: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return flow


def _carry_out(flow: Callable[..., Any], ws: Workspace, options: dict[str, Any]) -> Any:
    outcome = flow(ws, **options)
    if not isinstance(outcome, Generator):
        return outcome
    if not sys.stderr.isatty():
        return drain(outcome, _announcement())
    try:
        return drain(outcome, _show_progress)
    finally:
        sys.stderr.write(WIPE)


def _good(outcome: Any) -> bool:
    """A refusal, a failed check or a failed step is no success; what a query gives always is."""
    return not is_dataclass(outcome) or all(getattr(outcome, n, True) for n in ("ok", "passed"))


def _parser(verb: str, flow: Callable[..., Any]) -> argparse.ArgumentParser:
    about, said = _explained(flow)
    parser = argparse.ArgumentParser(
        prog=f"python -m lab {verb}",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--workspace", help="folder to work in", default=None)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    hints = typing.get_type_hints(flow)
    for parameter in list(inspect.signature(flow).parameters.values())[1:]:
        _add(parser, parameter, hints[parameter.name], said.get(parameter.name, ""))
    return parser


def _explained(flow: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """What a flow does and what each argument is, from its docstring."""
    text = (inspect.getdoc(flow) or "").replace("``", "")
    about, *sections = re.split(r"^(Args|Yields|Returns|Raises):\n", text, flags=re.MULTILINE)
    said = dict(zip(sections[::2], sections[1::2], strict=True)).get("Args", "")
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", said, re.MULTILINE)
    # argparse fills in percent signs.
    return about.strip(), {
        name: " ".join(words.split()).replace("%", "%%") for name, words in found
    }


def _add(
    parser: argparse.ArgumentParser, parameter: inspect.Parameter, hint: Any, said: str
) -> None:
    name, default = parameter.name, parameter.default
    required = default is inspect.Parameter.empty
    flag = [name] if required else [f"--{name.replace('_', '-')}"]
    if hint is bool:
        parser.add_argument(
            *flag, action=argparse.BooleanOptionalAction, default=default, help=said
        )
        return
    more = {} if required else {"default": default}
    parser.add_argument(*flag, help=said, **_reading(hint), **more)


def _reading(hint: Any) -> dict[str, Any]:
    """How argparse reads a value of a type: one value, several, or JSON."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _reading(next(kind for kind in inner if kind is not types.NoneType))
    if origin is tuple:
        return {"type": inner[0], "nargs": len(inner)}
    if origin in (list, Sequence) and inner[0] in (str, int, float):
        return {"type": inner[0], "nargs": "+"}
    if origin is typing.Literal:
        return {"choices": inner}
    if hint in (str, int, float):
        return {"type": hint}
    return {"type": _from_json, "metavar": "JSON"}  # a single - reads it from the standard input


def _from_json(text: str) -> Any:
    try:
        return json.loads(sys.stdin.read() if text == "-" else text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"this is not JSON ({error}): {text}") from error


def _show_progress(step: Progress) -> None:
    share = "" if step.fraction is None else f"{step.fraction:4.0%} "
    sys.stderr.write(f"{WIPE}{share}{step.message}".replace(THIN, " "))
    sys.stderr.flush()


def _announcement() -> Callable[[Progress], None]:
    """Say once, in a log, what work without an end is doing and where it can be reached."""
    said: list[str] = []

    def say(step: Progress) -> None:
        if step.total is not None and math.isinf(step.total) and not said:
            said.append(step.message)
            _write(step.message, sys.stderr)

    return say


def _quiet() -> None:
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def _write(text: str, sink: typing.TextIO | None = None) -> None:
    # A thin space is for pages; not every terminal can write one.
    (sink or sys.stdout).write(text.replace(THIN, " ") + "\n")
