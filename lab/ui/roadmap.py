"""The roadmap as it is drawn on the first page."""

import streamlit as st

from lab.learn.progress import Card, Roadmap, Stage
from lab.ui.rail import enter

BADGES = {
    "not started": ("Not started", ":material/radio_button_unchecked:", "gray"),
    "attempted": ("Attempted", ":material/pending:", "blue"),
    "assisted": ("Assisted", ":material/support:", "violet"),
    "proven": ("Proven", ":material/verified:", "green"),
    "was proven": ("Was proven", ":material/history:", "orange"),
}
TIERS = {"process": "no Docker needed", "containers": "uses Docker", "kubernetes": "uses a cluster"}


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
    about, cards = st.columns([1, 3], gap="large")
    about.markdown(f"**{number}. {stage.title}**")
    about.caption(stage.goal)
    with cards:
        if not stage.cards:
            st.caption("No exercises yet. The pages of the lab already work on your own data.")
            return
        for place, card in zip(st.columns(3), stage.cards, strict=False):
            with place, st.container(border=True, height=172):
                _card(card)


def _card(card: Card) -> None:
    word, icon, colour = BADGES[card.standing.state]
    st.markdown(f"**{card.title}**")
    st.caption(f"{card.minutes} min, {TIERS[card.tier]}")
    st.badge(word, icon=icon, color=colour)  # type: ignore[arg-type]
    if st.button("Open", key=f"open.{card.id}", icon=":material/arrow_forward:"):
        enter(card.id, card.page)
