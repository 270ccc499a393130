"""Inspect drift: hold a current window of a table against a reference window."""

import streamlit as st

from lab import ui
from lab.flows import drift as flow
from lab.plots.drift import distribution_chart, verdict_chart

FIRST = """import lab

found = lab.drain(lab.drift(lab.open_workspace()))
print(found.sentence)"""
COLUMNS = {
    "Statistic": st.column_config.NumberColumn(format="%.3f"),
    "Limit": st.column_config.NumberColumn(format="%.3f"),
    "Past the limit": None,
}
TARGET = "lab.flows.drift:drift"
EARLIER = "Pairs of windows further back, as far apart: they say how much change is usual."
CODE = """import lab

ws = lab.open_workspace()
found = lab.drain(lab.drift(
    ws,
    table={table!r},
    reference={reference!r},
    current={current!r},
))
print(found.sentence)"""


def ask(tables: list[str]) -> None:
    """The form: which table, which windows, which methods."""
    table = st.selectbox("Table", tables, key="drift.table")
    reach = ui.read(flow.span, table)
    begin = flow.default_windows(reach)
    with st.form("drift.form", border=False):
        limits = {"min_value": reach.first, "max_value": reach.end}
        reference = st.date_input(
            "Reference window (the end is not part of it)", begin.reference, **limits,
            key=f"drift.reference.{table}",
        )  # fmt: skip
        current = st.date_input(
            "Current window (the end is not part of it)", begin.current, **limits,
            key=f"drift.current.{table}",
        )  # fmt: skip
        st.caption(begin.why)
        columns = st.multiselect(
            "Columns", reach.columns, placeholder="Every column", key=f"drift.columns.{table}"
        )
        with st.expander("Methods", icon=":material/tune:"):
            numeric, category = (choose_method(kind) for kind in ("numeric", "category"))
        if st.form_submit_button("Compare", type="primary", icon=":material/difference:"):
            ui.start_job(
                TARGET,
                label=f"Compare windows of {table}",
                table=table,
                reference=flow.days(reference),
                current=flow.days(current),
                columns=columns or None,
                numeric=numeric,
                category=category,
            )


def choose_method(kind: str) -> str:
    """Let the person choose how columns of a kind are compared."""
    titles = flow.method_titles(kind)
    label = {"numeric": "For numbers", "category": "For text and truth values"}[kind]
    chosen: str = st.selectbox(
        label, list(titles), format_func=titles.get, key=f"drift.{kind}", help=ui.explain("p-value")
    )
    st.caption(flow.about_method(chosen))
    return chosen


def show(report_id: str) -> None:
    """One report: what drifted in words, pictures, and Evidently's own page."""
    found = ui.read(flow.summary, report_id)
    ui.verdict(not found.drifted, found.sentence)
    ui.facts(found.facts, {"Columns drifted": ui.explain("drift"), "Earlier pairs": EARLIER})
    verdicts = ui.read(flow.verdict_table, report_id)
    ui.table(verdicts, key="drift.verdicts", config=COLUMNS)
    for sentence in found.missing_sentences:
        st.warning(sentence, icon=":material/rule:")
    overview, column = st.tabs(["Every column", "One column"])
    with overview:
        ui.chart(verdict_chart(verdicts), found.sentence, key="drift.overview")
    with column:
        name = st.selectbox("Column", found.compared, key=f"drift.column.{report_id}")
        shares = ui.read(flow.distribution, report_id, name)
        twin = f"{name}: share of rows in each bin, reference against current."
        ui.chart(distribution_chart(shares, name), twin, shares, key="drift.distribution")


def evidently(report_id: str) -> None:
    """Evidently's own page in full width, made only when someone opens it."""
    report = st.expander(
        "The Evidently report", icon=":material/article:", key="drift.evidently",
        on_change="rerun",
    )  # fmt: skip
    if report.open:
        with report:
            st.download_button(
                "Download", flow.page(ui.workspace(), report_id), f"{report_id}.html",
                "text/html", icon=":material/download:", on_click="ignore",
            )  # fmt: skip
            document = flow.framed(ui.workspace(), report_id)
            ui.html_report(document, name="Evidently's drift report of both windows")


def look_back() -> str:
    """Choose among the reports, the newest first; returns the chosen one."""
    titles = ui.read(flow.report_titles)
    newest = next(iter(titles), "")
    if not newest:
        st.info("No report yet. Choose two windows and compare them.", icon=":material/info:")
        return ""
    chosen: str = st.selectbox(
        "Report", list(titles), format_func=titles.get, key=f"drift.report.{newest}"
    )
    show(chosen)
    return chosen


ui.head("Inspect drift", "See whether today's data still looks like the data a model learned from.")
tables = ui.read(flow.comparable_tables)
if tables:
    form, result = st.columns([1, 2], gap="medium")
    with form:
        ask(tables)
    with result:
        ui.watch_job(TARGET)
        report = look_back()
    if report:
        evidently(report)
        found = ui.read(flow.summary, report)
        code = {name: tuple(getattr(found, name)) for name in ("reference", "current")}
        ui.same_in_code(CODE.format(table=found.table, **code))
    else:
        ui.same_in_code(FIRST)
else:
    ui.empty(
        "There is no table with times yet. Drift compares two windows of one.",
        "pages/data/load.py",
        "Load data",
    )
    ui.same_in_code(FIRST)
