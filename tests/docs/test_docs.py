"""The manuals name what there is: every verb, page, data set and setting; no link is dead."""

import ast
import io
import os
import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import lab
from lab import cli
from lab.core.config import PROJECT, RESERVED, load_settings
from lab.data.catalog import bundled

MANUALS = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")])
README = (PROJECT / "README.md").read_text(encoding="utf-8")
EVERYTHING = "\n".join(path.read_text(encoding="utf-8") for path in MANUALS)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
names = [path.name for path in MANUALS]


def blocks(text: str, language: str) -> list[str]:
    """Code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    """Every call of the command line that a manual shows, as arguments."""
    lines = "\n".join(blocks(EVERYTHING, "console")).splitlines()
    calls = [part for line in lines for part in re.split(r" && | \| ", line)]
    split = [shlex.split(call, comments=True) for call in calls]
    return [given[3:] for given in split if given[1:3] == ["-m", "lab"]]


def page_titles() -> list[str]:
    tree = ast.parse((PROJECT / "app.py").read_text(encoding="utf-8"))
    return [
        word.value.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "st.Page"
        for word in call.keywords
        if word.arg == "title" and isinstance(word.value, ast.Constant)
    ]


@pytest.mark.parametrize("verb", cli.VERBS)
def test_readme_names_every_verb(verb: str) -> None:
    assert f"`{verb}`" in README


def test_readme_names_every_page() -> None:
    titles = page_titles()
    assert len(titles) >= 9
    assert [title for title in titles if f"**{title}" not in README] == []


def test_readme_names_every_data_set() -> None:
    assert [card.name for card in bundled() if f"`{card.name}`" not in README] == []


def test_manuals_name_every_setting() -> None:
    wanted = {row["variable"] for row in load_settings({}).table()} | RESERVED
    assert sorted(wanted - set(re.findall(r"`(LAB_[A-Z_]+)`", EVERYTHING))) == []


def test_manuals_name_no_setting_that_is_not_there() -> None:
    wanted = {row["variable"] for row in load_settings({}).table()} | RESERVED
    assert sorted(set(re.findall(r"\bLAB_[A-Z_]+\b", EVERYTHING)) - wanted) == []


def test_readme_shows_both_ways_to_start() -> None:
    shown = "\n".join(blocks(README, "console"))
    for command in ("python3 start.py", "python3 start.py test", "docker compose up"):
        assert re.search(rf"^{command}( |$)", shown, re.MULTILINE), command


def test_shown_commands_can_be_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("[]"))
    shown = commands()
    assert len(shown) >= 10
    for words in shown:
        verb, given = cli._named(words)
        cli._parser(verb, cli._flow(cli.VERBS[verb][0])).parse_args(given)


def test_shown_code_uses_names_that_exist() -> None:
    shown = "\n".join(blocks(EVERYTHING, "python"))
    ast.parse(shown)
    used = set(re.findall(r"\blab\.(\w+)\(", shown))
    assert used
    assert sorted(used - set(lab.__all__)) == []


@pytest.mark.parametrize("path", MANUALS, ids=names)
def test_links_and_images_lead_somewhere(path: Path) -> None:
    dead = []
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        link = urlsplit(target)
        if link.scheme:
            continue
        place = path.parent / link.path if link.path else path
        if not place.exists() or (link.fragment and link.fragment not in anchors(place)):
            dead.append(target)
    assert dead == []


def anchors(path: Path) -> set[str]:
    """Fragments that lead to a heading."""
    headings = HEADING.findall(path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


@pytest.mark.parametrize("path", MANUALS, ids=names)
def test_files_that_are_named_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"`((?:lab|pages|tests|datasets|notebooks|docs)/[\w./-]+)`", text)
    made_by_tests = ("tests/browser/screenshots",)
    absent = [name for name in named if not (PROJECT / name).exists()]
    assert [name for name in absent if not name.startswith(made_by_tests)] == []


def test_changelog_has_this_version() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changes = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    section = re.search(rf"^## \[?v?{re.escape(project['version'])}\b.*\n((?:(?!^## ).*\n?)*)",
                        changes, re.MULTILINE)  # fmt: skip
    assert section
    assert section[1].strip()


def tracked() -> dict[str, str]:
    """Every text file of the project that Git knows, but for this one."""
    listed = ["git", "ls-files", "-z"]
    done = subprocess.run(listed, cwd=PROJECT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("this is no Git checkout")
    here = Path(__file__).resolve()
    texts = {}
    for name in filter(None, done.stdout.split("\0")):
        path = PROJECT / name
        if path.is_file() and path.resolve() != here:
            try:
                texts[name] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
    return texts


def mirrors() -> set[str]:
    """Hosts that serve packages: the public ones, and whatever this machine installs from."""
    said = " ".join(v for k, v in os.environ.items() if k.startswith(("PIP_", "UV_")))
    hosts = {urlsplit(word).hostname for word in said.split() if "://" in word}
    return {host for host in hosts if host} | {"pypi.org", "pythonhosted.org"}


def test_no_file_names_a_machine_or_a_package_index() -> None:
    options = ("--index-url", "--extra-index-url", "--find-links", "--trusted-host")
    words = (*options, *mirrors(), str(PROJECT))
    texts = tracked()
    assert len(texts) > 100
    found = [(name, word) for name, text in texts.items() for word in words if word in text]
    assert found == []
