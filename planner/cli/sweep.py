"""`sweep`: how the optimum and the policies move with one property of the instance."""

from collections.abc import Sequence
from functools import partial
from math import floor, nan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import common, policy
from planner.cli.common import (
    ForecastSpec,
    Gap,
    InstanceArgument,
    Json,
    Output,
    PolicySpecs,
    Quiet,
    Seed,
    Threads,
    TimeLimit,
    Verbose,
    number,
    share,
)
from planner.cli.outputs import PICTURES, csv_text, require_table_or_picture, save
from planner.cli.window import From, Hours, window
from planner.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from planner.domain.instance import Instance
    from planner.metrics.sweep import SweepPoint

SCHEMA = "planner.sweep/1"
MOST = 1000  # values of an axis
LABELS = {
    "alpha": "alpha (1: carbon alone)",
    "capacity": "servers (factor)",
    "forecast-error": "forecast error a day ahead (share of the mean)",
    "idle-capacity": "idle capacity (share)",
    "rtt-limit": "latency limit (factor)",
    "slack": "time to wait (factor)",
    "slack-limit": "longest wait (h)",
}
OF_OBJECTIVE = ("total", "carbon_kg", "sla", "cost_usd", "energy_kwh", "slo_violations", "missed", "late")

AxisSpecs = Annotated[
    list[str],
    typer.Option(
        "--axis",
        metavar="NAME=A..B:STEP",
        help="alpha, slack, slack-limit (hours), capacity, idle-capacity, rtt-limit or forecast-error; also NAME=A,B,C "
        "(repeat: each axis alone).",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("sweep")(sweep)


def sweep(
    instance: InstanceArgument,
    axis: AxisSpecs,
    policy_specs: PolicySpecs = None,
    forecast: ForecastSpec = "persistence",
    gap: Gap = 1e-4,
    time_limit: TimeLimit = None,
    threads: Threads = 1,
    start: From = None,
    hours: Hours = None,
    seed: Seed = 0,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """The optimum, and the policies named, along an axis: trade-off and sensitivity curves.

    alpha weighs carbon against all else (1: carbon alone); slack, capacity and rtt-limit are factors; idle-capacity and
    forecast-error are shares. -o writes .csv, .json or a picture (.png, .svg, .pdf). Exit code 3: a policy failed.
    """
    from planner.io.instances import load_instance
    from planner.metrics.sweep import sweep as along
    from planner.solve import oracle

    _check_output(output, axis)
    wanted = [_axis(text) for text in axis]
    clock = common.Stopwatch()
    problem = window(load_instance(instance), start, hours)
    policy.require_forecaster(problem, forecast)
    specs = policy.known(problem, policy_specs or [])
    solve = partial(oracle.solve, gap=gap, time_limit=time_limit, threads=threads, seed=seed)
    found: list[SweepPoint] = []
    for name, values in wanted:
        for point in along(problem, name, values, specs, forecast=forecast, seed=seed, oracle=solve):
            common.note(f"{name} = {point.value:g}: {point.error or 'done'}")
            found.append(point)
    document = common.envelope(
        SCHEMA,
        problem,
        status="feasible" if all(point.rows for point in found) else "infeasible",
        seconds={"total": clock.total},
        versions=common.versions(),
        forecast=forecast,
        seed=seed,
        points=[_document(point) for point in found],
    )
    if output and output.suffix in PICTURES:
        save(_axes(found), output, title=problem.name)
    elif output:
        common.emit(document, _as_csv(found), as_json=output.suffix == ".json", output=output)
    common.emit(document, _text(problem, found), as_json=json)
    if any(row.error for point in found for row in point.rows):
        raise typer.Exit(PolicyError.exit_code)


def _check_output(output: Path | None, axes: list[str]) -> None:
    require_table_or_picture(output)
    if output and output.suffix in PICTURES and len(axes) > 1:
        raise UsageError(f"-o {output}: a picture shows one --axis")


def _axis(text: str) -> tuple[str, list[float]]:
    """'alpha=0..1:0.1' or 'alpha=0,0.5,1' -> the name and its values. UsageError: neither."""
    name, _, values = text.partition("=")
    try:
        return name, _range(values) if ".." in values else [_finite(value) for value in values.split(",")]
    except ValueError:
        raise UsageError(f"--axis {text}: write NAME=A..B:STEP (alpha=0..1:0.1) or NAME=A,B,C, from 0 on") from None


def _range(text: str) -> list[float]:
    ends, _, step = text.partition(":")
    first, last = (_finite(end) for end in ends.split(".."))
    width = _finite(step)
    count = floor((last - first) / width + 1e-9) + 1 if width > 0 and last >= first else 0
    if not 0 < count <= MOST:
        raise ValueError(text)
    return [round(first + i * width, 12) for i in range(count)]


def _finite(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ValueError(text)
    return value


def _document(point: "SweepPoint") -> dict[str, Any]:
    from planner.cli.rows import row_document

    rows = [row_document(row) for row in point.rows]
    return {"axis": point.axis, "value": point.value, "rows": rows, "error": point.error}


def _text(instance: "Instance", found: Sequence["SweepPoint"]) -> str:
    """A table an axis: the optimum, and each policy's gap."""
    return "\n\n".join(
        [
            instance.name,
            *(_table([p for p in found if p.axis == axis]) for axis in dict.fromkeys(p.axis for p in found)),
        ]
    )


def _table(found: Sequence["SweepPoint"]) -> str:
    names = list(dict.fromkeys(row.policy for point in found for row in point.rows[1:]))
    cells = []
    for point in found:
        rows = {row.policy: row for row in point.rows}
        best = rows.get("optimum")
        objective = best.objective if best else None
        optimum = [number(getattr(objective, name, None), 8) for name in ("total", "carbon_kg")]
        gaps = [share(rows[name].gap_to_bound if name in rows else None) for name in names]
        cells.append([f"{point.value:g}", *optimum, number(best.bound if best else None, 8), *gaps])
    header = [found[0].axis, "optimum", "carbon kg", "bound", *(f"gap of {name}" for name in names)]
    errors = [f"{point.axis} = {point.value:g}: {point.error}" for point in found if point.error]
    return "\n".join([common.table(header, cells), *errors])


def _as_csv(found: Sequence["SweepPoint"]) -> str:
    """One line a value and policy."""
    header = ["axis", "value", "policy", "bound", "gap_to_bound", *OF_OBJECTIVE, "violations", "error"]
    lines: list[list[Any]] = [header]
    for point in found:
        if point.error:
            lines.append([point.axis, point.value, "", "", "", *("" for _ in OF_OBJECTIVE), "", point.error])
        for row in point.rows:
            parts = [getattr(row.objective, name, None) for name in OF_OBJECTIVE]
            told = [row.policy, row.bound, row.gap_to_bound, *parts, len(row.violations), row.error]
            lines.append([point.axis, point.value, *told])
    return csv_text(lines)


def _axes(found: Sequence["SweepPoint"]) -> "Axes":
    import numpy as np

    from planner.plots.sweep import plot_sweep

    names = list(dict.fromkeys(row.policy for point in found for row in point.rows))
    tables = [{row.policy: row for row in point.rows if not row.violations} for point in found]

    def line(name: str) -> tuple[str, Any, Any]:
        rows = [table.get(name) for table in tables]
        carbon = [nan if row is None or row.objective is None else row.objective.carbon_kg for row in rows]
        gap = [nan if row is None or row.gap_to_bound is None else row.gap_to_bound for row in rows]
        return name, np.array(carbon), np.array(gap)

    return plot_sweep(LABELS[found[0].axis], np.array([point.value for point in found]), [line(name) for name in names])
