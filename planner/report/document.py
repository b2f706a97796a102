"""A self-contained HTML document: sections of paragraphs, tables and figures."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from io import StringIO
from string import Template

import matplotlib as mpl
from matplotlib.axes import Axes

from planner.plots.canvas import figure_of

PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
NOT_A_WORD = re.compile(r"[^a-z0-9]+")
METADATA = re.compile(r"<metadata>.*?</metadata>\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the HTML below it."""

    heading: str
    parts: tuple[str, ...]


class Html(str):
    """What is markup already, in the cell of a table."""

    __slots__ = ()


def document(
    title: str,
    lead: str,
    sections: Iterable[Section],
    *,
    provenance: str = "",
    opening: str = "",
    style: str = "",
    script: str = "",
) -> str:
    """The page; title, lead, headings and provenance are text, `opening` is HTML below the lead.

    `style` and `script` are of this page alone.
    """
    template = Template(files("planner.report").joinpath("document.html").read_text(encoding="utf-8"))
    body = "\n".join(
        f'<section id="{anchor(s.heading)}"><h2>{escape(s.heading)}</h2>{"".join(s.parts)}</section>' for s in sections
    )
    return template.substitute(
        title=escape(title),
        lead=escape(lead),
        opening=opening,
        sections=body,
        provenance=escape(provenance),
        style=style,
        script=f"<script>\n{script}</script>\n" if script else "",
    )


def anchor(heading: str) -> str:
    """Where a section is found in the page."""
    return NOT_A_WORD.sub("-", heading.lower()).strip("-")


def paragraphs(*texts: str) -> str:
    """A paragraph each."""
    return "".join(f"<p>{escape(text)}</p>" for text in texts)


def bullets(texts: Sequence[str]) -> str:
    """A list."""
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"


def table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]], *, names: int = 1) -> str:
    """A table whose first `names` columns are names, the others figures; the first heads its row."""

    def cell(n: int, text: str) -> str:
        if n == 0:
            return f"<th scope=row>{_cell(text)}"
        return f"<td{' class=name' if n < names else ''}>{_cell(text)}"

    head = "".join(f"<th scope=col{' class=name' if n < names else ''}>{_cell(text)}" for n, text in enumerate(header))
    body = "".join(f"<tr>{''.join(cell(n, text) for n, text in enumerate(row))}" for row in rows)
    label = escape(caption, quote=True)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table><caption>{escape(caption)}'
        f"</caption><thead><tr>{head}<tbody>{body}</table></div>"
    )


def _cell(text: str) -> str:
    return text if isinstance(text, Html) else escape(text)


def picture(axes: Axes, caption: str) -> str:
    """A figure as inline SVG; equal figures are equal text."""
    out = StringIO()
    with mpl.rc_context({"svg.hashsalt": caption}):  # ids of two pictures of a page must not meet
        figure_of(axes).savefig(out, format="svg", metadata={"Date": None}, bbox_inches="tight")
    svg = METADATA.sub("", PROLOGUE.sub("", out.getvalue(), count=1))
    label = escape(caption, quote=True)
    named = svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
    return f"<figure>{named}<figcaption>{escape(caption)}</figcaption></figure>"
