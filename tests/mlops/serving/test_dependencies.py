from pathlib import Path

import pytest

from lab.core.errors import NotFound
from lab.mlops.serving.dependencies import closure, serving_lock, subset

LOCK = (Path(__file__).parents[3] / "requirements.txt").read_text(encoding="utf-8")


def pins(text: str) -> list[str]:
    return [line.split()[0] for line in text.splitlines() if line[:1].isalnum()]


@pytest.mark.parametrize("flavor", ["sklearn", "keras"])
def test_every_pin_is_the_locks_own_with_its_hashes(flavor):
    part = serving_lock(LOCK, flavor)
    assert set(pins(part)) <= set(pins(LOCK))
    blocks = part.replace("\\\n", " ").splitlines()
    assert all("--hash=sha256:" in block for block in blocks)


def test_what_the_server_must_not_hold_is_not_there():
    names = {pin.partition("==")[0] for pin in pins(serving_lock(LOCK, "sklearn"))}
    assert {"fastapi", "uvicorn", "pandas", "scikit-learn", "scipy", "skops"} <= names
    assert not names & {"mlflow", "streamlit", "duckdb", "tensorflow-cpu", "evidently", "docker"}


def test_tensorflow_comes_only_with_a_network():
    names = {pin.partition("==")[0] for pin in pins(serving_lock(LOCK, "keras"))}
    assert {"tensorflow-cpu", "tensorflow", "keras"} <= names


def test_a_package_with_one_pin_per_python_keeps_both():
    lock = "a==1 ; python_version < '3.12' \\\n  --hash=x\na==2 ; python_version >= '3.12'\nb==1\n"
    assert pins(subset(lock, frozenset({"a"}))) == ["a==1", "a==2"]


def test_a_missing_package_is_an_error_not_a_smaller_image():
    with pytest.raises(NotFound, match="numpy"):
        subset("pandas==1\n", frozenset({"pandas", "numpy"}))


def test_closure_follows_needs():
    assert {"fastapi", "starlette", "anyio", "pydantic-core"} <= closure(["fastapi"])
