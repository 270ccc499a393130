"""``python -m lab <verb>``: parse, call one flow, print.

Each verb is a flow; its options are the flow's own arguments, its help the flow's docstring.
"""

import argparse
import importlib
import inspect
import json
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
from lab.core.workspace import Workspace, open_workspace
from lab.printed import as_json, as_text

WIPE = "\r\033[K"
VERBS = {
    "doctor": ("lab.flows.doctor:diagnose", "say what is there and how to fix what is not"),
    "read": ("lab.flows.read:read", "read any file and write it as standard CSV, doubts named"),
    "load": ("lab.flows.ingest:ingest", "load a file or a bundled data set into DuckDB"),
    "catalogue": ("lab.flows.catalogue:catalogue", "list data sets, with licence and citation"),
    "fetch": ("lab.flows.catalogue:fetch", "download a public data set, check and load it"),
    "contract": ("lab.flows.contracts:contract", "show, keep or drop the contract of a table"),
    "quality": ("lab.flows.quality:check_quality", "hold a table to its contract"),
    "snapshot": ("lab.flows.snapshots:snapshot", "keep a table or query under its hash"),
    "snapshots": ("lab.flows.snapshots:snapshots", "list the snapshots and what refers to them"),
    "prune": ("lab.flows.snapshots:prune_snapshots", "find snapshots that nothing refers to"),
    "features": ("lab.flows.features:feature_sets", "list the sets of features"),
    "features define": ("lab.flows.features:define_features", "keep a set of features"),
    "features train": (
        "lab.flows.feature_values:training_features",
        "write a table with its features as known at the time of each row",
    ),
    "features materialise": (
        "lab.flows.features_online:materialise",
        "make the newest features ready to be looked up",
    ),
    "features read": ("lab.flows.features_online:read_online", "look the newest features up"),
    "shape": ("lab.flows.recipes:shape", "clean and shape a table by a recipe"),
    "recipes": ("lab.flows.recipes:recipes", "list the recipes that are kept"),
    "prometheus": (
        "lab.flows.prometheus:read_prometheus",
        "load what a PromQL query gives, from your Prometheus",
    ),
    "stream folder": ("lab.flows.stream:stream_folder", "land each file dropped in a folder, once"),
    "stream http": ("lab.flows.stream:stream_http", "take batches of JSON over HTTP, each once"),
    "stream kafka": ("lab.flows.stream:stream_kafka", "read a Kafka topic, each record once"),
    "scrape": ("lab.flows.scrape:scrape", "scrape targets as Prometheus does, into DuckDB"),
    "world live": ("lab.flows.live_serve:live", "run the shop as a live world until Ctrl-C"),
    "world stop": ("lab.flows.live_world:stop_world", "end the live world of this workspace"),
    "world inject": ("lab.flows.live_steer:inject", "let a fault strike the live world"),
    "world incidents": ("lab.flows.live_steer:truth", "list what struck it: for the instructor"),
    "world recover": ("lab.flows.live_steer:recover", "end an incident of the live world"),
    "world operate": ("lab.flows.live_steer:operate", "restart, scale or mend in the live world"),
    "world speed": ("lab.flows.live_steer:set_speed", "let the live world run faster or slower"),
    "world collect": ("lab.flows.live_collect:collect", "collect the live world into DuckDB"),
    "world prometheus-config": (
        "lab.flows.live_config:prometheus_config",
        "write a Prometheus configuration of the live world",
    ),
    "tables": ("lab.flows.explore:tables", "list the tables"),
    "query": ("lab.flows.explore:query", "run one SELECT in a process that can be killed"),
    "detect": ("lab.flows.detect:detect", "find anomalies in metrics"),
    "rehearse": (
        "lab.flows.rehearse:rehearse",
        "lay faults over your own metrics and see which a detector would catch",
    ),
    "train": ("lab.flows.train:train", "train a model, tracked in MLflow"),
    "runs": ("lab.flows.runs:runs", "list training runs with their scores"),
    "register": ("lab.flows.registry:register", "register a run as champion if it passes its gate"),
    "versions": ("lab.flows.registry:versions", "list the versions of a model"),
    "drift": ("lab.flows.drift:drift", "compare two windows of a table"),
    "build": ("lab.flows.serve:build", "build the image of a model"),
    "launch": ("lab.flows.serve:launch", "serve a model, in a container if there is Docker"),
    "endpoints": ("lab.flows.serve:endpoints", "list what is being served"),
    "sample": ("lab.flows.serve:sample_rows", "rows a model can be asked, from its holdout"),
    "predict": ("lab.flows.serve:predict", "ask an endpoint for predictions"),
    "batch": ("lab.flows.batch:score_batch", "score a file or a table into a table, by its key"),
    "stop": ("lab.flows.serve:stop", "stop an endpoint"),
    "exercises": ("lab.learn.api:exercises", "list the exercises and what is proven"),
    "start": ("lab.learn.api:start", "set an exercise up"),
    "steps": ("lab.learn.api:steps", "say what to do in an exercise"),
    "check": ("lab.learn.api:check", "check an exercise on the state of the lab"),
    "hint": ("lab.learn.api:hint", "take the next hint of an exercise"),
    "solve": ("lab.learn.api:solve", "let the lab solve an exercise; counts as assisted"),
    "break": ("lab.learn.api:break_it", "break a solved exercise, to recover it"),
    "reset": ("lab.learn.api:reset", "put an exercise back to its start"),
    "undo": ("lab.learn.api:undo", "take the last reset back"),
    "world batch": ("lab.flows.world:batch", "make days of the simulated shop as tables"),
    "demo": ("lab.flows.demo:demo", "run the whole main job and print its figures"),
}


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
        _write(f"There is no verb {verb!r}.\n\n{_overview()}", sys.stderr)
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


def _overview() -> str:
    width = max(map(len, VERBS)) + 2
    lines = [f"  {verb:<{width}}{about}" for verb, (_, about) in VERBS.items()]
    return "\n".join(["python -m lab VERB [options]   (VERB --help shows them)", "", *lines])


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
        return drain(outcome)
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
    sys.stderr.write(f"{WIPE}{share}{step.message}")
    sys.stderr.flush()


def _quiet() -> None:
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def _write(text: str, sink: typing.TextIO | None = None) -> None:
    (sink or sys.stdout).write(text + "\n")
