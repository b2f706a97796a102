"""Data in the page, for its script."""

import json

from planner.report.document import Html
from planner.report.results.words import quoted


def as_json(name: str, value: object) -> Html:
    """A script element that holds data; no text in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return Html(f'<script type="application/json" id="{quoted(name)}">{text}</script>')
