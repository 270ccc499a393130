"""start.py as a module: Pythons, environments, disk, network, and what it hands over to."""

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SOURCE = PROJECT / "start.py"
PIP_OFFLINE = "ERROR: Could not find a version that satisfies x\nERROR: No matching distribution"
GIGABYTE = 10**9


def program(path: Path, body: str) -> Path:
    """A small executable that stands in for a Python, uv or pip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """start.py in a project folder of its own, with two small locks and no uv."""
    spec = importlib.util.spec_from_file_location("start_under_test", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    home = tmp_path / "project"
    home.mkdir()
    for name in ("requirements.txt", "requirements-dev.txt"):
        (home / name).write_text("# nothing to install\n")
    venv = home / ".venv"
    monkeypatch.setattr(module, "HERE", home)
    monkeypatch.setattr(module, "VENV", venv)
    monkeypatch.setattr(module, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(module, "STAMP", venv / "lab-installed.json")
    monkeypatch.setattr(module, "find_uv", lambda: None)
    return module


@pytest.fixture
def installs(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Every installation that was asked for; the environment is a link to this Python."""
    asked = []
    monkeypatch.setattr(start, "install", asked.append)

    def make_venv() -> None:
        if start.VENV.exists():
            shutil.rmtree(start.VENV)
        start.PYTHON.parent.mkdir(parents=True)
        start.PYTHON.symlink_to(sys.executable)

    monkeypatch.setattr(start, "make_venv", make_venv)
    return asked


def test_source_is_standard_library_only_and_reads_on_old_pythons() -> None:
    tree = ast.parse(SOURCE.read_text(), feature_version=(3, 8))
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("version", "good"),
    [((3, 10, 9), False), ((3, 11), True), ((3, 13, 1), True), ((3, 14), True), ((3, 15), False)],
)
def test_suitable_versions(start: ModuleType, version: tuple[int, ...], good: bool) -> None:
    assert start.suitable(version) is good


