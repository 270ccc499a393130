"""The roadmap as it is drawn on the first page."""

from typing import Literal

import streamlit as st

from lab.learn.progress import Card, Roadmap, Stage
from lab.ui.rail import enter
from lab.ui.rail_parts import TIERS

Colour = Literal["gray", "blue", "violet", "green", "orange"]
BADGES: dict[str, tuple[str, str, Colour]] = {
    "not started": ("Not started", ":material/radio_button_unchecked:", "gray"),
    "attempted": ("Attempted", ":material/pending:", "blue"),
    "assisted": ("Assisted", ":material/support:", "violet"),
    "proven": ("Proven", ":material/verified:", "green"),
    "was proven": ("Was proven", ":material/history:", "orange"),
}
# Where a stage that has no exercises yet can be tried on one's own data.
TOOLS = {
    "operate": ("pages/operate/anomalies.py", "Find anomalies"),
    "ship": ("pages/serve/serve.py", "Serve a model"),
    "keep": ("pages/monitor/drift.py", "Inspect drift"),
}


def next_step(way: Roadmap) -> None:
    """What comes next, with one button."""
    card = next((c for stage in way.stages for c in stage.cards if c.id == way.next_id), None)
    if card is None:
        st.success("Everything is proven. Break something, and recover it.")
        return
    fresh = "Start" if card.standing.state == "not started" else "Go on"
    words, button = st.columns([4, 1], vertical_alignment="center")
    words.markdown(f"**Next: {card.title}.** {card.goal} About {card.minutes} minutes.")
    if button.button(fresh, type="primary", width="stretch", icon=":material/arrow_forward:"):
        enter(card.id, card.page)


def stages(way: Roadmap) -> None:
    """Every stage in order, each with its exercises and where you stand."""
    for number, stage in enumerate(way.stages, 1):
        _stage(number, stage)


def _stage(number: int, stage: Stage) -> None:
    about, cards = st.columns([1, 3], gap="large", vertical_alignment="center")
    about.markdown(f"**{number}. {stage.title}**  \n:gray[:small[{stage.goal}]]")
    with cards:
        if not stage.cards:
            _tool(stage.id)
            return
        for place, card in zip(st.columns(3), stage.cards, strict=False):
            with place, st.container(border=True, gap="xxsmall"):
                _card(card)


def _tool(stage: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("No exercises yet.", width="content")
        if stage in TOOLS:
            page, title = TOOLS[stage]
            st.page_link(page, label=f"Try {title.lower()}", icon=":material/arrow_forward:")


def _card(card: Card) -> None:
    word, icon, colour = BADGES[card.standing.state]
    if st.button(card.title, key=f"open.{card.id}", type="tertiary", help=card.goal):
        enter(card.id, card.page)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(word, icon=icon, color=colour)
        st.caption(f"{card.minutes} min, {TIERS[card.tier]}")
