"""Check quality: say what a table promises, and see which rows and loads break it."""

import streamlit as st

from lab import ui
from lab.flows import contracts
from lab.flows import quality_view as view
from lab.flows.explore import as_csv
from lab.plots.quality import broken_chart, trend_chart

TARGET = "lab.flows.quality:check_quality"
CODE = """import lab
from lab.flows.contracts import keep_contract
from lab.flows.quality import check_quality

ws = lab.open_workspace()
keep_contract(ws, {name!r}, open("contract.yaml").read())
found = lab.drain(check_quality(ws, {name!r}))
print(found.sentence)"""
COLUMNS = {
    "Promise": None,  # what is expected says it, too
    "Share": st.column_config.NumberColumn(format="percent", width=60),
    "Expected": st.column_config.TextColumn(width=210),
    "Found": st.column_config.TextColumn(width="large"),
}
HELP = (
    f"{ui.explain('contract')}\n\n"
    "A column can promise a `type`, to be `required`, `least` and `most`, `only` some texts, a "
    "`pattern`, or to be `complete` to a share. The table can promise `unique` columns, a number "
    "of `rows`, `most_bad` rows, `freshness`, and no `drift` against another table or snapshot. "
    "With `policy: block` a broken table does not land; with `warn` it lands and says so. A stream "
    "is held to what is promised of columns and cells; each hour in which it lands is one check."
)


def edit(name: str) -> str | None:
    """The contract as text; what was submitted, or nothing."""
    found = ui.read(view.contract_text, name)
    table = ui.read(view.is_table, name)
    with st.form(f"quality.form.{name}", border=False):
        text = st.text_area("Contract", found.text, height=400, help=HELP,
                            key=f"quality.text.{name}.{found.stored}")  # fmt: skip
        st.caption(view.standing(found.stored, table))
        label = "Keep and check" if table else "Keep"
        pressed = st.form_submit_button(label, type="primary", icon=":material/rule:")
    return text if pressed else None


def keep(name: str, text: str) -> None:
    """Keep a contract and hold its table to it, or name its mistakes by line."""
    if ui.refused(view.mistakes(text)):
        return
    contracts.keep_contract(ui.workspace(), name, text)
    st.toast("The contract is kept.", icon=":material/check:")
    if ui.read(view.is_table, name):
        ui.start_job(TARGET, label=f"Check {name}", table=name)


def show(name: str, quality_id: str, check: dict[str, object]) -> None:
    """One check: the verdict, each promise, and the rows that break one."""
    ui.verdict(check["verdict"] == "pass", view.sentence(check))
    ui.facts(view.figures(check))
    kept, bad, picture, trend = st.tabs(["Promises", "Bad rows", "By column", "Over time"])
    promises = ui.read(view.promises, quality_id)
    with kept:
        ui.table(promises, key="quality.promises", config=COLUMNS, counts=["Bad rows"])
    with bad:
        rows = ui.read(view.bad_rows, name, quality_id)
        if len(rows):
            if check["what"] == "stream":
                st.caption("All records the stream has turned away so far.")
            ui.table(rows, key="quality.bad", config=view.BAD)
            st.download_button("Download", as_csv(rows), f"{name}_bad_rows.csv", "text/csv",
                               icon=":material/download:", on_click="ignore")  # fmt: skip
        else:
            st.success("No row breaks a promise.", icon=":material/check_circle:")
    with picture:
        ui.chart(broken_chart(promises), view.sentence(check), key="quality.picture")
    with trend:
        every = ui.read(view.checks, name)
        twin = "Share of bad rows in each check, oldest first, with its verdict."
        ui.chart(trend_chart(every), twin, every, key="quality.trend")


ui.head("Check quality", "Say what a table promises, and see which rows and loads break it.")
names = ui.read(view.names)
if names:
    form, work = st.columns([2, 3], gap="medium")
    with form:
        name = st.selectbox("Table or data set", names, key="quality.name")
        text = edit(name)
    with work:
        if text is not None:
            keep(name, text)
        ui.watch_job(TARGET)
        checks = ui.read(view.checks, name)
        if len(checks):
            titles = view.titles(checks)
            newest = next(iter(titles))
            chosen = st.selectbox("Check", titles, format_func=titles.get,
                                  key=f"quality.check.{newest}")  # fmt: skip
            show(name, chosen, checks.set_index("quality_id").loc[chosen].to_dict())
        else:
            st.info(f"Not checked yet. {view.next_step(ui.read(view.is_table, name))}",
                    icon=":material/info:")  # fmt: skip
    ui.same_in_code(CODE.format(name=name))
else:
    ui.empty(
        "There is no table yet. A contract says what a table promises.",
        "pages/data/load.py", "Load data",
    )  # fmt: skip
    ui.same_in_code(CODE.format(name="sales"))
