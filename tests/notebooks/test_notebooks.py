"""Each notebook runs from its first cell to its last, and leaves what it says it leaves."""

import ast
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

from lab.core.config import PROJECT
from lab.core.workspace import Workspace
from lab.flows.registry import champion, versions
from lab.flows.runs import runs
from lab.flows.serve import endpoints, remove

FOLDER = PROJECT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
names = [path.stem for path in NOTEBOOKS]
LATE_SECONDS = 500
FIGURE = "application/vnd.plotly.v1+json"


def read(path: Path) -> Any:
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    return book


def sources(book: Any, kind: str) -> list[str]:
    return [cell.source for cell in book.cells if cell.cell_type == kind]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=names)
def test_notebook_is_stored_clean(path: Path) -> None:
    book = read(path)
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    assert len({cell.id for cell in book.cells}) == len(book.cells)
    for cell in book.cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None
    assert path.read_text(encoding="utf-8") == nbformat.writes(book, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=names)
def test_notebook_imports_lab_alone(path: Path) -> None:
    code = ast.parse("\n".join(sources(read(path), "code")))
    imports = [node for node in ast.walk(code) if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert [ast.unparse(node) for node in imports] == ["import lab"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=names)
def test_notebook_explains_before_it_does(path: Path) -> None:
    book = read(path)
    prose = sources(book, "markdown")
    assert prose[0].startswith("# ")
    assert sum(text.startswith("# ") for text in prose) == 1
    assert all(text.isascii() for text in prose)
    assert len(prose) >= len(sources(book, "code")) / 2


@pytest.fixture
def run(ws: Workspace, tmp_path: Path) -> Iterator[Callable[[str], list[Any]]]:
    """Run a notebook in the workspace and give what its cells showed."""

    def carry_out(name: str) -> list[Any]:
        book = read(FOLDER / name)
        path = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH", "")]))
        env = {**os.environ, "LAB_WORKSPACE": str(ws.root), "PYTHONPATH": path}
        place = {"metadata": {"path": str(FOLDER)}}
        # Over files, not ports: those are chosen first and taken later, when others may have them.
        files = Config(KernelManager={"transport": "ipc", "ip": str(tmp_path / "kernel")})
        NotebookClient(
            book, resources=place, config=files, startup_timeout=LATE_SECONDS, timeout=LATE_SECONDS
        ).execute(env=env)
        shown = [out for cell in book.cells if cell.cell_type == "code" for out in cell.outputs]
        complaints = [out.text for out in shown if out.get("name") == "stderr"]
        assert not complaints
        return shown

    yield carry_out
    for endpoint in endpoints(ws):
        remove(ws, endpoint.id)


def figures(shown: list[Any]) -> list[Any]:
    return [out.data[FIGURE] for out in shown if FIGURE in out.get("data", {})]


def test_metrics_to_anomalies(ws: Workspace, run: Callable[[str], list[Any]]) -> None:
    shown = run("01_metrics_to_anomalies.ipynb")
    rows = {table.name: table.rows for table in ws.store.tables()}
    assert rows["observations"] == 14 * 1440 * 10 * 5
    assert (rows["series"], rows["incidents"]) == (50, 16)

    found = ws.store.read("SELECT * FROM anomaly_runs").set_index("detector")
    assert sorted(found.index) == ["isolation_forest", "seasonal_robust"]
    assert (found["event_recall"] >= found["baseline_recall"]).all()
    assert (found["false_alarms_per_day"] < found["baseline_false_alarms_per_day"] / 4).all()
    assert rows["anomaly_events"] == found["n_events"].sum()
    assert rows["anomaly_scores"] == found["n_points"].sum()

    strongest, leak = figures(shown)
    assert "host-05" in leak["layout"]["title"]["text"]
    assert {"Measured", "Expected"} <= {trace.get("name") for trace in strongest["data"]}


def test_sales_to_champion(ws: Workspace, run: Callable[[str], list[Any]]) -> None:
    shown = run("02_sales_to_champion.ipynb")
    assert ws.store.rows("SELECT count(*) FROM sales") == [(32_880,)]

    trained = runs(ws)
    assert trained["complete"].all()
    assert len(trained) == 2
    assert trained["dataset"].nunique() == 1
    assert (trained["mae"] < trained["baseline_mae"]).all()
    best = trained.sort_values("mae").iloc[0]
    assert champion(ws).run_id == best["run_id"]
    assert len(versions(ws)) == 1, "the refused run must not be registered"

    drifted = "SELECT column_name FROM drift_results WHERE drifted ORDER BY 1"
    assert ws.store.rows(drifted) == [("price",), ("promotion",), ("units",)]
    assert len(list(ws.reports.glob("*.html"))) == 1

    answers = "SELECT row_number, count(*), max(prediction) - min(prediction) FROM predictions"
    assert ws.store.rows(f"{answers} GROUP BY 1 ORDER BY 1") == [(n, 2, 0.0) for n in range(6)]
    assert any("equal: True" in out.get("text", "") for out in shown)
    assert [(each.state, each.backend) for each in endpoints(ws)] == [("stopped", "process")]
    assert len(figures(shown)) == 3
