"""A contract as YAML: read with every mistake named by its line, and written back."""

from typing import Any

import yaml

from lab.core.yaml_models import Problem, mistakes, read_model, try_model
from lab.data.quality.contract import Contract

NOUN = "a contract"


def read_contract(text: str) -> Contract:
    r"""Read a contract.

    Args:
        text: YAML.

    Raises:
        BadInput: It is not a contract; the message names the first line at fault.

    >>> read_contract("dataset: sales\ncolumns: {price: {type: number, least: 0}}").dataset
    'sales'
    """
    return read_model(text, Contract, NOUN)


def problems(text: str) -> list[Problem]:
    """Every mistake in the text of a contract, in the order of its lines; none when it is good."""
    return mistakes(try_model(text, Contract, NOUN))


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
