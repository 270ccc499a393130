"""Every page, found by discovery, is a thin screenplay."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "pages").rglob("*.py"))
LONGEST = 150
# A page reads, asks, calls one flow and shows; everything else belongs to lab.
BANNED = (ast.Try, ast.ClassDef, ast.While, ast.AsyncFunctionDef, ast.Lambda)
BANNED_CALLS = {"eval", "exec", "open", "compile", "__import__"}
BANNED_METHODS = {"groupby", "merge", "apply", "pivot", "pivot_table", "execute", "sql", "agg"}
ids = [str(path.relative_to(ROOT)) for path in PAGES]


def test_there_are_pages_and_none_lies_directly_in_the_folder():
    assert len(PAGES) >= 10
    assert not list((ROOT / "pages").glob("*.py"))


@pytest.mark.parametrize("path", PAGES, ids=ids)
def test_page_is_short_and_says_what_it_is(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", PAGES, ids=ids)
def test_page_imports_only_streamlit_and_lab(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        assert {name.partition(".")[0] for name in names} <= {"streamlit", "lab"}


@pytest.mark.parametrize("path", PAGES, ids=ids)
def test_page_holds_no_logic(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        where = f"line {getattr(node, 'lineno', '?')}"
        assert not isinstance(node, BANNED), f"{where}: {type(node).__name__}"
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            assert name not in BANNED_CALLS | BANNED_METHODS, f"{where}: {name}()"
        if isinstance(node, ast.BinOp) and not isinstance(node.op, (ast.BitOr, ast.Mod)):
            text = isinstance(node.left, (ast.Constant, ast.JoinedStr)) or isinstance(
                node.right, (ast.Constant, ast.JoinedStr)
            )
            joined = text and isinstance(node.op, ast.Add)
            assert joined, f"{where}: arithmetic"
        if isinstance(node, ast.keyword) and node.arg in (
            "unsafe_allow_html",
            "unsafe_allow_javascript",
        ):
            pytest.fail(f"{where}: {node.arg}")


@pytest.mark.parametrize("path", PAGES, ids=ids)
def test_page_has_a_head_and_shows_the_same_in_code(path):
    text = path.read_text(encoding="utf-8")
    assert "ui.head(" in text
    assert "ui.same_in_code(" in text


def test_every_page_is_in_the_navigation_table():
    table = (ROOT / "app.py").read_text(encoding="utf-8")
    for path in PAGES:
        assert path.relative_to(ROOT).as_posix() in table
