import subprocess
import sys
import time

import pytest

from lab.mlops.tracking import client, experiment_id, sweep, track
from lab.mlops.tracking.heartbeat import BEAT, PROCESS, WORKSPACE, Heartbeat, is_alive, signs


def left_open(ws, **tags):
    """A run as a crash leaves it."""
    given = {**signs(ws), **tags}
    return client(ws).create_run(experiment_id(ws, "sales"), tags=given).info.run_id


def status(ws, run_id):
    return client(ws).get_run(run_id).info.status


@pytest.fixture
def dead():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return f"{child.pid}:1.0"


def test_runs_of_dead_processes_and_old_heartbeats_are_closed(tracked, dead):
    gone = left_open(tracked, **{PROCESS: dead})
    silent = left_open(tracked, **{BEAT: str(time.time() - 61)})
    elsewhere = left_open(tracked, **{"lab.host": "other", PROCESS: dead})
    with track(tracked, "sales", "living") as living:
        assert sweep(tracked) == 2
        assert status(tracked, living.run_id) == "RUNNING"
    assert status(tracked, gone) == status(tracked, silent) == "KILLED"
    assert status(tracked, elsewhere) == "RUNNING"  # another machine; its heart still beats
    assert status(tracked, living.run_id) == "FINISHED"
    assert sweep(tracked) == 0


def test_runs_that_are_not_ours_are_left_alone(tracked, dead):
    foreign = left_open(tracked, **{PROCESS: dead, WORKSPACE: "another"})
    plain = client(tracked).create_run(experiment_id(tracked, "sales")).info.run_id
    assert sweep(tracked) == 0
    assert status(tracked, foreign) == status(tracked, plain) == "RUNNING"


def test_a_model_whose_run_died_halfway_is_failed_and_one_in_work_is_not(tracked, dead):
    mlflow, where = client(tracked), experiment_id(tracked, "sales")
    mark = {WORKSPACE: signs(tracked)[WORKSPACE]}
    half = mlflow.create_logged_model(
        where, "model", left_open(tracked, **{PROCESS: dead}), tags=mark
    )
    with track(tracked, "sales", "living") as run:
        working = mlflow.create_logged_model(where, "model", run.run_id, tags=mark)
        sweep(tracked)
        assert mlflow.get_logged_model(working.model_id).status == "PENDING"
    assert mlflow.get_logged_model(half.model_id).status == "FAILED"


def test_nothing_is_made_by_sweeping(ws):
    assert sweep(ws) == 0
    assert not ws.mlflow_database.exists()


def test_a_reused_process_id_is_not_mistaken_for_the_worker(ws):
    tags = signs(ws)
    assert is_alive(tags, time.time())
    pid = tags[PROCESS].partition(":")[0]
    assert not is_alive({**tags, PROCESS: f"{pid}:1.0"}, time.time())


def test_the_heart_beats_until_it_is_stopped(tracked):
    run_id = left_open(tracked, **{BEAT: "0"})
    heart = Heartbeat(client(tracked), run_id, seconds=0.05)
    heart.start()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if client(tracked).get_run(run_id).data.tags[BEAT] != "0":
            break
        time.sleep(0.02)
    heart.stop()
    assert not heart.is_alive()
    assert float(client(tracked).get_run(run_id).data.tags[BEAT]) > time.time() - 60
