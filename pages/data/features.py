"""Shape features: recipes that clean a table, and features known at the time of each row."""

import streamlit as st

from lab import ui
from lab.flows import explore
from lab.flows import features as keep
from lab.flows import features_view as view
from lab.plots.features import course_chart

READY, SHAPE = "lab.flows.features_online:materialise", "lab.flows.recipes:shape"
CODE = """import lab
from lab.flows.feature_values import offline_features
from lab.flows.features import keep_features
from lab.flows.features_online import materialise, read_online

ws = lab.open_workspace()
name = keep_features(ws, open("features.yaml").read())
rows = lab.query(ws, "SELECT DISTINCT {entity}, TIMESTAMPTZ '{now}Z' AS moment FROM {source}")
past = offline_features(ws, name, rows, time="moment")
materialise(ws, name, {now!r})
now = read_online(ws, name, rows.to_dict("records"), {now!r})"""
RECIPE_CODE = """import lab
from lab.flows.recipes import shape

ws = lab.open_workspace()
done = lab.drain(shape(ws, "{name}.yaml"))
print(done.rows, done.columns)"""


def editor(kind: str, chosen: str, text: str, label: str, name: str = "") -> tuple[str | None, str]:
    """A text to edit, under a name where it has one; what was submitted or nothing, and the name.

    What is typed outside a form would be taken in by the first press, and nothing else done.
    """
    with st.form(f"features.form.{kind}.{chosen}", border=False):
        if name and chosen.startswith(view.NEW):
            name = st.text_input("Name", name, key=f"features.name.{chosen}")
        written = st.text_area("Definition", text, height=330,
                               key=f"features.text.{kind}.{chosen}.{text}")  # fmt: skip
        pressed = st.form_submit_button(label, type="primary", icon=":material/save:")
    return written if pressed else None, name


def features(tables: list[str]) -> None:
    """Sets of features: define, make ready, look up, and watch one through time."""
    form, work = st.columns([2, 3], gap="medium")
    if kept := st.session_state.pop("features.kept", ""):
        st.session_state["features.set"] = kept
    with form:
        chosen = st.selectbox("Set of features", [*view.sets(ui.workspace()), view.NEW],
                              key="features.set")  # fmt: skip
        table = tables[0]
        if chosen == view.NEW:
            table = st.selectbox("From table", tables, key="features.table")
        begin = ui.read(view.features_text, chosen, table)
        text, _ = editor("set", f"{chosen}.{table}", begin, "Keep")
    with work:
        with ui.guard():
            if text is not None and not ui.refused(view.wrong_features(text)):
                st.session_state["features.kept"] = keep.keep_features(ui.workspace(), text)
                st.rerun()
        if chosen == view.NEW:
            st.info("Keep the definition to see its features.", icon=":material/info:")
            ui.same_in_code(CODE.format(entity="store", source=table, now="2026-04-01 00:00"))
        else:
            values(chosen)


def values(name: str) -> None:
    """One set: a feature through time, and what is looked up now."""
    wanted = ui.read(keep.feature_set, name)
    people = ui.read(view.entities, name)
    left, right = st.columns(2)
    called = {" · ".join(map(str, one.values())): one for one in people}
    entity = left.selectbox("Entity", called, key=f"features.entity.{name}")
    feature = right.selectbox("Feature", list(wanted.features), key=f"features.feature.{name}")
    course = ui.read(view.course, name, called[entity])
    twin = f"{feature} of {entity} as it was known at each moment; a gap means it had expired."
    ui.chart(course_chart(course, feature, entity), twin, course, key="features.course")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        now = st.text_input("As of (UTC)", ui.read(view.last_time, name),
                            key=f"features.now.{name}")  # fmt: skip
        if st.button("Make ready to look up", icon=":material/bolt:"):
            ui.start_job(READY, label=f"Make {name} ready", name=name, until=now)
    done = ui.watch_job(READY)
    if done and done.result["name"] == name:
        looked = ui.read(view.looked_up, name, done.result["as_of"])
        st.caption(view.looked_up_words(done.result))
        ui.table(looked, key="features.online")
    ui.same_in_code(CODE.format(entity=", ".join(wanted.entity), source=wanted.source, now=now))


def recipes(tables: list[str]) -> None:
    """Recipes: define, run, and see the table they write."""
    form, work = st.columns([2, 3], gap="medium")
    with form:
        chosen = st.selectbox("Recipe", [*view.kept_recipes(ui.workspace()), view.NEW],
                              key="features.recipe")  # fmt: skip
        table, name = tables[0], chosen
        if chosen == view.NEW:
            table = st.selectbox("Of table", tables, key="features.recipe.table")
            name = f"{table}_shaped"
        begin = ui.read(view.recipe_text, chosen, table)
        text, name = editor("recipe", f"{chosen}.{table}", begin, "Keep, learn and run", name)
    with work:
        with ui.guard():
            if text is not None and not ui.refused(view.wrong_recipe(text)):
                view.keep_recipe_text(ui.workspace(), name, text)
                ui.start_job(SHAPE, label=f"Shape {name}", recipe=name)
        done = ui.watch_job(SHAPE)
        if done:
            st.markdown(f"**{done.result['into']}** has {ui.number(done.result['rows'])} rows.")
            ui.table(ui.read(explore.sample, done.result["into"], 20), key="features.shaped")
        else:
            st.info("A recipe writes a table of its own; the rows it came from stay as they are.")
    ui.same_in_code(RECIPE_CODE.format(name=name))


ui.head("Shape features", "Clean a table by a recipe, and count what was known at each moment.")
tables = ui.read(view.tables)
if tables:
    first, second = st.tabs(["Features", "Recipes"])
    with first:
        features(tables)
    with second:
        recipes(tables)
else:
    ui.empty("There is no table with times yet. Features are counted from one.",
             "pages/data/load.py", "Load data")  # fmt: skip
    ui.same_in_code(RECIPE_CODE.format(name="recipe"))
