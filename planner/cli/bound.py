"""`bound`: a certified lower bound alone."""

from math import isfinite
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import common
from planner.cli.common import (
    Algorithm,
    Formulation,
    InstanceArgument,
    Json,
    NoProgress,
    Output,
    Quiet,
    Seed,
    Threads,
    Verbose,
)

if TYPE_CHECKING:
    from planner.domain.instance import Instance
    from planner.domain.results import Multipliers

Digits = Annotated[
    int | None,
    typer.Option(
        min=1, max=17, metavar="N", help="Round the multipliers to N significant digits (8: as 32-bit floats)."
    ),
]
Climb = Annotated[
    bool,
    typer.Option(
        "--climb", help="Without a linear programme, by climbing the dual: for long horizons; within some 1e-5."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(bound)


def bound(
    instance: InstanceArgument,
    formulation: Formulation = "auto",
    algorithm: Algorithm = "auto",
    climb: Climb = False,
    digits: Digits = None,
    threads: Threads = 1,
    seed: Seed = 0,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    no_progress: NoProgress = False,
) -> None:
    """A lower bound alone, certified.

    What proves it are multipliers; -o writes them to a file that `check` takes. --climb needs no solver: it climbs the
    smoothed dual, in seconds where a linear programme takes minutes. Rounded ones (--digits) make a smaller
    file and prove a little less, which is what is told and stored.
    """
    from planner.cli import summary
    from planner.domain.results import Bounds
    from planner.io.instances import load_instance
    from planner.io.multipliers import rounded
    from planner.io.plans import save_multipliers
    from planner.solve import oracle
    from planner.verify.bound import lower_bound

    clock = common.Stopwatch()
    problem = load_instance(instance)
    clock.lap("read")
    with common.reported("planner.bound/1", problem, as_json=json):
        if climb:
            value, multipliers = _climbed(problem, no_progress=no_progress)
        else:
            value, multipliers = oracle.bound(
                problem, formulation=formulation, algorithm=algorithm, threads=threads, seed=seed
            )
    clock.lap("solve")
    if digits:
        multipliers = rounded(multipliers, digits)
        value = lower_bound(problem, multipliers)
    if output:
        save_multipliers(multipliers, value, problem, output)
        common.note(f"wrote {output}")
    document = common.envelope(
        "planner.bound/1",
        problem,
        status="optimal",
        bounds=Bounds(certified=value),
        seconds={**clock.laps, "total": clock.total},
        formulation="dual" if climb else formulation,
        versions=common.versions(),
    )
    common.emit(document, summary.certified(problem, value), as_json=json)


def _climbed(problem: "Instance", *, no_progress: bool) -> "tuple[float, Multipliers]":
    from planner.bounds.polish import climbed
    from planner.domain.options import options
    from planner.solve.gates import require_options
    from planner.verify.bound import lower_bound

    multipliers = climbed(problem, progress=common.climbing(no_progress=no_progress))
    value = lower_bound(problem, multipliers)
    if not isfinite(value):  # no price helps a batch without options
        require_options(options(problem))
    return value, multipliers
