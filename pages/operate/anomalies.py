"""Find anomalies: learn what is usual on each host, score the rest, judge by labels."""

import streamlit as st

from lab import ui
from lab.flows.detections import Detection, detection, run_labels
from lab.flows.detectors import unusable_detectors, usable_detectors
from lab.flows.host_view import host_metrics, host_view
from lab.flows.metric_hosts import metric_datasets, metric_names, training_ends
from lab.plots.anomalies import anomaly_chart, score_chart

TARGET = "lab.flows.detect:detect"
CODE = """import lab

ws = lab.open_workspace()
found = lab.drain(lab.detect(
    ws, {dataset!r}, {detector!r},
    metrics={metrics!r},
    train_until={train_until!r},
    threshold={threshold!r},
))
print(found.events, found.event_recall, found.false_alarms_per_day)"""

MOMENT = "YYYY-MM-DD HH:mm"
WINDOW = {
    "instance": "Host",
    "metric": "Metric",
    "start": st.column_config.DatetimeColumn("Start (UTC)", format=MOMENT, timezone="UTC"),
    "end": st.column_config.DatetimeColumn("End (UTC)", format=MOMENT, timezone="UTC"),
}
EVENTS = {
    **WINDOW,
    "peak_score": st.column_config.NumberColumn("Peak score", format="%.1f"),
    "matched_incident": "Incident",
    **dict.fromkeys(("event_id", "peak_at", "series_id")),
}
INCIDENTS = {**WINDOW, "kind": "Kind", "note": "Note", "found": "Found",
             "incident_id": "Incident", "dataset": None}  # fmt: skip


def ask(dataset: str) -> None:
    """The form; a data set is chosen outside of it, since it decides what can be chosen."""
    detectors = usable_detectors()
    ends = ui.read(training_ends, dataset)
    with st.form("anomalies.form", border=False):
        detector = st.selectbox("Detector", detectors, format_func=detectors.get)
        train_until = st.select_slider(
            "Learn until", ends.moments, ends.middle, help="Earlier is learnt, later is scored."
        )
        metrics = st.multiselect(
            "Metrics", ui.read(metric_names, dataset), placeholder="All metrics"
        )
        threshold = st.number_input(
            "Alarm at score", 0.1, 10.0, 1.0, 0.1, help="Raise it for fewer false alarms."
        )
        chosen = {
            "dataset": dataset,
            "detector": detector,
            "metrics": metrics or None,
            "train_until": train_until,
            "threshold": threshold,
        }
        if st.form_submit_button("Find anomalies", type="primary", icon=":material/monitoring:"):
            ui.start_job(TARGET, label=f"Find anomalies in {dataset}", **chosen)
    for title, reason in unusable_detectors().items():
        st.caption(f":gray[{title}: {reason}]")
    ui.same_in_code(CODE.format(**chosen))


def judge(found: Detection) -> None:
    """How good the events are, beside the events of a static threshold."""
    ui.table(
        found.comparison,
        key="anomalies.comparison",
        counts=["events", "delay_seconds"],
        config={
            "detector": "Detector",
            "events": "Events",
            "recall": st.column_config.NumberColumn("Recall", format="percent"),
            "precision": st.column_config.NumberColumn("Precision", format="percent"),
            "delay_seconds": "Median delay (s)",
            "false_alarms_per_day": st.column_config.NumberColumn(
                "False alarms a day", format="%.1f", help="Events that match no incident."
            ),
        },
    )
    if found.incidents is None:
        st.caption("This data set has no labelled incidents, so events cannot be judged.")


def draw(run_id: str, hosts: tuple[str, ...]) -> None:
    """One metric of one host with its band, its events and its labels."""
    left, right = st.columns(2)
    host = left.selectbox("Host", hosts, key="anomalies.host")
    metric = right.selectbox("Metric", ui.read(host_metrics, run_id, host))
    key = f"anomalies.lines.{run_id}.{host}.{metric}"
    view = ui.read(host_view, run_id, host, metric, window=ui.zoomed(key))
    name = metric.partition("{")[0]
    picture = anomaly_chart(view.points, view.events, view.incidents, view.sentence, name)
    ui.zoom_chart(picture, view.sentence, view.scores, key=key)
    with st.expander("Score over time", icon=":material/show_chart:"):
        picture = score_chart(view.points, "Anomaly score")
        ui.chart(picture, "The dashed line at 1 is the threshold.", key="anomalies.score")


def show(dataset: str) -> None:
    """A finished run: what it found, how good that is, and the pictures."""
    runs = ui.read(run_labels, dataset)
    if not runs:
        st.info("Choose a detector and find anomalies. What it finds appears here.")
        return
    # Named by how many there are, so that a new run takes the place of the one shown.
    shown = st.selectbox("Run", runs, format_func=runs.get, key=f"anomalies.run.{len(runs)}")
    found = ui.read(detection, shown)
    st.subheader(found.sentence, anchor=False)
    judge(found)
    draw(shown, found.hosts)
    st.subheader("Events", anchor=False)
    ui.table(found.events, key="anomalies.events", config=EVENTS)
    if found.incidents is not None:
        with st.expander("Labelled incidents", icon=":material/flag:"):
            ui.table(found.incidents, key="anomalies.incidents", config=INCIDENTS)


ui.head("Find anomalies", "Learn what is usual on each host, and see what was not.")
datasets = ui.read(metric_datasets)
if datasets:
    form, result = st.columns([1, 3], gap="medium")
    with form:
        chosen = st.selectbox("Data set", datasets, key="anomalies.dataset")
        ask(chosen)
    with result:
        ui.watch_job(TARGET)
        show(chosen)
else:
    ui.empty("There are no metrics in this workspace yet.", "pages/data/load.py", "Load metrics")
    ui.same_in_code(
        "import lab\n\nws = lab.open_workspace()\nlab.drain(lab.ingest(ws, "
        "'host_metrics'))\nprint(lab.drain(lab.detect(ws, 'host_metrics')))"
    )
