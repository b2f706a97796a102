"""Best-known solutions: solve the shipped instances again and keep whatever is better than what is stored."""

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli import common
from planner.cli.library_table import BEST_KNOWN, Row, as_csv, grade
from planner.errors import PlannerError

if TYPE_CHECKING:
    from planner.domain.results import SolveResult

LEAST_GAIN = 1e-9  # relative: below it a plan is the same one


def update(
    folder: Path, known: Mapping[str, Mapping[str, str]], *, time_limit: float, gap: float, date: str
) -> list[Row]:
    """Solve every shipped instance from its stored plan on; write files that are better, then the table."""
    from planner.io.atomic import write_text
    from planner.io.library import shipped_instances

    rows: dict[str, Mapping[str, object]] = {name: dict(row) for name, row in known.items()}
    written = []
    for name in shipped_instances():
        row = _improved(name, folder, rows.get(name), time_limit=time_limit, gap=gap, date=date)
        if row is not None:
            rows[name] = asdict(row)
            written.append(row)
            write_text(folder / BEST_KNOWN, as_csv(rows[n] for n in sorted(rows)))
    return written


def _improved(
    name: str, folder: Path, known: Mapping[str, object] | None, *, time_limit: float, gap: float, date: str
) -> Row | None:
    from planner.io.instances import load_instance
    from planner.io.plans import load_plan, save_result
    from planner.solve.oracle import solve

    instance, path = load_instance(name), folder / f"{name}.json.gz"
    start = load_plan(path, instance).plan if path.exists() else None
    try:
        result = solve(instance, gap=gap, time_limit=time_limit, start=start)
    except PlannerError as error:
        common.note(f"{name}: {error}")
        return None
    if known is not None and path.exists() and not _better(result, known):
        common.note(f"{name}: {result.objective.total:.9g} is not better than {known['value']}")
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    save_result(result, instance, path, gap=common.gaps(result.objective, result.bounds))
    common.note(f"{name}: {result.objective.total:.9g} stored")
    return _row(name, result, date)


def _better(result: "SolveResult", known: Mapping[str, object]) -> bool:
    """A lower value, or the same with a higher bound."""
    value, bound = float(str(known["value"])), float(str(known["bound"]))
    gained = value - result.objective.total
    least = LEAST_GAIN * max(abs(value), 1e-300)
    raised = (result.bounds.best if result.bounds.best is not None else float("-inf")) - bound
    return gained > least or (gained >= -least and raised > LEAST_GAIN * max(abs(bound), 1e-300))


def _row(name: str, result: "SolveResult", date: str) -> Row:
    best = result.bounds.best
    return Row(
        instance=name,
        value=result.objective.total,
        bound=float("-inf") if best is None else best,
        certified=result.bounds.certified,
        grade=grade(result.objective.total, best),
        **{k: result.versions[k] for k in ("planner", "pyomo", "highspy", "python")},
        machine=f"{platform.machine()}, {os.cpu_count()} cores",
        date=date,
    )
