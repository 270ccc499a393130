"""Jobs run outside, report, cancel, queue, and show as interrupted when cut off."""

import json
import os
import shutil
import signal
import time

import pytest

from lab.core import jobs as jobs_module
from lab.core.errors import BadInput, Busy, LabError, NotFound
from lab.core.jobs import Jobs, result_of
from lab.core.process import Child
from lab.core.workspace import open_workspace

FLOWS = "tests.core.sample_flows:"


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    monkeypatch.setattr(jobs_module, "TARGETS", "tests.core.")
    return Jobs(open_workspace(tmp_path / "w"))


def until(condition, seconds=120.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def test_a_job_reports_and_returns(jobs):
    job = jobs.submit(FLOWS + "count", label="Count", upto=4)
    ended = jobs.wait(job.id)
    assert (ended.state, ended.result, ended.fraction) == ("done", {"upto": 4}, 1.0)
    assert [entry["i"] for entry in jobs.history(job.id)] == [0.0, 1.0, 2.0, 3.0]
    assert result_of(ended) == {"upto": 4}


def test_a_refusal_keeps_message_and_hint(jobs):
    ended = jobs.wait(jobs.submit(FLOWS + "refuse", label="Refuse").id)
    assert (ended.state, ended.message, ended.hint) == (
        "failed", "That will not do.", "Do this instead.")  # fmt: skip
    with pytest.raises(LabError, match="Do this instead"):
        result_of(ended)


def test_a_bug_shows_calm_words_and_leaves_the_trace_in_the_log(jobs):
    ended = jobs.wait(jobs.submit(FLOWS + "crash", label="Crash").id)
    assert ended.state == "failed"
    assert "secret detail" not in ended.message + ended.hint
    assert "RuntimeError: secret detail" in jobs.log(ended.id)


def test_cancel_stops_a_job_between_steps(jobs):
    job = jobs.submit(FLOWS + "count", label="Count", upto=1000, pause=0.05)
    until(lambda: jobs.get(job.id).state == "running")
    jobs.cancel(job.id)
    assert jobs.wait(job.id).state == "cancelled"
    assert not (jobs.ws.root / "count.done").exists()


def test_cancel_ends_even_a_step_that_hangs(jobs):
    job = jobs.submit(FLOWS + "hang", label="Hang")
    until(lambda: jobs.get(job.id).message == "about to hang")
    jobs.cancel(job.id)
    assert jobs.wait(job.id).state == "cancelled"


def test_a_killed_worker_shows_as_interrupted_and_the_next_job_runs(jobs):
    job = jobs.submit(FLOWS + "hang", label="Hang")
    until(lambda: jobs.get(job.id).message == "about to hang")
    os.kill(Child.load(jobs.ws.jobs / job.id / "child.json").pid, signal.SIGKILL)
    assert jobs.wait(job.id).state == "interrupted"
    assert jobs.wait(jobs.submit(FLOWS + "count", label="Count").id).state == "done"


def test_a_worker_that_dies_by_itself_shows_as_interrupted(jobs):
    assert jobs.wait(jobs.submit(FLOWS + "die", label="Die").id).state == "interrupted"


def test_the_same_job_twice_is_refused_by_name(jobs):
    job = jobs.submit(FLOWS + "hang", label="Hang about", over=("a", "b"))
    with pytest.raises(Busy, match="'Hang about' is already"):
        jobs.submit(FLOWS + "hang", label="Hang about", over=("a", "b"))
    jobs.cancel(job.id)
    jobs.wait(job.id)


def test_a_second_writing_job_waits_its_turn_and_a_reading_one_does_not(jobs):
    first = jobs.submit(FLOWS + "hold", label="First", name="first")
    second = jobs.submit(FLOWS + "count", label="Second", upto=1, name="second")
    reader = jobs.submit(FLOWS + "count", label="Reader", writes=False, upto=2, name="reader")
    assert jobs.wait(reader.id).state == "done"
    assert jobs.get(first.id).active
    assert jobs.get(second.id).state == "queued"
    (jobs.ws.root / "go").touch()
    assert jobs.wait(second.id).state == "done"
    assert jobs.get(first.id).state == "done"
    done = {n: (jobs.ws.root / f"{n}.done").stat().st_mtime_ns for n in ("first", "second")}
    assert done["first"] < done["second"]


def test_unknown_job_and_foreign_target_are_refused(jobs):
    with pytest.raises(NotFound):
        jobs.get("0-none")
    with pytest.raises(BadInput):
        jobs.get("../../etc")
    with pytest.raises(BadInput):
        jobs.submit("os:system", label="Evil")


def an_old_job(jobs, number):
    job_id = f"{number:020d}-aaaaaa"
    (jobs.ws.jobs / job_id).mkdir()
    job = {"id": job_id, "label": "Old", "target": "tests.core.x:y", "state": "done"}
    (jobs.ws.jobs / job_id / "spec.json").write_text(json.dumps({"job": job}))
    return job_id


def test_only_the_newest_jobs_that_have_ended_are_kept(jobs, monkeypatch):
    monkeypatch.setattr(jobs_module, "KEPT", 2)
    old = [an_old_job(jobs, number) for number in range(4)]
    new = jobs.wait(jobs.submit(FLOWS + "refuse", label="Refuse").id)
    assert [job.id for job in jobs.all()] == [new.id, old[-1]]
    assert not list(jobs.ws.staging.iterdir())


def test_a_job_that_is_forgotten_while_jobs_are_listed_is_passed_over(jobs, monkeypatch):
    kept, gone = an_old_job(jobs, 1), an_old_job(jobs, 2)
    real = Jobs.get

    def late(self, job_id):
        if job_id == gone:
            shutil.rmtree(self.ws.jobs / gone, ignore_errors=True)
        return real(self, job_id)

    monkeypatch.setattr(Jobs, "get", late)
    assert [job.id for job in jobs.all()] == [kept]
    assert jobs.newest("tests.core.x:y").id == kept
