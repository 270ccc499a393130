"""Load data: see what is in a file before it lands, and know that nothing was lost."""

import streamlit as st

from lab import ui
from lab.data.formats import SUFFIXES
from lab.data.mapping import Mapping
from lab.data.preview import Preview, Question, suggested
from lab.data.uploads import save_upload
from lab.flows import load_form, load_report

TARGET = "lab.flows.ingest:ingest"
WAYS = {"bundled": "Bundled set", "upload": "Upload", "path": "Path"}
CODE = """import lab

ws = lab.open_workspace()
done = lab.drain(lab.ingest(ws, {source!r}, mapping={mapping!r}))
print(done.rows_loaded, done.rows_rejected, done.content_hash)"""


def choose() -> tuple[str, str]:
    """The file or bundled set, and what the person calls it."""
    way = st.radio("Where is it?", WAYS, format_func=WAYS.get, horizontal=True, key="load.way")
    if way == "bundled":
        cards = load_form.cards()
        titles = {name: card.title for name, card in cards.items()}
        name = st.selectbox("Data set", cards, format_func=titles.get, key="load.bundled")
        st.caption(f"{cards[name].origin} Licence {cards[name].licence}.")
        return name, ""
    if way == "path":
        where = st.text_input("Path on this machine", key="load.path", placeholder="/data/file.csv")
        return where.strip(), ""
    most = ui.workspace().settings.max_upload_mb
    endings = [suffix[1:] for suffix in SUFFIXES]
    file = st.file_uploader(load_form.KNOWN, endings, key="load.file", max_upload_size=most)
    if file is None:
        return "", ""
    if st.session_state.get("load.kept") != file.file_id:
        saved = save_upload(ui.workspace(), file.name, file.getvalue())
        st.session_state["load.saved"] = str(saved)
        st.session_state["load.kept"] = file.file_id
    return st.session_state["load.saved"], file.name


def ask(found: Preview, source: str, name: str) -> None:
    """The form: what only a person can know, the button, and what the columns are for."""
    kind = st.radio("Load as", load_form.KINDS, list(load_form.KINDS).index(found.mapping.kind),
                    format_func=load_form.KINDS.get, horizontal=True)  # fmt: skip
    guess, columns = suggested(found, kind), list(found.source.columns)
    every = load_form.type_options(found)
    with st.form(f"load.form.{source}.{kind}", border=False):
        answers = {one.key: answer(one) for one in load_form.questions(found, kind)}
        dataset = st.text_input("Name", guess.dataset)
        pressed = st.form_submit_button("Load", type="primary", icon=":material/download:")
        chosen = roles(guess, columns) if kind == "metrics" else promises(found, guess, columns)
        mode = st.radio("If the name exists", load_form.MODES, format_func=load_form.MODES.get)
        with st.expander("Column types", icon=":material/edit:"):
            types = st.data_editor(
                load_form.schema_rows(found), hide_index=True, key=f"load.types.{source}.{kind}",
                disabled=["column", "examples", "missing"], column_config={
                    "type": st.column_config.SelectboxColumn("Type", options=every, required=True),
                    **load_form.TYPES,
                })  # fmt: skip
        mapping = load_form.form_mapping(found, kind, dataset, types=types, answers=answers,
                                         **chosen)  # fmt: skip
        if pressed:
            ui.start_job(TARGET, label=f"Load {found.name}", source=source, name=name,
                         mapping=mapping, mode=mode)  # fmt: skip
    ui.same_in_code(CODE.format(source=source, mapping=mapping))


def roles(guess: Mapping, columns: list[str]) -> dict[str, object]:
    """Time, values and labels of metrics."""
    at = columns.index(guess.time_column) if guess.time_column else None
    chosen: dict[str, object] = {"time_column": st.selectbox("Time column", columns, at) or ""}
    if guess.value_column:
        st.caption(f"Metric in `{guess.metric_column}`, value in `{guess.value_column}`.")
    else:
        chosen["values"] = st.multiselect("Values", columns, guess.value_columns)
    chosen["labels"] = st.multiselect("Labels", columns, guess.label_columns)
    return chosen


def promises(found: Preview, guess: Mapping, columns: list[str]) -> dict[str, object]:
    """The key of a table, and what its columns promise."""
    key = st.multiselect("Key", columns, guess.key, placeholder="None", help=load_form.KEY)
    with st.expander("Rules for rows, names and units", icon=":material/rule:"):
        rules = st.data_editor(load_form.rule_rows(found), hide_index=True, disabled=["column"],
                               column_config=load_form.RULES,
                               key=f"load.rules.{found.name}")  # fmt: skip
    return {"key": key, "rules": rules}


def answer(question: Question) -> str | None:
    """Ask what the file does not say; nothing is chosen for the person."""
    if question.key == "timezone":
        zones = load_form.zones(ui.workspace().settings.timezone)
        return st.selectbox(question.text, zones, None, placeholder="Choose the time zone")
    meaning, hint = dict(question.options), "Choose how to read it"
    return st.selectbox(question.text, meaning, None, format_func=meaning.get, placeholder=hint)


def show(found: Preview) -> None:
    """What the file seems to hold."""
    st.subheader(found.name, anchor=False)
    st.caption(load_form.facts(found))
    for doubt in found.doubts:
        st.warning(doubt, icon=":material/help:")
    if said := load_form.said_problems(found):
        st.warning(said, icon=":material/error:")
        if load_form.can_be_mended(found):
            st.toggle("Mend rows that do not fit instead of rejecting them", key="load.mend")
        ui.table(load_form.problem_rows(found), key="load.problems")
    ui.table(load_form.sample_rows(found), key="load.sample")


def report(job_result: dict[str, object]) -> None:
    """What the last load did, in counts that add up."""
    with st.container(border=True):
        st.markdown(f"**{job_result['source']}** is in **{job_result['dataset']}**.")
        ui.facts(load_report.figures(job_result))
        st.caption(load_report.sentence(job_result))
        if job_result["rows_rejected"]:
            rejected = ui.read(load_report.rejects, job_result["load_id"])
            with st.expander("Rejected rows, with line and reason", icon=":material/rule:"):
                ui.table(rejected, key="load.rejects", config=load_report.REJECTED)
        st.page_link("pages/data/explore.py", label="Explore it", icon=":material/table_view:")


ui.head("Load data", "See what is in a file before it lands, and know that nothing was lost.")
form, work = st.columns([1, 2], gap="medium")
with form:
    source, name = choose()
    stamp, mend = load_form.file_stamp(source), st.session_state.get("load.mend", False)
    asked = ui.ask_reading(source, stamp) if source else {}
    found = ui.read(load_form.look, source, name, stamp, mend, asked) if source else None
    if found:
        ask(found, source, name)
with work:
    done = ui.watch_job(TARGET)
    if done:
        report(done.result)
    if found:
        show(found)
    elif not done:
        st.info("Choose a file to see what is in it. Nothing is stored until you press Load.")
    loaded = ui.read(load_report.loads)
    if len(loaded):
        st.subheader("What is loaded", anchor=False)
        ui.table(loaded, key="load.loaded", config=load_report.LOADED, counts=load_report.COUNTS)
