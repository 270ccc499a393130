"""The sidebar: every page in the order of the roadmap, one section open at a time."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage


def navigation(
    home: "StreamlitPage",
    sections: "Mapping[str, Sequence[StreamlitPage]]",
    settings: "StreamlitPage",
) -> "StreamlitPage":
    """Show where one is and where one can go, and find the page of this address.

    Streamlit's own menu opens every section; with so many pages that is no overview.

    Args:
        home: Where a visit begins, above the sections.
        sections: Pages by section; the one of the current page is open, elsewhere the first.
        settings: Below the sections.

    Returns:
        The page to run.
    """
    every = [home, *(one for pages in sections.values() for one in pages), settings]
    page = st.navigation(every, position="hidden")
    with st.sidebar, st.container(key="navigation"):
        st.page_link(home)
        for place, (name, pages) in enumerate(sections.items()):
            here = page in pages or (place == 0 and page in (home, settings))
            with st.expander(name, expanded=here, type="compact"):
                for one in pages:
                    st.page_link(one)
        st.page_link(settings)
    return page
