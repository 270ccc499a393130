"""A contract as YAML: read with every mistake named by its line, and written back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import ValidationError

from lab.core.errors import BadInput
from lab.data.quality.contract import Contract

LONGEST = 100_000
SHOWN = 5
DEEPEST = 10
OPENING = (
    yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken, yaml.BlockMappingStartToken,
)  # fmt: skip
CLOSING = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)
# The parts of pydantic's messages that people need not see.
WORDS = {
    "Extra inputs are not permitted": "is not a word of a contract",
    "Field required": "is missing",
    "Value error, ": "",
    "Input should be": "must be",
}


@dataclass(frozen=True)
class Problem:
    """A mistake in a contract.

    Args:
        line: Where, from 1.
        message: What is wrong there.
    """

    line: int
    message: str


def read_contract(text: str) -> Contract:
    r"""Read a contract.

    Args:
        text: YAML.

    Raises:
        BadInput: It is not a contract; the message names the first line at fault.

    >>> read_contract("dataset: sales\ncolumns: {price: {type: number, least: 0}}").dataset
    'sales'
    """
    found = _read(text)
    if isinstance(found, Contract):
        return found
    shown = " ".join(f"Line {one.line}: {one.message}." for one in found[:SHOWN])
    raise BadInput(f"This contract cannot be used. {shown}", "Correct it and try again.")


def problems(text: str) -> list[Problem]:
    """Every mistake in the text of a contract, in the order of its lines; none when it is good."""
    found = _read(text)
    return [] if isinstance(found, Contract) else found


def as_yaml(contract: Contract, head: str = "") -> str:
    """Write a contract so that a person can edit it; what is not said is left out.

    Args:
        contract: The contract.
        head: Lines of comment above it.
    """
    plain = contract.model_dump(mode="json", exclude_defaults=True)
    columns = plain.pop("columns")
    said = {"version": 1, "dataset": contract.dataset, "policy": contract.policy}
    lines = [_line_of(name, value) for name, value in {**said, **plain}.items()]
    lines += ["columns:", *(f"  {_line_of(name, column)}" for name, column in columns.items())]
    return "".join(f"{line}\n" for line in [*(f"# {one}" for one in head.splitlines()), *lines])


def _line_of(name: str, value: Any) -> str:
    """One entry on one line, as people read them."""
    entry: str = yaml.safe_dump({name: value}, sort_keys=False, allow_unicode=True, width=10_000,
                                default_flow_style=True)  # fmt: skip
    return entry.strip()[1:-1]


def _read(text: str) -> Contract | list[Problem]:
    if len(text) > LONGEST:
        return [Problem(1, f"the text is longer than {LONGEST:,} characters")]
    try:
        if trap := _trap(text):
            return [trap]
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        plain = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        return [Problem(mark.line + 1 if mark else 1, f"this is not YAML: {what}")]
    if not isinstance(plain, dict):
        return [Problem(1, "a contract begins with 'dataset:' and 'columns:'")]
    try:
        return Contract.model_validate(plain)
    except ValidationError as error:
        found = [_problem(root, one) for one in error.errors(include_url=False)]
        return sorted(set(found), key=lambda one: one.line)


def _trap(text: str) -> Problem | None:
    """What would unfold to more than it is, or take long to read: aliases and deep nesting."""
    depth = 0
    for token in yaml.scan(text):
        depth += isinstance(token, OPENING) - isinstance(token, CLOSING)
        if isinstance(token, yaml.AliasToken):
            return Problem(token.start_mark.line + 1, "aliases (*name) are not allowed")
        if depth > DEEPEST:
            return Problem(token.start_mark.line + 1, "it is nested too deeply")
    return None


def _problem(root: Any, error: Any) -> Problem:
    path = [step for step in error["loc"] if step not in ("float", "str")]
    message = str(error["msg"])
    for theirs, ours in WORDS.items():
        message = message.replace(theirs, ours)
    place = ".".join(str(step) for step in path if step != "[key]")
    return Problem(_place(root, path), f"{place}: {message}" if place else message)


def _place(node: Any, path: Sequence[Any]) -> int:
    """The line of the deepest part of a path that the text has."""
    line = node.start_mark.line + 1 if node else 1
    for step in path:
        found = next((pair for pair in _children(node) if pair[0] == str(step)), None)
        if found is None:
            break
        line, node = found[1], found[2]
    return line


def _children(node: Any) -> Iterator[tuple[str, int, Any]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            yield str(i), value.start_mark.line + 1, value
