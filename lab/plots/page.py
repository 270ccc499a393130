"""Figures as one HTML file that opens anywhere, without the network."""

import base64
import gzip
import html
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Plotly's script is 4.5 MB; packed it is a third of that, and a run keeps one page.
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:15px system-ui,sans-serif;margin:16px;background:#fff;color:#1c2328}}</style>
</head><body><h1 style="font-size:20px">{title}</h1>
{places}
<script>
const figures = [{figures}];
const packed = Uint8Array.from(atob("{script}"), c => c.charCodeAt(0));
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
new Response(stream).text().then(code => {{
  const script = document.createElement("script");
  script.textContent = code;
  document.head.append(script);
  figures.forEach((f, i) => Plotly.newPlot("figure" + i, f.data, f.layout, {{displaylogo: false}}));
}});
</script></body></html>
"""


def standalone_page(title: str, figures: "Sequence[go.Figure]") -> str:
    """Put figures one below the other on a page that needs nothing from outside.

    Args:
        title: Title of the page.
        figures: The figures.

    Returns:
        HTML, about 2 MB. Text from the data is escaped, so that a column name cannot become
        markup.
    """
    ready = [figure.to_json().replace("<", "\\u003c") for figure in figures]
    return PAGE.format(
        title=html.escape(title),
        places="\n".join(f'<div id="figure{i}"></div>' for i in range(len(ready))),
        figures=",\n".join(ready),
        script=_packed_plotly(),
    )


@cache
def _packed_plotly() -> str:
    from plotly.offline import get_plotlyjs

    return base64.b64encode(gzip.compress(get_plotlyjs().encode(), mtime=0)).decode()
