"""Evidently's page made harmless, since it escapes neither column names nor values.

Three belts: markup characters are taken out of names and categories before the report is made;
a content security policy keeps the page from calling out; a sandboxed frame of its own origin
keeps it away from the app around it.
"""

import re
from collections.abc import Iterable
from html import escape

from lab.core.errors import BadInput

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; connect-src 'none'; form-action 'none'; base-uri 'none'"
)
# The policy of the page around the report's frame; it stops the frame from going elsewhere.
AROUND = "frame-src 'none'"
# Evidently draws for a screen of its own and would be cut off in a page.
SMALLER = "<style>body{zoom:0.75}</style>"
HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
MARKUP = re.compile(r"[<>&\"'`\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
LONGEST = 80


def safe_text(text: str) -> str:
    r"""Text that cannot open a tag, a string or an entity.

    >>> safe_text("</script><b>")
    '_/script__b_'
    """
    return MARKUP.sub("_", text)[:LONGEST]


def safe_names(names: Iterable[str]) -> dict[str, str]:
    """Map each name to a harmless one, no two to the same.

    Args:
        names: Column names or category values.

    Returns:
        Name to harmless name, in the order given.

    >>> safe_names(["a<", "a>", "b"])
    {'a<': 'a_', 'a>': 'a_ (2)', 'b': 'b'}
    """
    safe: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = safe_text(name) or "(empty)"
        candidate, count = plain, 1
        while candidate in taken:
            count += 1
            candidate = f"{plain} ({count})"
        safe[name] = candidate
        taken.add(candidate)
    return safe


def guarded(page: str) -> str:
    """Give a page the policy that keeps it from calling out.

    Args:
        page: A whole HTML page that needs nothing from the network.

    Returns:
        The page with the policy as the first thing in its head.

    Raises:
        BadInput: The page has no head, so the policy would have no place.
    """
    head = HEAD.search(page)
    if head is None:
        raise BadInput("The report has no <head>.", "Make the report again.")
    meta = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    return page[: head.end()] + meta + SMALLER + page[head.end() :]


def frame(page: str, height: int = 880) -> str:
    """The exact string for ``st.iframe(...)`` that shows a report without trusting it.

    Streamlit's own frame shares the origin of the app, so the report goes into one more frame
    that does not.

    Args:
        page: A page from ``guarded``.
        height: Height of the report in pixels; give ``st.iframe`` 20 more.

    Returns:
        A small page that holds the report in a sandboxed frame.
    """
    return (
        f'<meta http-equiv="Content-Security-Policy" content="{AROUND}">'
        '<iframe sandbox="allow-scripts allow-downloads" referrerpolicy="no-referrer" '
        f'title="Evidently report" style="border:0;width:100%;height:{height:d}px" '
        f'srcdoc="{escape(page, quote=True)}"></iframe>'
    )
