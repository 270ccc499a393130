"""Contracts of a workspace: suggested from a good table, edited by a person, kept as YAML."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core.errors import BadInput, NotFound
from lab.core.files import write_whole
from lab.core.names import checked_name, inside
from lab.core.workspace import Workspace
from lab.flows.audit import record

if TYPE_CHECKING:
    from lab.data.quality.contract import Contract

HEAD = """Made from {dataset} as it lies. What you take out is not checked.
policy: block or warn, when the whole table breaks a promise.
A row that breaks one is turned away in any case."""


@dataclass(frozen=True)
class ContractText:
    """A contract as text.

    Args:
        dataset: The table or data set.
        stored: Whether it is kept in the workspace; otherwise it is only suggested.
        text: YAML.
    """

    dataset: str
    stored: bool
    text: str

    def __str__(self) -> str:
        return self.text.rstrip()


def contract(ws: Workspace, dataset: str, file: str = "", *, remove: bool = False) -> ContractText:
    """Show the contract of a table, keep one from a file, or take it away.

    A kept contract is held against every load under that name. Without one, a contract is
    suggested from the table as it lies.

    Args:
        ws: The workspace.
        dataset: A table or data set.
        file: A YAML file whose contract is to be kept.
        remove: Take the kept contract away.

    Returns:
        Its text.

    Raises:
        NotFound: There is no such file, contract or table.
        BadInput: The file holds no contract, or one for another table.
    """
    if remove:
        text = stored_text(ws, dataset)
        if not text:
            raise NotFound(f"There is no contract for {dataset!r}.", "Nothing had to be removed.")
        _place(ws, dataset).unlink()
        record(ws, "removed", f"contract {dataset}", {"text": text})
        return ContractText(dataset, False, text)
    if file:
        return keep_contract(ws, dataset, _text(file))
    if kept := stored_text(ws, dataset):
        return ContractText(dataset, True, kept)
    return ContractText(dataset, False, suggest_contract(ws, dataset))


def keep_contract(ws: Workspace, dataset: str, text: str) -> ContractText:
    """Keep the contract of a table.

    Args:
        ws: The workspace.
        dataset: A table or data set.
        text: YAML, kept as it is, with its comments.

    Raises:
        BadInput: It is no contract, or one for another table.
    """
    found = _read(text, dataset)
    write_whole(_place(ws, dataset), text)
    record(ws, "kept", f"contract {dataset}", {"policy": found.policy, "text": text})
    return ContractText(dataset, True, text)


def stored_text(ws: Workspace, dataset: str) -> str:
    """The contract that is kept for a table, as text; empty when there is none."""
    place = _place(ws, dataset)
    return place.read_text(encoding="utf-8") if place.is_file() else ""


def find_contract(ws: Workspace, dataset: str, file: str = "") -> "Contract | None":
    """The contract a load or a table is held to.

    Args:
        ws: The workspace.
        dataset: A table or data set.
        file: A YAML file; the kept contract when not given.

    Returns:
        The contract, or ``None`` where none is kept.

    Raises:
        NotFound: There is no such file.
        BadInput: It is no contract, or one for another table.
    """
    text = _text(file) if file else stored_text(ws, dataset)
    return _read(text, dataset) if text or file else None


def suggest_contract(ws: Workspace, table: str) -> str:
    """Write a contract that a table keeps as it lies, for a person to edit.

    Args:
        ws: The workspace.
        table: A table that is good.

    Returns:
        YAML.

    Raises:
        NotFound: There is no such table.
    """
    from lab.core.schemas import TABLES
    from lab.data.quality.reading import as_yaml
    from lab.data.quality.suggest import suggest
    from lab.flows.quality_rows import table_relation

    keys = [TABLES[table].key] if table in TABLES else []
    with table_relation(ws, table) as relation:
        return as_yaml(suggest(relation, table, keys), HEAD.format(dataset=table))


def _text(file: str) -> str:
    from lab.core.yaml_models import text_of
    from lab.data.quality.reading import NOUN

    return text_of(file, NOUN)


def _read(text: str, dataset: str) -> "Contract":
    # Most loads have no contract, and need not wait for what reads one.
    from lab.data.quality.reading import read_contract

    found = read_contract(text)
    if found.dataset != dataset:
        raise BadInput(
            f"This contract is for {found.dataset!r}, not for {dataset!r}.",
            "Change its dataset, or load under that name.",
        )
    return found


def _place(ws: Workspace, dataset: str) -> Path:
    return inside(ws.folder("contracts"), f"{checked_name(dataset, 'data set name')}.yaml")
