"""``python -m lab <verb>``: parse, call one flow, print.

Each verb is a flow; its options are the flow's own arguments, its help the flow's docstring.
"""

import argparse
import importlib
import inspect
import json
import sys
import types
import typing
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

from lab.core.errors import LabError
from lab.core.process import QUIET
from lab.core.progress import Progress, drain
from lab.core.workspace import open_workspace

VERBS = {
    "doctor": ("lab.flows.doctor:diagnose", "say what is there and how to fix what is not"),
    "load": ("lab.flows.ingest:ingest", "load a file or a bundled data set into DuckDB"),
    "tables": ("lab.flows.explore:tables", "list the tables"),
    "query": ("lab.flows.explore:query", "run one SELECT in a process that can be killed"),
    "detect": ("lab.flows.detect:detect", "find anomalies in metrics"),
    "train": ("lab.flows.train:train", "train a model, tracked in MLflow"),
    "runs": ("lab.flows.runs:runs", "list training runs with their scores"),
    "register": ("lab.flows.registry:register", "register a run as champion if it passes its gate"),
    "versions": ("lab.flows.registry:versions", "list the versions of a model"),
    "drift": ("lab.flows.drift:drift", "compare two windows of a table"),
    "build": ("lab.flows.serve:build", "build the image of a model"),
    "launch": ("lab.flows.serve:launch", "serve a model, in a container if there is Docker"),
    "endpoints": ("lab.flows.serve:endpoints", "list what is being served"),
    "predict": ("lab.flows.serve:predict", "ask an endpoint for predictions"),
    "stop": ("lab.flows.serve:stop", "stop an endpoint"),
    "exercises": ("lab.learn.api:exercises", "list the exercises and what is proven"),
    "start": ("lab.learn.api:start", "set an exercise up"),
    "check": ("lab.learn.api:check", "check an exercise on the state of the lab"),
    "hint": ("lab.learn.api:hint", "take the next hint of an exercise"),
    "solve": ("lab.learn.api:solve", "let the lab solve an exercise; counts as assisted"),
    "break": ("lab.learn.api:break_it", "break a solved exercise, to recover it"),
    "reset": ("lab.learn.api:reset", "put an exercise back to its start"),
    "demo": ("lab.flows.demo:demo", "run the whole main job and print its figures"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb.

    Args:
        argv: Arguments after ``python -m lab``; those of the process when not given.

    Returns:
        0 on success, 1 when the flow refused or failed, 2 for a wrong call.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    if not given or given[0] in ("-h", "--help"):
        _write(_overview())
        return 0 if given else 2
    if given[0] not in VERBS:
        _write(f"There is no verb {given[0]!r}.\n\n{_overview()}", sys.stderr)
        return 2
    _quiet()
    flow = _flow(VERBS[given[0]][0])
    options = vars(_parser(given[0], flow).parse_args(given[1:]))
    workspace, as_json = options.pop("workspace"), options.pop("json")
    try:
        outcome = flow(open_workspace(workspace), **options)
        if isinstance(outcome, Generator):
            outcome = drain(outcome, _show_progress if sys.stderr.isatty() else None)
    except LabError as error:
        _write(f"{error.message} {error.hint}", sys.stderr)
        return 1
    if sys.stderr.isatty():
        _write("\r\033[K", sys.stderr)
    _write(json.dumps(_plain(outcome), default=str) if as_json else _text(outcome))
    return 0 if getattr(outcome, "ok", True) else 1


def _overview() -> str:
    width = max(map(len, VERBS)) + 2
    lines = [f"  {verb:<{width}}{about}" for verb, (_, about) in VERBS.items()]
    return "\n".join(["python -m lab VERB [options]   (VERB --help shows them)", "", *lines])


def _flow(target: str) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    flow: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return flow


def _parser(verb: str, flow: Callable[..., Any]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m lab {verb}",
        description=inspect.getdoc(flow),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--workspace", help="folder to work in", default=None)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    hints = typing.get_type_hints(flow)
    for parameter in list(inspect.signature(flow).parameters.values())[1:]:
        _add(parser, parameter, hints[parameter.name])
    return parser


def _add(parser: argparse.ArgumentParser, parameter: inspect.Parameter, hint: Any) -> None:
    name, default = parameter.name, parameter.default
    required = default is inspect.Parameter.empty
    flag = [name] if required else [f"--{name.replace('_', '-')}"]
    if hint is bool:
        parser.add_argument(*flag, action=argparse.BooleanOptionalAction, default=default)
        return
    more = {} if required else {"default": default}
    parser.add_argument(*flag, **_reading(hint), **more)


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
    return {"type": json.loads, "metavar": "JSON"}


def _plain(value: Any) -> Any:
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return value.to_dict(orient="records")
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _text(outcome: Any) -> str:
    if type(outcome).__str__ is not object.__str__ and is_dataclass(outcome):
        return str(outcome)
    value = _plain(outcome)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        names = list(value[0])
        rows = [names, *([str(row[name]) for name in names] for row in value)]
        widths = [min(60, max(len(row[i]) for row in rows)) for i in range(len(names))]
        return "\n".join(
            "  ".join(cell[:60].ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows
        )
    if isinstance(value, dict):
        width = max(map(len, value), default=0)
        return "\n".join(f"{key:<{width}}  {item}" for key, item in value.items())
    return "Nothing yet." if value in (None, []) else str(value)


def _show_progress(step: Progress) -> None:
    share = "" if step.fraction is None else f"{step.fraction:4.0%} "
    sys.stderr.write(f"\r\033[K{share}{step.message}")
    sys.stderr.flush()


def _quiet() -> None:
    import os

    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def _write(text: str, sink: typing.TextIO | None = None) -> None:
    (sink or sys.stdout).write(text + "\n")
