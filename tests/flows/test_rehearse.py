"""Faults laid over a person's own metrics, from a CSV to the verdict fault by fault."""

import numpy as np
import pandas as pd
import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.progress import drain
from lab.data.rollups import known, sum_up
from lab.flows.ingest import ingest
from lab.flows.overlay import overlay
from lab.flows.overlay_plan import fault_titles
from lab.flows.rehearse import proof, rehearse
from lab.flows.rehearse_preview import host_names, preview
from lab.flows.rehearsed import by_fault, close_ups, room_note, sentence, severities, verdicts

KINDS = ["cpu_hog", "spike", "target_down", "level_shift"]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Eight days of two machines as somebody's monitoring exports them, every ten minutes."""
    from lab.core.workspace import open_workspace

    folder = tmp_path_factory.mktemp("own")
    times = pd.date_range("2026-05-04", periods=8 * 144, freq="10min", tz="UTC")
    rng = np.random.default_rng(4)
    day = 1 + 0.4 * np.sin(2 * np.pi * np.arange(len(times)) / 144)
    rows = pd.concat(
        pd.DataFrame(
            {
                "time": times,
                "instance": name,
                "cpu_usage": (0.3 * day + rng.normal(0, 0.01, len(times))).round(4),
                "requests": np.round(500 * day + rng.normal(0, 15, len(times))),
            }
        )
        for name in ("oak", "elm")
    )
    rows.to_csv(folder / "mine.csv", index=False)
    ws = open_workspace(folder / "workspace")
    drain(ingest(ws, str(folder / "mine.csv")))
    return ws


def rows_of(ws, dataset: str) -> pd.DataFrame:
    sql = "SELECT series_id, timestamp, value FROM observations WHERE dataset = ? ORDER BY ALL"
    return ws.store.read(sql, [dataset])


@pytest.fixture(scope="module")
def rehearsed(own):
    before = rows_of(own, "mine")
    result = drain(rehearse(own, "mine", faults=KINDS, severity=[0.2, 1.0]))
    pd.testing.assert_frame_equal(before, rows_of(own, "mine"))
    return result


def test_a_copy_differs_from_the_original_only_where_the_truth_says(own, rehearsed):
    both = rows_of(own, "mine").merge(
        rows_of(own, "mine_with_faults"), on=["series_id", "timestamp"], how="left"
    )
    truth = own.store.read(
        "SELECT * FROM incidents JOIN overlays USING (dataset, incident_id) WHERE dataset = ?",
        ["mine_with_faults"],
    )
    assert sorted(truth["kind"]) == sorted(KINDS * 2)
    differs = ~(both["value_x"] == both["value_y"])
    allowed = pd.Series(False, index=both.index)
    for one in truth.itertuples():
        window = (both["timestamp"] >= one.start) & (both["timestamp"] < one.end)
        allowed |= window & both["series_id"].str.contains(one.instance)
    assert differs.any()
    assert not (differs & ~allowed).any()
    assert (truth["start"] >= truth["laid_from"]).all()


def test_strong_faults_are_caught_and_a_gap_is_not(own, rehearsed):
    judged = verdicts(own, rehearsed.run_id, rehearsed.twin_run_id)
    assert rehearsed.faults == rehearsed.asked == len(judged) == 8
    assert room_note(vars(rehearsed)) == ""
    assert "3 more faults found no room" in room_note({"asked": 11, "faults": 8})
    assert rehearsed.caught == (judged["verdict"] == "caught").sum()
    assert rehearsed.recall == rehearsed.caught / 8
    assert rehearsed.false_pages_per_day < 3
    strong = judged[judged["severity"] == 1].set_index("kind")["verdict"]
    assert strong[["cpu_hog", "level_shift"]].eq("caught").all()
    assert strong["target_down"] != "caught"
    assert (judged["delay_seconds"].dropna() >= 0).all()
    assert f"caught {rehearsed.caught} of 8 faults" in sentence(vars(rehearsed))


