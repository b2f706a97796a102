"""Rows of campaigns that nobody ran, to look at what the report makes of them."""

import csv
import hashlib
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from planner.report.results.rows import Results, Row

SEASONS = {"winter": 0.138, "spring": 0.171, "summer": 0.118, "autumn": 0.156}  # forecast errors
HOSTILE = '<script>alert("1")</script>\\{$x$}'
COLUMNS = (
    *(
        "task",
        "suite",
        "instance",
        "instance_sha256",
        "periods",
        "regions",
        "axis.season",
        "axis.capacity",
        "axis.slack",
    ),
    *(
        "axis.seed",
        "policy",
        "regime",
        "uses_future",
        "forecast",
        "total",
        "carbon_kg",
        "sla",
        "cost_usd",
        "energy_kwh",
    ),
    *("bound", "bound_kind", "certified_bound", "gap_to_bound", "gap_to_best", "position", "slo_violation_rate"),
    *("missed_rate", "violations", "error", "forecast_wape_24h", "verified"),
)


def row(task: str, policy: str, gap: float | None, **more: Any) -> Row:
    """A verified row, unless `more` says otherwise."""
    given = {"instance": "an instance", "instance_sha256": task, "verified": True, "bound": 100.0, "regime": "none"}
    total = None if gap is None else 100.0 * (1 + gap)
    return Row(**{**given, "task": task, "policy": policy, "gap_to_bound": gap, "total": total, **more})


def broken(task: str, policy: str, *rules: str) -> Row:
    """A row of a plan that breaks rules."""
    return row(task, policy, None, violations=rules)


def failed(task: str, policy: str, error: str = "PolicyError: hour 3") -> Row:
    """A row of a policy that failed."""
    return row(task, policy, None, error=error, verified=False)


def results(*rows: Row) -> Results:
    """A campaign of these rows."""
    return Results(rows, source="rows.csv")


def save_paper_suite(folder: Path, *, policies: int = 30, tasks: int = 180) -> Path:
    """`rows.csv` and `timings.csv` of the size of the paper suite, or smaller; one policy breaks a rule at times."""
    draw = np.random.default_rng(0)
    axes = list(product(SEASONS, ("0.8", "1", "1.3"), ("0", "0.5", "1"), range(5)))
    rows = [line for labels in axes[:: len(axes) // tasks] for line in _task(labels, policies, draw)]
    _save(folder / "rows.csv", COLUMNS, rows)
    times = [
        {"task": r["task"], "policy": r["policy"], "seconds": 0.5, "decision_us_per_request": 1.5, "planner": "0.1.0"}
        for r in rows
    ]
    _save(folder / "timings.csv", tuple(times[0]), times)
    return folder


def _task(labels: tuple[str, str, str, int], policies: int, draw: np.random.Generator) -> list[dict[str, Any]]:
    season, capacity, slack, seed = labels
    digest = hashlib.sha256(repr(labels).encode()).hexdigest()
    shared = dict.fromkeys(COLUMNS, "") | {
        "task": digest[:16],
        "suite": "paper",
        "instance": "real/twelve-zone",
        "instance_sha256": digest,
        "axis.season": season,
        "axis.capacity": capacity,
        "axis.slack": slack,
        "axis.seed": seed,
        "periods": 336,
        "regions": 12,
        "bound": 100,
        "bound_kind": "instance",
        "forecast": "recorded",
        "forecast_wape_24h": SEASONS[season],
        "slo_violation_rate": 0,
        "missed_rate": 0,
        "uses_future": False,
        "verified": True,
    }

    def line(policy: str, gap: float, **more: Any) -> dict[str, Any]:
        found = {
            "total": 100 * (1 + gap),
            "carbon_kg": 90,
            "gap_to_bound": gap,
            "gap_to_best": gap,
            "position": gap / 2,
        }
        return shared | {"policy": policy, "regime": "none"} | found | more

    rows = [line("optimum", 1e-4, regime="clairvoyant", uses_future=True)]
    for n in range(policies):
        gap = 0.02 * 1.13**n * float(draw.lognormal(0, 0.4))
        no_gap = {"gap_to_bound": "", "gap_to_best": "", "position": "", "violations": "M1"}
        more = no_gap if n == 3 and draw.random() < 0.1 else {}
        rows.append(line(f"policy-{n}:parameter={n}", gap, regime="forecast" if n < 10 else "none", **more))
    return [*rows, line("worst", 2.0, regime="clairvoyant", uses_future=True)]


def _save(path: Path, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
