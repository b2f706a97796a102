"""--seeds: the same replay with other random numbers, and what it comes to on average."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer

from planner.cli.common import number, share, table
from planner.errors import UsageError

MOST = 10_000
FIELDS = (
    ("objective", ("objective", "total")),
    ("slo_violation_rate", ("slo_violation_rate",)),
    ("mean_carbon_intensity_g_per_kwh", ("mean_carbon_intensity_g_per_kwh",)),
    ("latency_mean_ms", ("latency_ms", "mean")),
    ("latency_p95_ms", ("latency_ms", "p95")),
)
RATES = ("slo_violation_rate",)

Seeds = Annotated[
    str | None, typer.Option("--seeds", metavar="A..B", help="Replay with each seed from A to B (or A,B,C).")
]


def parse(text: str | None, otherwise: int) -> list[int]:
    """Seeds in order, `otherwise` alone without any. UsageError: not a list of seeds."""
    if text is None:
        return [otherwise]
    if match := re.fullmatch(r"(\d+)\.\.(\d+)", text):
        first, last = map(int, match.groups())
        if first <= last < first + MOST:
            return list(range(first, last + 1))
    elif re.fullmatch(r"\d+(,\d+)*", text):
        return list(dict.fromkeys(map(int, text.split(","))))
    raise UsageError(f"--seeds {text}: write 0..9 (at most {MOST:,} seeds) or 1,2,5")


def summary(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of several seeds -> one a policy: mean and half width of the 95 % interval of each figure it has."""
    policies = dict.fromkeys(row["policy"] for row in rows)
    return [_policy(name, [row for row in rows if row["policy"] == name]) for name in policies]


def text(name: str, lines: Iterable[Mapping[str, Any]]) -> str:
    """The summary as a table."""
    cells = [
        [line["policy"], str(line["seeds"]), *(_cell(field, line[field]) for field, _ in FIELDS)] for line in lines
    ]
    header = ["objective", "SLO violated", "mean CI", "mean ms", "P95 ms"]
    return "\n".join([f"{name}: mean and 95 % interval over seeds", table(["policy", "seeds", *header], cells)])


def _policy(name: str, rows: list[Mapping[str, Any]]) -> dict[str, Any]:
    from planner.metrics.intervals import interval

    found = {field: [value for row in rows if (value := _value(row, path)) is not None] for field, path in FIELDS}
    of_fields = {field: interval(values) if values else None for field, values in found.items()}
    return {"policy": name, "seeds": len(rows), **of_fields}


def _value(row: Mapping[str, Any], path: tuple[str, ...]) -> float | None:
    value: Any = row
    for key in path:
        value = None if value is None else value.get(key)
    return None if value is None else float(value)


def _cell(field: str, found: Any) -> str:
    if found is None:
        return "-"
    if field in RATES:
        return share(found.mean) + ("" if found.half_width is None else f" +-{share(found.half_width)}")
    return number(found.mean, 6) + ("" if found.half_width is None else f" +-{number(found.half_width, 2)}")
