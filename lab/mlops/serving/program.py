"""The part of the lab that a model server is made of: its entry module and all it imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

from lab.core.config import PROJECT

ENTRY = "lab.mlops.serving.server"


def program_files(entry: str = ENTRY) -> dict[str, bytes]:
    """Find the modules of the lab that a module needs, by reading their import statements.

    Imports within functions count, those for type checkers do not.

    Args:
        entry: Dotted name of the module to run.

    Returns:
        Contents by path below the project, packages included.
    """
    files: dict[str, bytes] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        path = _path(name)
        if path is None or (key := path.relative_to(PROJECT).as_posix()) in files:
            continue
        files[key] = path.read_bytes()
        waiting += [name.rpartition(".")[0], *_imports(ast.parse(files[key]))]
    return dict(sorted(files.items()))


def _path(name: str) -> Path | None:
    place = PROJECT.joinpath(*name.split(".")) if name.startswith("lab") else None
    if place is None:
        return None
    found = (place.with_suffix(".py"), place / "__init__.py")
    return next((path for path in found if path.is_file()), None)


def _imports(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module:
            yield child.module
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        else:
            yield from _imports(child)
