"""`policy sweep`: one parameter of a policy, from end to end."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import common
from planner.cli.common import ForecastSpec, InstanceArgument, Json, Output, PolicySpecs, Quiet, Seed, Verbose
from planner.cli.outputs import PICTURES, save
from planner.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from planner.domain.instance import Floats, Instance
    from planner.metrics.gaps import GapRow

SCHEMA = "planner.policy-sweep/1"
MOST = 1000

Parameter = Annotated[str, typer.Option("--parameter", metavar="NAME", help="A numeric parameter of the policies.")]
First = Annotated[float, typer.Option("--first", help="Its first value.")]
Last = Annotated[float, typer.Option("--last", help="Its last value.")]
Points = Annotated[int, typer.Option("--points", min=2, max=MOST, help="How many values, at equal distances.")]


def sweep(
    instance: InstanceArgument,
    policy_specs: PolicySpecs,
    parameter: Parameter,
    first: First = 0.0,
    last: Last = 1.0,
    points: Points = 11,
    forecast: ForecastSpec = "persistence",
    seed: Seed = 0,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Policies along one of their parameters: requests per gram and gap to the bound at every value.

    -o writes the answer as .json or the curves as a picture (.png, .svg, .pdf). Exit code 3: a policy failed.
    """
    import numpy as np

    from planner.cli.rows import row_document
    from planner.io.instances import load_instance
    from planner.metrics.gaps import gap_table
    from planner.solve.oracle import solve

    if output and output.suffix not in {".json", *PICTURES}:
        raise UsageError(f"-o {output}: the name must end in one of {', '.join(('.json', *PICTURES))}")
    problem, names = load_instance(instance), policy_specs or []
    values = np.round(np.linspace(first, last, points), 12)
    specs = [_with(name, parameter, value) for name in names for value in values]
    _require(problem, specs, forecast)
    optimum, *rows = gap_table(problem, specs, result=solve(problem, seed=seed), forecast=forecast, seed=seed)
    document = common.envelope(
        SCHEMA,
        problem,
        status="feasible",
        parameter=parameter,
        values=values.tolist(),
        forecast=forecast,
        seed=seed,
        rows=[row_document(row) for row in (optimum, *rows)],
    )
    if output and output.suffix in PICTURES:
        save(_axes(parameter, values, names, rows, optimum), output, title=problem.name)
    elif output:
        common.emit(document, "", as_json=True, output=output)
    common.emit(document, _text(problem, (optimum, *rows)), as_json=json)
    if any(row.error for row in rows):
        raise typer.Exit(PolicyError.exit_code)


def _with(spec: str, parameter: str, value: float) -> str:
    return f"{spec}{',' if ':' in spec else ':'}{parameter}={value:g}"


def _require(instance: "Instance", specs: list[str], forecast: str) -> None:
    """UsageError: an unknown policy, parameter, value or forecaster."""
    from planner.registry import load

    load("planner.forecasters", forecast, instance=instance)
    for spec in specs:
        load("planner.policies", spec, seed=0, instance=instance)


def _text(instance: "Instance", rows: Sequence["GapRow"]) -> str:
    header = ("policy", "requests/g", "objective", "gap to bound", "us/request")
    cells = [
        (
            row.policy,
            common.number(row.requests_per_g, 6),
            common.number(row.objective.total if row.objective else None, 8),
            common.share(row.gap_to_bound),
            common.number(row.decision_us_per_request, 3),
        )
        for row in rows
    ]
    return "\n".join([instance.name, common.table(header, cells), *(row.error for row in rows if row.error)])


def _axes(
    parameter: str, values: "Floats", names: Sequence[str], rows: Sequence["GapRow"], optimum: "GapRow"
) -> "Axes":
    import numpy as np

    from planner.plots.weight_sweep import plot_weight_sweep

    reached = [np.nan if row.violations or row.requests_per_g is None else row.requests_per_g for row in rows]
    lines = zip(names, np.array(reached).reshape(len(names), len(values)), strict=True)
    return plot_weight_sweep(parameter, values, list(lines), optimum=optimum.requests_per_g)
