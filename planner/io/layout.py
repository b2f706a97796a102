"""JSON that people can read: objects indented, arrays of plain values on one line."""

import json
from typing import Any

LINE = 110


def pretty(value: Any, depth: int = 0) -> str:
    """The value as JSON text, without a final newline. ValueError for NaN and infinities."""
    if _is_short(value):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    inner = "\n" + "  " * (depth + 1)
    end = "\n" + "  " * depth
    if isinstance(value, dict) and value:
        rows = (f"{json.dumps(k, ensure_ascii=False)}: {pretty(v, depth + 1)}" for k, v in value.items())
        return "{" + inner + ("," + inner).join(rows) + end + "}"
    if isinstance(value, list) and any(isinstance(x, dict | list) for x in value):
        return "[" + inner + ("," + inner).join(pretty(x, depth + 1) for x in value) + end + "]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _is_short(value: Any) -> bool:
    """An object of few plain values, which reads best on one line."""
    if not isinstance(value, dict) or any(isinstance(x, dict | list) for x in value.values()):
        return False
    return sum(len(k) + len(str(x)) + 6 for k, x in value.items()) <= LINE


def canonical(value: Any) -> bytes:
    """The one spelling of a value that hashes are taken of: sorted keys, no spaces."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")
