"""The test command itself, and the files that carry the lab elsewhere: CI and containers."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests import __main__ as command

PROJECT = Path(__file__).resolve().parents[2]


def compose(name: str) -> dict:
    return yaml.safe_load((PROJECT / name).read_text())


def test_every_part_runs_and_any_failure_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    fail, note = [sys.executable, "-c", "raise SystemExit(1)"], tmp_path / "ran"
    run = [sys.executable, "-c", f"open({str(note)!r}, 'w').close()"]
    monkeypatch.setattr(command, "parts", lambda _: {"style": fail, "tests": run})
    assert command.main([]) == 1
    assert note.exists()
    assert re.search(r"style +FAILED.*\n.*tests +ok", capfd.readouterr().out)
    monkeypatch.setattr(command, "parts", lambda _: {"tests": run})
    assert command.main([]) == 0


def test_extra_arguments_reach_pytest_alone() -> None:
    parts = command.parts(["-k", "core"])
    assert [name for name, line in parts.items() if "core" in line] == ["tests"]
    assert list(parts) == ["style", "format", "types", "layers", "tests"]


def test_a_run_without_any_test_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    none = [*command.PYTHON, "pytest", "-q", "--noconftest", "-k", "no such test", __file__]
    monkeypatch.setattr(command, "parts", lambda _: {"tests": none})
    assert command.main([]) == 1


def test_ci_requires_the_whole_machine() -> None:
    script = PROJECT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    text = script.read_text()
    assert "set -euo pipefail" in text
    assert "LAB_REQUIRE=docker,prometheus,browser" in text


def test_compose_is_closed_by_default() -> None:
    text = (PROJECT / "compose.yaml").read_text()
    app = compose("compose.yaml")["services"]["app"]
    assert "docker.sock" not in text
    assert all(port.startswith("127.0.0.1:") for port in app["ports"])
    assert app["cap_drop"] == ["ALL"]
    assert app["security_opt"] == ["no-new-privileges:true"]
    assert app["read_only"] is True
    assert not {"privileged", "network_mode", "pid"} & set(app)
    assert "name" not in compose("compose.yaml")


def test_only_the_launcher_of_the_overlay_holds_the_socket() -> None:
    services = compose("compose.containers.yaml")["services"]
    holders = [name for name, service in services.items() if "docker.sock" in str(service)]
    assert holders == ["launcher"]
    assert "ports" not in services["launcher"]


def test_image_is_unprivileged_locked_and_watched() -> None:
    text = (PROJECT / "Dockerfile").read_text()
    assert text.count("FROM ") == 2
    assert re.search(r"^USER lab$", text, re.MULTILINE)
    assert "--require-hashes" in text
    assert "/_stcore/health" in text
    assert "VOLUME /workspace" in text
    assert "RUN --mount" not in text
    assert "<<" not in text


def test_image_takes_only_what_the_app_needs() -> None:
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    kept = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert kept == {"requirements.txt", "app.py", "pages", "lab", "datasets", ".streamlit"}
