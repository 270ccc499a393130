from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.core.errors import BadInput
from lab.mlops.tracking import client, experiment_id, track
from lab.mlops.tracking.experiments import experiment_ids


def test_an_experiment_is_made_once_with_its_files_in_the_workspace(tracked):
    first = experiment_id(tracked, "sales")
    assert experiment_id(tracked, "sales") == first
    found = client(tracked).get_experiment(first)
    assert found.artifact_location == (tracked.artifacts / "sales").as_uri()
    assert experiment_ids(tracked, "sales") == [first]
    assert first in experiment_ids(tracked)


def test_threads_that_ask_at_once_get_one_experiment(tracked):
    client(tracked)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: experiment_id(tracked, "sales"), range(16)))
    assert len(found) == 1


def test_runs_of_threads_land_in_their_own_experiments(tracked):
    """MLflow's own set_experiment is process-global and mixes these up."""

    def work(number):
        name = f"experiment {number % 4}"
        with track(tracked, name, f"run {number}") as run:
            run.log_metrics({"number": number})
        return run.run_id, name

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(work, range(16)))
    mlflow = client(tracked)
    for run_id, name in done:
        where = mlflow.get_run(run_id).info.experiment_id
        assert mlflow.get_experiment(where).name == name


def test_a_deleted_experiment_comes_back(tracked):
    first = experiment_id(tracked, "sales")
    client(tracked).delete_experiment(first)
    assert experiment_id(tracked, "sales") == first
    assert client(tracked).get_experiment(first).lifecycle_stage == "active"


def test_nothing_is_made_by_looking(ws):
    assert experiment_ids(ws) == []
    assert not ws.mlflow_database.exists()


@pytest.mark.parametrize("name", ["../../etc", "", "a/b", "x\0y", "-rf"])
def test_names_that_could_be_paths_are_refused(ws, name):
    with pytest.raises(BadInput):
        experiment_id(ws, name)
    assert not ws.mlflow_database.exists()