def test_results_by_fault_and_close_up(own, rehearsed):
    table = by_fault(own, rehearsed.run_id, rehearsed.twin_run_id)
    assert table["laid"].tolist() == [2] * 4
    assert table["recall"].is_monotonic_decreasing
    assert severities(own, rehearsed.run_id) == [0.2, 1.0]
    shown = close_ups(own, rehearsed.run_id, rehearsed.twin_run_id, 1.0)
    assert len(shown) == 4
    for one in shown:
        inside = one.samples["timestamp"].between(one.start, one.end, inclusive="left")
        same = one.samples["before"] == one.samples["after"]
        assert inside.any()
        assert same[~inside].all()
        assert not same[inside].all()
        assert one.verdict in one.words


def test_a_rehearsal_again_takes_the_place_of_the_first_copy(own, rehearsed):
    again = drain(overlay(own, "mine", ["drop"], severity=[0.5], count=3, name="again"))
    assert again.laid == again.asked == 3
    own.store.change(lambda connection: sum_up(connection, "again"))  # as a chart does
    assert drain(overlay(own, "mine", ["spike"], severity=[0.5], name="again")).laid == 1
    kinds = own.store.rows("SELECT kind FROM incidents WHERE dataset = 'again'")
    assert kinds == [("spike",)]
    assert len(rows_of(own, "again")) == len(rows_of(own, "mine"))
    assert not own.store.change(lambda connection: known(connection, "again"))
    static = drain(proof(own, "again", "static_threshold"))
    assert (static.original, static.faults) == ("mine", 1)
    drain(overlay(own, "mine", ["drop"], severity=[0.5], name="again"))
    with pytest.raises(NotFound, match="Rehearse again"):
        verdicts(own, static.run_id, static.twin_run_id)


def test_data_of_a_person_is_never_taken_for_a_copy(own):
    with pytest.raises(BadInput, match="must not be laid into"):
        drain(overlay(own, "mine", ["spike"], name="mine"))
    own.store.write(
        "series",
        pd.DataFrame([{"dataset": "mine_too", "series_id": "a", "metric": "a", "labels": "{}"}]),
        "append",
    )
    with pytest.raises(BadInput, match="must not be laid into"):
        drain(overlay(own, "mine", ["spike"], name="mine_too"))


def test_what_cannot_be_is_refused_before_any_work(own):
    for wrong in ({"severity": [0]}, {"severity": []}, {"count": 0}, {"faults": []}):
        with pytest.raises(BadInput):
            drain(overlay(own, "mine", **wrong))
    with pytest.raises(NotFound, match="memory_leak"):
        drain(overlay(own, "mine", ["memory_leek"]))
    with pytest.raises(BadInput, match="No fault could be laid"):
        drain(overlay(own, "mine", ["memory_leak"]))
    with pytest.raises(NotFound, match="No faults were laid"):
        drain(proof(own, "mine"))


def test_only_chosen_metrics_are_touched_and_looked_at(own):
    done = drain(rehearse(own, "mine", faults=["drop"], metrics=["requests"], severity=[1.0],
                          name="requests only"))  # fmt: skip
    touched = own.store.rows("SELECT series FROM overlays WHERE dataset = 'requests only'")
    assert all("requests{" in series for (series,) in touched)
    seen = own.store.rows("SELECT DISTINCT series_id FROM anomaly_scores WHERE run_id = ?",
                          [done.run_id])  # fmt: skip
    assert len(seen) == 2
    assert done.caught == 1


def test_a_preview_draws_what_strikes_and_writes_nothing(own):
    titles = fault_titles(own, "mine")
    assert "memory_leak" not in titles
    version = own.version()
    shown = preview(own, "mine", "oak", list(titles), 0.8)
    assert own.version() == version
    assert [one.title for one in shown] == list(titles.values())
    assert list(host_names(own, "mine")) == ["elm", "oak"]
    assert all(one.samples["timestamp"].between(one.start, one.end).any() for one in shown)
