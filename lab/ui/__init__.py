"""The parts every page is made of; the only package that imports Streamlit."""

from lab.ui.frame import frame, guard, head, read, workspace
from lab.ui.glossary import explain
from lab.ui.jobs import start_job, watch_job
from lab.ui.navigation import navigation
from lab.ui.rail import beside_rail, exercise_mode
from lab.ui.reading import ask_reading
from lab.ui.roadmap import next_step, stages
from lab.ui.show import (
    chart,
    drawn,
    empty,
    facts,
    failed,
    html_report,
    picture,
    refused,
    same_in_code,
    table,
    verdict,
)
from lab.ui.words import bytes_text, duration, number
from lab.ui.zoom import zoom_chart, zoomed

__all__ = [
    "ask_reading",
    "beside_rail",
    "bytes_text",
    "chart",
    "drawn",
    "duration",
    "empty",
    "exercise_mode",
    "explain",
    "facts",
    "failed",
    "frame",
    "guard",
    "head",
    "html_report",
    "navigation",
    "next_step",
    "number",
    "picture",
    "read",
    "refused",
    "same_in_code",
    "stages",
    "start_job",
    "table",
    "verdict",
    "watch_job",
    "workspace",
    "zoom_chart",
    "zoomed",
]
