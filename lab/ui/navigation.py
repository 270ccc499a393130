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
        home: Where a visit begins, above the sections; its own name leads there, too.
        sections: Pages by section; the one of the current page is open, elsewhere the first.
        settings: Below the sections.

    Returns:
        The page to run.
    """
    every = [home, *(one for pages in sections.values() for one in pages), settings]
    alias = _own_address(home)
    page = st.navigation([*every, alias], position="hidden")
    if page == alias:
        st.switch_page(home)
    with st.sidebar, st.container(key="navigation"):
        st.page_link(home)
        for place, (name, pages) in enumerate(sections.items()):
            here = page in pages or (place == 0 and page in (home, settings))
            with st.expander(name, expanded=here, type="compact"):
                for one in pages:
                    st.page_link(one)
        st.page_link(settings)
    return page


def _own_address(home: "StreamlitPage") -> "StreamlitPage":
    """Another way to the first page, by its name: Streamlit knows it at the root alone."""

    def elsewhere() -> None:
        """Never run: whoever comes by this address is sent on."""

    return st.Page(elsewhere, title=home.title, url_path=home.title.lower())
