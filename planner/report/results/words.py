"""Figures and names as this page writes them."""

import re
from html import escape

from planner.report.document import Html

NONE = "\N{EN DASH}"
SMALL = 0.01  # per cent
BREAKABLE = re.compile(r"([:,/])")


def percent(share: float | None) -> str:
    """A gap or a rate in per cent, to two decimals below ten, one below a hundred; a dash where there is none."""
    if share is None:
        return NONE
    value = 100 * share
    size = abs(value)
    decimals = 0 if size == 0 or size >= 100 else 1 if size >= 10 else 2
    if 0 < value < SMALL:
        return f"<{SMALL} %"
    return f"{value:,.{decimals}f} %".replace("-", "\N{MINUS SIGN}")


def round_percent(share: float) -> str:
    """A round figure in per cent, for an axis or a limit."""
    return f"{100 * share:.6g} %"


def number(value: float | None, digits: int = 5) -> str:
    """A figure; a dash where there is none."""
    return NONE if value is None else f"{value:#.{digits}g}".removesuffix(".")


def quoted(text: str) -> str:
    """Text for an attribute between double quotes."""
    return escape(text, quote=True)


def name(text: str) -> Html:
    """A name that may break after a colon, a comma or a slash, where a line is too narrow for it."""
    return Html(BREAKABLE.sub(r"\1<wbr>", escape(text)))


def several(count: int, thing: str, things: str = "") -> str:
    """`1 task`, `3 tasks`."""
    return f"{count:,} {thing if count == 1 else things or thing + 's'}"
