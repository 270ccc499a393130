"""Rehearse faults: lay them over your own metrics and see which a detector would catch."""

import streamlit as st

from lab import ui
from lab.flows import rehearsed
from lab.flows.detectors import usable_detectors
from lab.flows.metric_hosts import metric_datasets, metric_names, training_ends
from lab.flows.overlay import SEVERITIES
from lab.flows.overlay_plan import fault_titles
from lab.flows.rehearse_preview import host_names, preview
from lab.plots.rehearse import gallery_chart, gallery_sentence, verdict_chart

TARGET = "lab.flows.rehearse:rehearse"
LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
CODE = """import lab
from lab.flows.rehearse import rehearse

ws = lab.open_workspace()
done = lab.drain(rehearse(
    ws, {dataset!r}, {detector!r},
    faults={faults!r}, metrics={metrics!r},
    severity={severity!r}, count={count!r}, seed={seed!r},
    train_until={train_until!r}, threshold={threshold!r},
))
print(done.caught, done.faults, done.false_pages_per_day)"""
EMPTY_CODE = """import lab
from lab.flows.rehearse import rehearse

ws = lab.open_workspace()
lab.drain(lab.ingest(ws, 'host_metrics'))
print(lab.drain(rehearse(ws, 'host_metrics')))"""
TABLE = {
    "title": "Fault",
    "laid": st.column_config.NumberColumn("Laid", width=50),
    "caught": st.column_config.NumberColumn("Caught", width=60),
    "recall": None,  # laid and caught say it, and there is room for the delay
    "mildest": st.column_config.NumberColumn("From severity", format="%.1f", width=95),
    "delay_seconds": st.column_config.NumberColumn("Delay (s)", width=75),
}


def ask(dataset: str, titles: dict[str, str]) -> list[str]:
    """The form; gives the faults that are chosen."""
    ends, detectors = ui.read(training_ends, dataset), usable_detectors()
    with st.form("rehearse.form", border=False):
        detector = st.selectbox("Detector", detectors, format_func=detectors.get)
        faults = st.multiselect("Faults", titles, format_func=titles.get,
                                placeholder="All that fit your metrics",
                                help=ui.explain("overlay"))  # fmt: skip
        metrics = st.multiselect("Metrics", ui.read(metric_names, dataset),
                                 placeholder="All metrics")  # fmt: skip
        severity = st.multiselect("Severities", LEVELS, SEVERITIES, help=ui.explain("severity"))
        left, right = st.columns(2)
        count = left.number_input("Times each", 1, 10, 1)
        seed = right.number_input("Seed", 0, 9999, 1, help="Another seed, other hosts and times.")
        train_until = st.select_slider("Learn until", ends.moments, ends.middle,
                                       help="Faults are laid after this time only.")  # fmt: skip
        threshold = st.number_input("Alarm at score", 0.1, 10.0, 1.0, 0.1,
                                    help=ui.explain("threshold"))  # fmt: skip
        chosen = {"dataset": dataset, "detector": detector, "faults": faults or None,
                  "metrics": metrics or None, "severity": severity, "count": count, "seed": seed,
                  "train_until": train_until, "threshold": threshold}  # fmt: skip
        if st.form_submit_button("Rehearse", type="primary", icon=":material/theater_comedy:"):
            ui.start_job(TARGET, label=f"Rehearse faults on {dataset}", **chosen)
    st.caption("The faults go into a copy. Your data stay as they are.")
    ui.same_in_code(CODE.format(**chosen))
    return faults or list(titles)


def try_on(dataset: str, faults: list[str]) -> None:
    """What the faults would look like, with nothing run or written."""
    left, right = st.columns([1, 2])
    hosts = ui.read(host_names, dataset)
    host = left.selectbox("Host", hosts, format_func=hosts.get, key="rehearse.host")
    severity = right.select_slider("Severity", LEVELS, 0.6, key="rehearse.severity",
                                   help=ui.explain("severity"))  # fmt: skip
    panels = ui.read(preview, dataset, host, tuple(faults), severity)
    if panels:
        show_gallery(panels, "rehearse.preview")
    else:
        st.info("None of these faults strikes a series of this host, or the time after learning "
                "is too short for any.")  # fmt: skip


def show_gallery(panels: list[rehearsed.CloseUp], key: str) -> None:
    """Each fault as a small picture, fewer of them in a row beside the exercise rail."""
    figure = ui.drawn(gallery_chart, panels, narrow=ui.beside_rail())
    ui.chart(figure, gallery_sentence(panels), key=key)


def judge(result: dict[str, object], faults: list[str]) -> None:
    """What the last rehearsal came to."""
    runs = (result["run_id"], result["twin_run_id"])
    st.subheader(rehearsed.sentence(result), anchor=False)
    if rehearsed.room_note(result):
        st.caption(rehearsed.room_note(result))
    ui.facts({"Recall": f"{result['recall']:.0%}",
              "Median delay": ui.duration(result["median_delay_seconds"]),
              "False pages a day": ui.number(result["false_pages_per_day"], digits=2)})  # fmt: skip
    close, which, trial = st.tabs(["What was laid", "What was caught", "Try others on"])
    with close:
        levels = ui.read(rehearsed.severities, runs[0])
        severity = st.segmented_control("Severity", levels, default=levels[-1],
                                        key="rehearse.level")  # fmt: skip
        panels = ui.read(rehearsed.close_ups, *runs, severity or levels[-1])
        show_gallery(panels, "rehearse.gallery")
    with which:
        caught(runs, rehearsed.sentence(result))
    with trial:
        try_on(str(result["original"]), faults)


def caught(runs: tuple[object, object], sentence: str) -> None:
    """Which faults were caught, by severity and in numbers."""
    table, rows = ui.read(rehearsed.by_fault, *runs), ui.read(rehearsed.verdicts, *runs)
    left, right = st.columns([4, 5], gap="medium")
    with left:
        ui.chart(verdict_chart(rows), sentence, key="rehearse.verdicts")
    with right:
        ui.table(table, key="rehearse.table", config=TABLE, counts=["delay_seconds"])
        st.caption("*Pages anyway*: the detector alarms then without the fault, too, so that "
                   "it proves nothing.")  # fmt: skip


ui.head("Rehearse faults", "Lay faults over your own metrics and see which you would catch.")
datasets = ui.read(metric_datasets)
if datasets:
    form, work = st.columns([1, 3], gap="medium")
    with form:
        dataset = st.selectbox("Data set", datasets, key="rehearse.dataset")
        faults = ask(dataset, ui.read(fault_titles, dataset))
    with work:
        done = ui.watch_job(TARGET)
        if done and done.result["original"] == dataset:
            judge(done.result, faults)
        else:
            st.subheader("On your own series", anchor=False, help=ui.explain("series"))
            try_on(dataset, faults)
else:
    ui.empty("There are no metrics in this workspace yet.", "pages/data/load.py", "Load metrics")
    ui.same_in_code(EMPTY_CODE)
