"""JSON pointers (RFC 6901), and values said in words for error messages."""

import difflib
import json
from collections.abc import Iterable
from typing import Any


def pointer(*parts: str | int) -> str:
    """The JSON pointer of a path of keys and indices; "/" for the whole document."""
    return "/" + "/".join(str(p).replace("~", "~0").replace("/", "~1") for p in parts)


def describe(value: Any) -> str:
    """A JSON value in a few words."""
    if isinstance(value, str):
        return f"the text {_shortened(value)!r}"
    if isinstance(value, list):
        return f"an array of {len(value)} values"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    return "an object" if isinstance(value, dict) else json.dumps(value)


def one_of(names: Iterable[str], wrong: str = "") -> str:
    """The permitted names in words, led by the one that was probably meant."""
    known = list(names)
    close = difflib.get_close_matches(wrong, known, n=1)
    hint = f" (did you mean '{close[0]}'?)" if close else ""
    shown = ", ".join(f"'{n}'" for n in known[:12]) + (", ..." if len(known) > 12 else "")
    return f"one of {shown}{hint}" if known else "none: there are no such names here"


def _number(value: float) -> str:
    if isinstance(value, int) and abs(value) >= 10**20:
        return "a whole number of more than 20 digits"
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(repr(value), repr(value))


def _shortened(text: str, length: int = 60) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."
