"""What every test may ask for: a fresh workspace, a free port, a home of its own, no telemetry."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import providers

from lab.core import process
from lab.core.process import QUIET
from lab.core.workspace import Workspace, open_workspace
from tests.needs import PARTS, check
from tests.ports import own_port

# Before any module takes it by name: ports that no other worker and no system hands out.
process.free_port = own_port
# No test is timed. At the desk chance finds new examples; where LAB_REQUIRE asks for the whole
# machine a run repeats itself, and a failure is said at once, for shrinking one takes minutes.
settings.register_profile(
    "desk", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "ci", settings.get_profile("desk"), derandomize=True, database=None,
    phases=[Phase.explicit, Phase.generate],
)  # fmt: skip
settings.load_profile("ci" if os.environ.get("LAB_REQUIRE") else "desk")
# How long one process may keep others from the database: on a busy machine, long.
WAIT_SECONDS = "120"
if os.environ.get("LAB_REQUIRE"):
    # Hypothesis also tries constants of our modules: of those imported by then, which differs
    # from run to run and from worker to worker.
    providers._get_local_constants = providers.Constants


def pytest_configure(config: pytest.Config) -> None:
    """Before any library is imported: its own home for what libraries write, and silence."""
    config.addinivalue_line("markers", "needs(*parts): see tests/needs.py")
    home = Path(tempfile.mkdtemp(prefix="lab-home-"))
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    for name in [name for name in os.environ if name.startswith("LAB_")]:
        if name not in {"LAB_REQUIRE", "LAB_BENCH_DATA"}:
            del os.environ[name]  # a person's own settings must not steer the tests
    os.environ.update(QUIET, HOME=str(home), MPLCONFIGDIR=str(home), LAB_CONFIG=str(home / "none"))
    os.environ["LAB_STORE_WAIT_SECONDS"] = WAIT_SECONDS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let ``-m docker`` select."""
    for item in items:
        parts = {part for mark in item.iter_markers("needs") for part in mark.args}
        for part in {"docker", "prometheus", "browser"} & parts:
            item.add_marker(part)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip or fail a test whose part of the machine is absent."""
    parts = tuple(part for mark in item.iter_markers("needs") for part in mark.args)
    check(tuple(part for part in PARTS if part in parts))


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """A fresh, empty workspace."""
    return open_workspace(tmp_path / "workspace")


@pytest.fixture(name="free_port")
def a_free_port() -> int:
    """A loopback port nobody listens on."""
    return own_port()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public benchmark data, where it has been put."""
    place = os.environ.get("LAB_BENCH_DATA", "")
    if not place or not Path(place).is_dir():
        pytest.skip("benchmark data is not here; set LAB_BENCH_DATA to its folder")
    return Path(place)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB, to be filled; skips where none can be mounted."""
    if sys.platform != "linux":
        pytest.skip("needs a tmpfs")
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
