"""What people write in YAML, read into a model with every mistake named by its line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from lab.core.errors import BadInput, NotFound
from lab.core.words import grouped

LONGEST = 100_000
SHOWN = 5
DEEPEST = 10
OPENING = (
    yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken, yaml.BlockMappingStartToken,
)  # fmt: skip
CLOSING = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)
UNKNOWN_WORD = "Extra inputs are not permitted"
# The parts of pydantic's messages that people need not see.
WORDS = {
    "Field required": "is missing",
    "Value error, ": "",
    "Input should be": "must be",
    ", unable to parse string as an integer": "",
    ", unable to parse string as a number": "",
    ", unable to interpret input": "",
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid string": "a text",
    "a valid boolean": "true or false",
    "a valid tuple": "a list",
    "a valid list": "a list",
    "a valid dictionary": "names with what they mean",
    # The one pattern there is: names of features and of their tables.
    "String should match pattern '^[A-Za-z_][A-Za-z0-9_]{0,62}$'": (
        "must be letters, digits and underscores, beginning with no digit"
    ),
}
INSTANCE = re.compile(r" or instance of \w+")
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Problem:
    """A mistake in a contract.

    Args:
        line: Where, from 1.
        message: What is wrong there.
    """

    line: int
    message: str


def read_model(text: str, model: type[Model], noun: str) -> Model:
    r"""Read a model from YAML, or refuse with the lines at fault.

    Args:
        text: YAML, at most 100,000 characters, without aliases.
        model: What it must be.
        noun: What people call it, such as ``a contract``.

    Returns:
        The model.

    Raises:
        BadInput: It is no such thing; the message names the first lines at fault.

    >>> class Point(BaseModel):
    ...     x: int
    >>> read_model("x: 3", Point, "a point")
    Point(x=3)
    """
    found = try_model(text, model, noun)
    if isinstance(found, model):
        return found
    shown = " ".join(f"Line {one.line}: {one.message}." for one in mistakes(found)[:SHOWN])
    raise BadInput(f"This is not {noun} that can be used. {shown}", "Correct it and try again.")


def text_of(file: str, noun: str) -> str:
    """The text of a file that a person wrote.

    Args:
        file: A path.
        noun: What it should be, such as ``a contract``.

    Raises:
        NotFound: There is no such file.
        BadInput: It is too large, or not text.
    """
    path = Path(file).expanduser()
    if not path.is_file():
        raise NotFound(f"There is no file {file!r}.", f"Name the YAML file of {noun}.")
    if path.stat().st_size > LONGEST:
        raise BadInput(f"{path.name} is too large for {noun}.", "Choose another file.")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not text in UTF-8.", "Choose another file.") from error


def mistakes(found: "BaseModel | list[Problem]") -> list[Problem]:
    """The mistakes in what ``try_model`` gave; none when it gave a model."""
    return found if isinstance(found, list) else []


def try_model(text: str, model: type[Model], noun: str) -> Model | list[Problem]:
    """Read a model from YAML, or list every mistake in the order of its lines.

    Args:
        text: YAML, at most 100,000 characters, without aliases.
        model: What it must be.
        noun: What people call it, such as ``a contract``.
    """
    if len(text) > LONGEST:
        return [Problem(1, f"the text is longer than {grouped(LONGEST)} characters")]
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
        needed = [name for name, field in model.model_fields.items() if field.is_required()]
        words = " and ".join(f"'{name}:'" for name in needed)
        return [Problem(1, f"{noun} begins with {words}")]
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        found = [_problem(root, one, noun) for one in error.errors(include_url=False)]
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


def _problem(root: Any, error: Any, noun: str) -> Problem:
    path = [step for step in error["loc"] if step not in ("float", "str")]
    message = str(error["msg"])
    for theirs, ours in WORDS.items():
        message = message.replace(theirs, ours)
    message = INSTANCE.sub("", message)
    message = message.replace(UNKNOWN_WORD, f"is not a word of {noun}")
    place = ".".join(str(step) for step in path if step != "[key]")
    # What is wrong between several parts names the one that says it.
    said = path or [message.partition(":")[0]]
    return Problem(_place(root, said), f"{place}: {message}" if place else message)


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
