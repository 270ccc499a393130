"""What the module offers: few names, cheap to import, and docstrings that keep their word."""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lab

ROOT = Path(lab.__file__).resolve().parent
FILES = sorted(ROOT.rglob("*.py"))
HEAVY = {"pandas", "numpy", "duckdb", "mlflow", "sklearn", "tensorflow", "keras", "streamlit",
         "plotly", "evidently", "docker", "fastapi"}  # fmt: skip
MOST_NAMES = 25
SECTIONS = "Args|Attributes|Returns|Yields|Raises|Source|Note"
Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_the_surface_is_small_and_complete() -> None:
    assert len(lab.__all__) <= MOST_NAMES
    assert len(set(lab.__all__)) == len(lab.__all__)
    assert dir(lab) == sorted(lab.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = lab.nonsense


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse((ROOT / "__init__.pyi").read_text(encoding="utf-8"))
    seen = {
        alias.asname: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == lab._HOME


@pytest.mark.parametrize("name", lab.__all__)
def test_every_name_explains_itself(name: str) -> None:
    offered = getattr(lab, name)
    text = inspect.getdoc(offered) or ""
    assert text.split("\n")[0].endswith(".")
    if inspect.isfunction(offered):
        assert "Args:" in text
        assert set(inspect.signature(offered).parameters) == set(arguments(text))
        assert "Returns:" in text


def test_a_flow_takes_the_workspace_first() -> None:
    flows = set(lab.__all__) - {"LabError", "drain", "open_workspace"}
    assert {next(iter(inspect.signature(getattr(lab, name)).parameters)) for name in flows} == {
        "ws"
    }


def test_import_is_cheap() -> None:
    code = "import sys, lab; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, cwd=ROOT.parent, capture_output=True, text=True, check=True)
    assert not HEAVY & set(said.stdout.split())


def arguments(text: str) -> list[str]:
    """Names that the ``Args`` or ``Attributes`` section of a docstring explains."""
    parts = re.split(rf"^({SECTIONS}):", inspect.cleandoc(text), flags=re.MULTILINE)
    said = dict(zip(parts[1::2], parts[2::2], strict=True))
    section = said.get("Args", said.get("Attributes", ""))
    return re.findall(r"^ {4}\*{0,2}(\w+)(?: \(.*?\))?:", section, re.MULTILINE)


def parameters(node: Function, method: bool) -> list[str]:
    given = node.args
    names = [arg.arg for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    names += [arg.arg for arg in (given.vararg, given.kwarg) if arg]
    static = any(ast.unparse(mark) == "staticmethod" for mark in node.decorator_list)
    return [name for name in names[method and not static :] if name[0] != "_"]


def attributes(node: ast.ClassDef) -> list[str]:
    """Fields of a dataclass, or the arguments of ``__init__``."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            return parameters(item, method=True)
    fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
    names = [
        ast.unparse(item.target)
        for item in fields
        if "ClassVar" not in ast.unparse(item.annotation)
        and not (item.value and "init=False" in ast.unparse(item.value))
    ]
    return [name for name in names if name[0] != "_"]


def documented(tree: ast.Module) -> Iterator[tuple[str, list[str], list[str]]]:
    """Public functions, methods and classes with an ``Args`` section: name, said, real."""
    for node in tree.body:
        members = [(node, False)]
        if isinstance(node, ast.ClassDef):
            members += [(item, True) for item in node.body]
        for item, method in members:
            if not isinstance(item, (*Function.__args__, ast.ClassDef)) or item.name[0] == "_":
                continue
            said = arguments(ast.get_docstring(item) or "")
            if said and isinstance(item, ast.ClassDef):
                yield item.name, said, attributes(item)
            elif said:
                yield item.name, said, parameters(item, method)


@pytest.mark.parametrize("path", FILES, ids=[str(p.relative_to(ROOT)) for p in FILES])
def test_docstring_and_signature_agree(path: Path) -> None:
    for name, said, real in documented(ast.parse(path.read_text(encoding="utf-8"))):
        assert sorted(said) == sorted(real), f"{path.relative_to(ROOT)}: {name}"


def test_the_comparison_sees_a_mistake() -> None:
    source = 'def f(a, *, b):\n    """Do.\n\n    Args:\n        a: One.\n        c: Two.\n    """'
    assert list(documented(ast.parse(source))) == [("f", ["a", "c"], ["a", "b"])]
