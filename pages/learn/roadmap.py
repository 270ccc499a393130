"""The first page: the way through MLOps and AIOps, what is proven, and what comes next."""

import streamlit as st

from lab import ui
from lab.learn.progress import roadmap

ui.head("Roadmap", "From metrics and a CSV to models that run, are watched and heal.")
way = ui.read(roadmap)

ui.facts(
    {
        "Proven": f"{way.proven} of {way.total}",
        "Attempted": f"{way.attempted} of {way.total}",
        "Assisted": f"{way.assisted}",
    },
    notes={
        "Proven": "The lab read the proof from your tables, runs and endpoints.",
        "Attempted": "Begun; the proof is still to come.",
        "Assisted": "Solved by the lab. Do it again with a new seed to prove it.",
    },
)
ui.next_step(way)
st.divider()
ui.stages(way)

ui.same_in_code("""import lab

ws = lab.open_workspace()
for exercise in lab.exercises(ws):
    print(exercise)""")