def test_wrong_python_without_another_says_what_to_install(
    start: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A shim whose version is not installed is on the PATH and does not run.
    program(tmp_path / "bin" / "python3.12", "exit 127")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(start.Stop, match=r"This is Python 3\.9; the lab needs .* Install one"):
        start.choose_python((3, 9, 1))


def test_wrong_python_uses_a_suitable_one_on_the_path(
    start: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin" / "python3.12", "exit 127")
    good = program(tmp_path / "bin" / "python3.13", "echo 3 13")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    assert start.choose_python((3, 8, 0)) == str(good)


def test_second_start_installs_nothing(start: ModuleType, installs: list[list[str]]) -> None:
    start.environment()
    start.environment()
    assert installs == [["requirements.txt"]]


def test_test_command_adds_what_the_tests_need(
    start: ModuleType, installs: list[list[str]]
) -> None:
    start.environment()
    start.environment(dev=True)
    start.environment(dev=True)
    start.environment()
    assert installs == [["requirements.txt"], ["requirements-dev.txt"]]


def test_changed_lock_is_installed(start: ModuleType, installs: list[list[str]]) -> None:
    start.environment()
    (start.HERE / "requirements.txt").write_text("# changed\n")
    start.environment()
    assert len(installs) == 2


def test_interrupted_install_is_taken_up_again(
    start: ModuleType, installs: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(_: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(start, "install", cut_off)
    with pytest.raises(KeyboardInterrupt):
        start.environment()
    assert not start.STAMP.exists()
    monkeypatch.setattr(start, "install", installs.append)
    start.environment()
    assert installs == [["requirements.txt"]]


def test_broken_environment_is_built_again(start: ModuleType, installs: list[list[str]]) -> None:
    start.environment()
    start.PYTHON.unlink()
    program(start.PYTHON, "exit 1")
    start.environment()
    assert len(installs) == 2
    assert start.ask_version(str(start.PYTHON)) == sys.version_info[:2]


def test_real_environment_replaces_a_broken_one(
    start: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    program(start.PYTHON, "exit 1")
    start.make_venv()
    assert start.ask_version(str(start.PYTHON)) == sys.version_info[:2]
    assert "does not work; building it again" in capsys.readouterr().out


def test_environment_imports_the_lab_from_any_folder(start: ModuleType, tmp_path: Path) -> None:
    (start.HERE / "lab.py").write_text("name = 'ours'\n")
    start.make_venv()
    start.let_import()
    code = [str(start.PYTHON), "-c", "import lab; print(lab.name)"]
    said = subprocess.run(code, cwd=tmp_path, env={}, capture_output=True, text=True, check=True)
    assert said.stdout == "ours\n"


def test_a_file_in_the_place_of_the_environment_is_explained(start: ModuleType) -> None:
    start.VENV.write_text("not a folder")
    with pytest.raises(start.Stop, match=r"cannot be made: .*Delete that folder"):
        start.make_venv()


def test_full_disk_is_refused_before_anything_is_made(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = shutil._ntuple_diskusage(100 * GIGABYTE, 99 * GIGABYTE, GIGABYTE)
    monkeypatch.setattr(start.shutil, "disk_usage", lambda _: usage)
    assert start.main(["--no-browser"]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("The lab needs 4.0 GB of disk;")
    assert "Free some space" in said.err
    assert said.err.count("\n") == 1
    assert not start.VENV.exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (PIP_OFFLINE, "The packages cannot be downloaded. Check the network"),
        ("error: Failed to fetch: `https://x`\n dns error", "The packages cannot be downloaded."),
        ("OSError: [Errno 28] No space left on device", "The disk is full. Free about 4 GB."),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "A downloaded package is not the one"),
        ("something new", "The installation failed: something new"),
    ],
)
def test_failed_install_is_one_sentence(
    start: ModuleType, capsys: pytest.CaptureFixture[str], words: str, sentence: str
) -> None:
    quoted = words.replace("'", "")
    version = f"echo {sys.version_info[0]} {sys.version_info[1]}; exit 0"
    program(start.PYTHON, f"[ \"$1\" = -I ] && {{ {version}; }}\necho '{quoted}'; exit 1")
    assert start.main(["--no-browser"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(sentence)
    assert "Traceback" not in said
    assert (start.VENV / "install.log").read_text().strip() == quoted
    assert not start.STAMP.exists()


def test_install_requires_hashes(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(start, "watched", lambda command: (seen.append(command), (0, []))[1])
    start.install(["requirements.txt", "requirements-dev.txt"])
    monkeypatch.setattr(start, "find_uv", lambda: "/opt/uv")
    start.install(["requirements.txt"])
    assert all("--require-hashes" in command for command in seen)
    assert seen[0][:4] == [str(start.PYTHON), "-m", "pip", "install"]
    assert seen[1][:3] == ["/opt/uv", "pip", "install"]


def test_progress_is_visible(start: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = start.watched(["sh", "-c", "echo Collecting a; echo Collecting b; exit 3"])
    assert (code, lines) == (3, ["Collecting a", "Collecting b"])
    assert "Collecting b" in capsys.readouterr().out


def test_hand_over_keeps_places_and_flags(
    start: ModuleType, installs: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls = []
    monkeypatch.setattr(start, "hand_over", lambda command: calls.append(command) or 0)
    monkeypatch.chdir(tmp_path)
    start.main(["--window", "--workspace", "mine", "--port", "8600"])
    start.main(["test", "-k", "core"])
    start.main(["doctor"])
    assert calls == [
        ["-m", "lab.desktop", "--workspace", f"{tmp_path}/mine", "--window", "--port", "8600"],
        ["-m", "tests", "-k", "core"],
        ["-m", "lab", "doctor"],
    ]


def test_doctor_before_installation_needs_nothing(
    start: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start.main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "Nothing is installed yet" in said


def test_doctor_before_installation_says_what_is_in_the_way(
    start: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = shutil._ntuple_diskusage(100 * GIGABYTE, 99 * GIGABYTE, GIGABYTE)
    monkeypatch.setattr(start.shutil, "disk_usage", lambda _: usage)
    assert start.main(["doctor"]) == 1
    assert "The lab needs 4.0 GB of disk" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--port", "99999"], ["--port", "0"], ["--nonsense"]])
def test_wrong_call_is_explained(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, SOURCE, *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    assert "usage: start.py" in done.stderr


def test_no_foreign_python_path(start: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    assert "PYTHONPATH" not in start.child_environment()


def test_another_minor_version_in_the_same_place_is_installed_again(
    start: ModuleType, installs: list[list[str]]
) -> None:
    """As after an upgrade of the system, whose Python the environment points to."""
    start.environment(dev=True)
    start.STAMP.write_text(json.dumps({**json.loads(start.STAMP.read_text()), "python": "3.10"}))
    start.environment(dev=True)
    assert installs == [["requirements.txt", "requirements-dev.txt"]] * 2


def test_stamp_holds_only_hashes_and_a_version(
    start: ModuleType, installs: list[list[str]]
) -> None:
    start.environment()
    assert set(json.loads(start.STAMP.read_text())) == {"requirements.txt", "python"}
