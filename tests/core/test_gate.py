"""The gate keeps processes apart, opens and closes one at a time, and can be lent."""

import os
import threading
import time

import pytest

from lab.core.errors import Busy
from lab.core.gate import Gate, gate


@pytest.fixture
def entrance(tmp_path):
    return Gate(tmp_path / "x.duckdb")


def passing(entrance, wait=0.2):
    return entrance.open(wait, object, lambda _: None)


def other(entrance):
    """The same gate as another process has it."""
    return Gate(entrance.path)


def test_another_process_waits_until_the_last_one_left(entrance):
    first, second = passing(entrance), passing(entrance)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    with pytest.raises(Busy, match=f"x.duckdb is held by process {os.getpid()}"):
        passing(other(entrance)).__enter__()
    second.__exit__(None, None, None)
    with passing(other(entrance)):
        pass


def test_nested_use_in_one_thread_goes_through(entrance):
    with passing(entrance), passing(entrance):
        assert entrance.inside == 2
    assert entrance.inside == 0


def test_a_failing_opening_leaves_the_way_free(entrance):
    with pytest.raises(ZeroDivisionError), entrance.open(0.2, lambda: 1 / 0, print):
        pass
    with passing(other(entrance)):
        pass


def test_a_failing_closing_leaves_the_way_free(entrance):
    with pytest.raises(ZeroDivisionError), entrance.open(0.2, object, lambda _: 1 / 0):
        pass
    with passing(other(entrance)):
        pass


def test_openings_and_closings_never_overlap(entrance):
    busy, overlaps = [], []

    def slowly(*_):
        overlaps.append(len(busy))
        busy.append(1)
        time.sleep(0.002)
        busy.pop()

    def pass_through():
        for _ in range(10):
            with entrance.open(30, slowly, slowly):
                pass

    threads = [threading.Thread(target=pass_through) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(overlaps) == {0}
    assert entrance.inside == 0


def test_a_lent_gate_keeps_everyone_out(entrance):
    with entrance.lend(0.2):
        with pytest.raises(Busy):
            passing(other(entrance)).__enter__()
        refused = []

        def try_it():
            try:
                passing(entrance).__enter__()
            except Busy as error:
                refused.append(error)

        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
        assert refused
    with passing(entrance):
        pass


def test_lending_waits_for_our_own_and_gives_up_in_words(entrance):
    with passing(entrance), pytest.raises(Busy, match="held by process"):
        entrance.lend(0.1).__enter__()
    with entrance.lend(0.1):
        pass


def test_a_file_has_one_gate_in_a_process(tmp_path):
    assert gate(tmp_path / "a") is gate(tmp_path / "a")
    assert gate(tmp_path / "a") is not gate(tmp_path / "b")


def test_a_disk_too_full_for_the_note_leaves_the_way_free(entrance):
    entrance._note.mkdir()  # cannot be written, as on a full disk
    with passing(entrance):
        pass
    with passing(other(entrance)):
        pass
