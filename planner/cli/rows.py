"""A policy's row as the JSON answers show it."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from planner.cli import common

if TYPE_CHECKING:
    from planner.metrics.attribution import Attribution
    from planner.metrics.gaps import GapRow


def row_document(row: "GapRow") -> dict[str, Any]:
    """A row as the JSON answers show it."""
    objective = common.objective_document(row.objective) if row.objective else None
    flat = {name: getattr(row, name) for name in row.__slots__ if name not in {"plan", "attribution"}}
    split = {"attribution": attribution_document(row.attribution)} if row.attribution else {}
    return flat | {"objective": objective, "violations": [asdict(broken) for broken in row.violations]} | split


def attribution_document(split: "Attribution") -> dict[str, Any]:
    """Parts of a gap, in both orders, and the objectives of the plans that they lie between."""
    levels = asdict(split)
    return {
        "parts": split.parts,
        "reversed_parts": split.reversed_parts,
        "proven": levels.pop("proven"),
        "levels": levels,
    }
