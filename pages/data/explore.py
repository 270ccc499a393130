"""Explore: what is loaded, what it looks like, and answers in SQL."""

import streamlit as st

from lab import ui
from lab.flows import chart_data, explore
from lab.flows.metric_hosts import first_to_show, metric_datasets, metric_names
from lab.flows.picture import MOST_SERIES, picture
from lab.plots import explore as draw
from lab.plots.anomalies import unit_of

VIEWS = {"table": "Tables", "chart": "Charts", "sql": "SQL"}
TABLE_CODE = """import lab

ws = lab.open_workspace()
{load}for table in lab.tables(ws):
    print(table.name, table.rows)
print(lab.query(ws, "FROM {table} LIMIT 100"))"""
SQL_CODE = """import lab

ws = lab.open_workspace()
print(lab.query(ws, {sql!r}))"""


def show_table(tables: dict[str, explore.TableInfo]) -> None:
    """One table: its columns, how one of them is spread, and its first rows."""
    left, right = st.columns([1, 3], gap="medium")
    with left:
        name = st.selectbox("Table", tables, format_func=explore.titles(tables).get,
                            key="explore.table")  # fmt: skip
        column = st.selectbox("Column to draw", explore.telling_columns(tables[name]))
        ui.same_in_code(TABLE_CODE.format(table=name, load=""))
    with right:
        if not tables[name].rows:
            st.info(f"Table {name} is empty. It fills when its part of the lab is used.")
            return
        ui.table(ui.read(explore.summary, name), key="explore.summary", **explore.SUMMARY)
        spread = ui.read(chart_data.distribution, name, column)
        twin = draw.distribution_sentence(spread, column)
        ui.chart(draw.distribution_chart(spread, column), twin, spread, key="explore.spread")
        st.subheader("First rows", anchor=False)
        ui.table(ui.read(explore.sample, name), key="explore.sample")


def show_metrics() -> None:
    """Series of one metric, thinned in the database."""
    left, right = st.columns([1, 3], gap="medium")
    with left:
        dataset = st.selectbox("Data set", ui.read(metric_datasets), key="explore.dataset")
        metrics = ui.read(metric_names, dataset)
        metric = st.selectbox("Metric", metrics, first_to_show(metrics), key="explore.metric")
        names = ui.read(chart_data.metric_series, dataset, metric)
        chosen = st.multiselect(
            "Series", names, list(names)[:2], format_func=names.get, help=ui.explain("series"),
            max_selections=MOST_SERIES, key=f"explore.series.{dataset}.{metric}",
        )  # fmt: skip
        ui.same_in_code(SQL_CODE.format(sql=chart_data.series_sql(dataset, chosen)))
    with right:
        if not chosen:
            st.info("Choose at least one series.")
            return
        key = f"explore.lines.{dataset}.{metric}"
        points = ui.read(picture, dataset, tuple(chosen), window=ui.zoomed(key))
        chart = draw.series_chart(points, names, metric, unit_of(metric))
        ui.zoom_chart(chart, draw.series_sentence(points, names, metric), points, key=key)


def show_columns(tables: list[str]) -> None:
    """A column of a table over time."""
    left, right = st.columns([1, 3], gap="medium")
    with left:
        table = st.selectbox("Table", tables, key="explore.charted")
        columns = ui.read(chart_data.chart_columns, table)
        time = st.selectbox("Time", columns.times, key=f"explore.time.{table}")
        number = st.selectbox("Value", columns.numbers[::-1], key=f"explore.value.{table}")
        group = st.selectbox("One line for each", columns.groups, None, placeholder="All together",
                             key=f"explore.group.{table}")  # fmt: skip
        st.caption(draw.STRETCH)
    with right:
        points = ui.read(chart_data.thinned_column, table, time, number, group or "")
        twin = draw.series_sentence(points, {}, number)
        ui.chart(draw.series_chart(points, {}, number, number), twin, points, key="explore.columns")
    ui.same_in_code(SQL_CODE.format(sql=f'SELECT "{time}", "{number}" FROM {table} ORDER BY 1'))


def show_charts() -> None:
    """Charts of metrics or of the columns of a table."""
    ways = ui.read(chart_data.chartable)
    if not ways:
        st.info("No table with a time and a number is loaded yet.")
        return
    way = st.radio("Draw", ways, horizontal=True, key="explore.draw")
    if way == chart_data.METRICS:
        show_metrics()
    else:
        show_columns(ways[way])


def show_sql() -> None:
    """One SELECT of the person's own, in a process that can be ended."""
    left, right = st.columns([1, 2], gap="medium")
    with left:
        examples = ui.read(explore.examples)
        title = st.selectbox("Begin with", examples, key="explore.example")
        with st.form("explore.form", border=False):
            sql = st.text_area("One SELECT", examples.get(title, ""), height=220,
                               key=f"explore.sql.{title}")  # fmt: skip
            run, plan = st.columns(2)
            asked = run.form_submit_button("Run", type="primary", icon=":material/play_arrow:",
                                           width="stretch")  # fmt: skip
            planned = plan.form_submit_button("Show the plan", width="stretch")
        st.caption(explore.bounds(ui.workspace()))
        ui.same_in_code(SQL_CODE.format(sql=sql))
    if asked or planned:
        st.session_state["explore.asked"] = (sql, planned)
    with right, ui.guard():
        if "explore.asked" in st.session_state:
            show_answer(*st.session_state["explore.asked"])
        else:
            st.info("Run the query to see its rows here.")


def show_answer(sql: str, planned: bool) -> None:
    """Rows of an answer, or the plan."""
    with st.spinner("Asking the database", show_time=True):
        answer = ui.read(explore.ask, sql, planned)
    st.markdown(f"**{explore.answer_sentence(answer, planned)}**")
    if planned:
        st.code(explore.plan_text(answer), language=None)
        return
    rows = answer.frame()
    ui.table(rows, key="explore.answer")
    st.download_button("Download as CSV", explore.as_csv(rows), "answer.csv", "text/csv",
                       on_click="ignore", icon=":material/download:")  # fmt: skip


ui.head("Explore", "Look at what is loaded: columns, pictures, and answers in SQL.")
tables = ui.read(explore.tables_by_interest)
if tables:
    view = st.segmented_control("View", VIEWS, format_func=VIEWS.get, default="table",
                                key="explore.view", label_visibility="collapsed")  # fmt: skip
    if view == "sql":
        show_sql()
    elif view == "chart":
        show_charts()
    else:
        show_table(tables)
else:
    ui.empty("There are no tables in this workspace yet.", "pages/data/load.py", "Load data")
    ui.same_in_code(TABLE_CODE.format(table="sales", load=explore.FILL))
