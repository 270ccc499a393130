"""The doctor names what is there, and a fix for everything that is not."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lab.core.workspace import Workspace
from lab.flows import doctor
from lab.flows.doctor import Finding, diagnose
from tests.needs import needs

PROJECT = Path(__file__).resolve().parents[2]
NAMES = [
    "Python", "Disk", "Memory", "Workspace", "DuckDB", "MLflow", "Docker", "Prometheus",
    "TensorFlow", "Browser", "uv", "git",
]  # fmt: skip


def finding(ws: Workspace, name: str) -> Finding:
    return next(found for found in diagnose(ws) if found.name == name)


def with_settings(ws: Workspace, **values: object) -> Workspace:
    return Workspace(ws.root, replace(ws.settings, **values))


def test_everything_is_looked_at_and_every_lack_has_a_fix(ws: Workspace) -> None:
    findings = diagnose(ws)
    assert [found.name for found in findings] == NAMES
    assert all(found.found for found in findings)
    assert all(bool(found.fix) == (found.status != "ok") for found in findings)
    assert {found.status for found in findings} <= {"ok", "warn", "missing"}


def test_nothing_is_created_by_looking(ws: Workspace) -> None:
    before = sorted(ws.root.rglob("*"))
    diagnose(ws)
    assert sorted(ws.root.rglob("*")) == before


@pytest.mark.parametrize(("free", "status"), [(0.5e9, "missing"), (3e9, "warn"), (50e9, "ok")])
def test_disk(ws: Workspace, monkeypatch: pytest.MonkeyPatch, free: float, status: str) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    assert doctor._disk(ws).status == status


def test_databases_once_there(ws: Workspace) -> None:
    ws.store.execute("CREATE TABLE mine AS SELECT 1 AS a")
    assert finding(ws, "DuckDB").found.startswith("1 tables")


def test_damaged_databases_are_named(ws: Workspace) -> None:
    ws.mlflow_database.write_text("this is no database file at all")
    assert finding(ws, "MLflow").status == "missing"


def test_dead_servers_are_named_without_passwords(ws: Workspace, free_port: int) -> None:
    url = f"http://me:canary@127.0.0.1:{free_port}"
    lost = with_settings(ws, mlflow_tracking_uri=url, prometheus_url=url)
    for name in ("MLflow", "Prometheus"):
        found = finding(lost, name)
        assert found.status == "missing"
        assert "canary" not in found.found
        assert f"127.0.0.1:{free_port}" in found.found


def test_no_docker_engine_is_no_error(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    found = finding(ws, "Docker")
    assert found.status == "missing"
    assert "local processes" in found.fix


@needs("docker")
def test_docker_engine_is_found_with_its_base_image(ws: Workspace) -> None:
    assert finding(ws, "Docker").status == "ok"
    other = with_settings(ws, docker_base_image="no-such-image:0")
    assert finding(other, "Docker").status == "warn"


@needs("tensorflow")
def test_tensorflow_is_found_but_not_imported(ws: Workspace) -> None:
    assert finding(ws, "TensorFlow").status == "ok"
    code = (
        "import sys\nfrom lab.flows.doctor import diagnose\n"
        "from lab.core.workspace import open_workspace\n"
        f"diagnose(open_workspace({str(ws.root)!r}))\n"
        "sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0


def test_absent_programs_are_named(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda _: None)
    found = {item.name: item.status for item in diagnose(ws)}
    assert found["uv"] == found["git"] == found["Prometheus"] == found["TensorFlow"] == "missing"
