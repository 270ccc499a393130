"""A folder that breaks the contract of exercises is refused by name."""

import importlib
from pathlib import Path

import pytest

from lab.core.errors import BadInput
from lab.learn.discovery import listing, listings
from tests.learn.walk import TOY, TOYS

TOY_FOLDER = Path(__file__).parent / "toys" / TOY


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A package with a copy of the toy in which one text is changed."""

    def made(file: str, old: str, new: str) -> str:
        package = f"toys_{tmp_path.name}"
        folder = tmp_path / package / TOY
        folder.mkdir(parents=True)
        (folder.parent / "__init__.py").touch()
        for path in TOY_FOLDER.glob("*.*"):
            text = path.read_text(encoding="utf-8")
            changed = text.replace(old, new) if path.name == file else text
            (folder / path.name).write_text(changed, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        importlib.invalidate_caches()
        return package

    return made


def test_the_toy_is_found() -> None:
    (found,) = listings(TOYS)
    assert (found.id, found.number, len(found.hints)) == (TOY, 1, 3)
    assert [check.id for check in found.active_checks(broken=False)] == ["table", "sum"]
    assert found.checks[1].hidden


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        ("exercise.yaml", "goal:", "gaol:", "has no goal"),
        ("hints.md", "## Which idea", "", "2 hints are fewer than 3"),
        ("exercise.yaml", "id: sum", "id: table", "same id"),
        ("exercise.yaml", "hint: 3", "hint: 9", "names a hint that is not there"),
        ("exercise.yaml", "weight: 3", "weight: 0", "has no weight"),
    ],
)
def test_a_broken_folder_is_refused(copy, file: str, old: str, new: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        listings(copy(file, old, new))


def test_a_missing_function_is_named(copy) -> None:
    package = copy("exercise.py", "def solve_break", "def cure")
    with pytest.raises(BadInput, match=r"exercise\.py has no solve_break"):
        listing(TOY, package).module()
