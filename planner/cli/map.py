"""`map`: the region of each hour, as CSV, JSON, picture or page."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import common
from planner.cli.common import Gap, InstanceArgument, Json, NoProgress, Quiet, TimeLimit, Verbose
from planner.errors import UsageError

if TYPE_CHECKING:
    from planner.domain.instance import HourMapRule, Instance
    from planner.domain.plan import HourMap
    from planner.domain.results import SolveResult
    from planner.maps.summary import MapSummary

SCHEMA = "planner.map/1"
TABLES = (".csv", ".json", ".json.gz")
PICTURES = (".png", ".svg", ".pdf")
PAGE = ".html"

MaxSwitches = Annotated[
    int | None, typer.Option("--max-switches", metavar="K", min=0, help="Change region at most K times.")
]
MinDwell = Annotated[
    float | None, typer.Option("--min-dwell", metavar="H", min=0, help="Stay at least H hours in a region.")
]
PerWorkload = Annotated[bool, typer.Option("--per-workload", help="A map for each workload.")]
Capacity = Annotated[
    bool, typer.Option("--capacity", help="Under capacity and waiting, by the oracle (--gap, --time-limit).")
]
IgnoreSlo = Annotated[bool, typer.Option("--ignore-slo", help="Set every latency objective aside; residency stays.")]
Files = Annotated[
    list[Path] | None,
    typer.Option("-o", "--output", metavar="FILE", help="Write .csv, .json, .png, .svg, .pdf or .html (repeat)."),
]


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """A map and the question: `posed` is the file's instance, less its latency objectives where they are set aside."""

    instance: "Instance"
    posed: "Instance"
    rule: "HourMapRule"
    chosen: "HourMap"
    summaries: "tuple[MapSummary, ...]"
    result: "SolveResult | None"


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("map")(hour_map)


def hour_map(
    instance: InstanceArgument,
    max_switches: MaxSwitches = None,
    min_dwell: MinDwell = None,
    per_workload: PerWorkload = False,
    ignore_slo: IgnoreSlo = False,
    capacity: Capacity = False,
    gap: Gap = 1e-4,
    time_limit: TimeLimit = None,
    output: Files = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    no_progress: NoProgress = False,
) -> None:
    """The region of lowest carbon intensity for each hour; CSV on stdout unless -o names files."""
    from planner.domain.results import Termination
    from planner.io.instances import load_instance
    from planner.io.maps import map_csv
    from planner.maps.scenario_b import lowest_carbon_map
    from planner.maps.summary import summarise

    files = [_known(path) for path in output or ()]
    clock = common.Stopwatch()
    problem = load_instance(instance)
    clock.lap("read")
    rule = _rule(problem, max_switches, min_dwell, per_workload=per_workload)
    posed = _without_slo(problem) if ignore_slo else problem
    result = None
    with common.reported(SCHEMA, problem, as_json=json):
        if capacity:
            from planner.maps.constrained import constrained_map  # the solver waits until it is asked for

            shown = common.progress(no_progress=no_progress)
            chosen, result = constrained_map(posed, rule, gap=gap, time_limit=time_limit, progress=shown)
        else:
            chosen = lowest_carbon_map(posed, rule)
    clock.lap("map")
    answer = _Answer(problem, posed, rule, chosen, summarise(posed, chosen), result)
    for path in files:
        _save(path, answer)
        common.note(f"wrote {path}")
    if json or not files:
        document = _document(answer, {**clock.laps, "total": clock.total})
        common.emit(document, map_csv(chosen, problem).rstrip("\n"), as_json=json)
    common.note("\n".join(line for summary in answer.summaries for line in _words(problem, summary)))
    if result and result.termination is Termination.INTERRUPTED:
        raise typer.Exit(130)


def _known(path: Path) -> Path:
    endings = (*TABLES, *PICTURES, PAGE)
    if not path.name.lower().endswith(endings):
        raise UsageError(f"-o {path}: a map is written to a name that ends in {', '.join(endings)}")
    return path


def _rule(problem: "Instance", switches: int | None, dwell_hours: float | None, *, per_workload: bool) -> "HourMapRule":
    """What the options say, and where they are silent what the instance says."""
    from planner.domain.instance import HourMapRule

    own = problem.hour_map or HourMapRule()
    # A dwell that is no whole number of periods is rounded up; the small term keeps 0.3 h / 0.1 h at 3.
    dwell = own.min_dwell_periods if dwell_hours is None else max(1, ceil(dwell_hours / problem.step_hours - 1e-9))
    return HourMapRule(
        max_switches=own.max_switches if switches is None else switches,
        min_dwell_periods=dwell,
        per_workload=per_workload or own.per_workload,
    )


def _without_slo(problem: "Instance") -> "Instance":
    note = "The latency objectives are set aside in this map."
    workloads = tuple(replace(work, slo_ms=None) for work in problem.workloads)
    return problem.replace(workloads=workloads, notes=(note, *problem.notes))


def _save(path: Path, answer: _Answer) -> None:
    name = path.name.lower()
    if name.endswith(TABLES):
        from planner.io.maps import save_map

        save_map(path, answer.chosen, answer.instance)
    elif name.endswith(PICTURES):
        from planner.plots.canvas import figure_of
        from planner.plots.hour_map import plot_hour_map
        from planner.plots.save import save_figure

        save_figure(figure_of(plot_hour_map(answer.posed, answer.chosen)), path)
    else:
        from planner.io.atomic import write_text

        write_text(path, _page(answer))


def _page(answer: _Answer) -> str:
    from planner import __version__
    from planner.io.instances import instance_sha256
    from planner.report.map_method import method_sentences
    from planner.report.map_page import map_page

    method = method_sentences(answer.posed, answer.rule, answer.result)
    file = f"instance {answer.instance.name}, sha256 {instance_sha256(answer.instance)}"
    return map_page(answer.posed, answer.chosen, method=method, provenance=f"planner {__version__}, {file}")


def _document(answer: _Answer, seconds: dict[str, float]) -> dict[str, Any]:
    from planner.io.maps import map_rows

    result = answer.result
    return common.envelope(
        SCHEMA,
        answer.instance,
        status=result.quality if result else "optimal",
        objective=result.objective if result else None,
        bounds=result.bounds if result else None,
        seconds=seconds,
        warnings=result.warnings if result else (),
        formulation=result.formulation if result else "dynamic-programme",
        versions=result.versions if result else common.versions(),
        slo="kept" if answer.posed is answer.instance else "ignored",
        map=map_rows(answer.chosen, answer.instance),
        switches=answer.chosen.switches,
        maps=[_summary_document(answer.instance, summary) for summary in answer.summaries],
    )


def _summary_document(problem: "Instance", summary: "MapSummary") -> dict[str, Any]:
    hours = zip(problem.regions, summary.periods * problem.step_hours, strict=True)
    best = {"region": summary.best_fixed, "mean_carbon_intensity_g_per_kwh": summary.best_fixed_carbon_intensity}
    return {
        "workload": summary.workload,
        "mean_carbon_intensity_g_per_kwh": summary.carbon_intensity,
        "best_fixed": best if summary.best_fixed else None,
        "switches": summary.switches,
        "hours_by_region": {region.name: spent for region, spent in hours if spent},
    }


def _words(problem: "Instance", summary: "MapSummary") -> Iterator[str]:
    name = f"{problem.name}, {summary.workload}" if summary.workload else problem.name
    yield f"{name}: mean {common.number(summary.carbon_intensity, 5)} g/kWh, switches: {summary.switches}"
    if summary.best_fixed:
        fixed = common.number(summary.best_fixed_carbon_intensity, 5)
        saved = f"({common.share(summary.below_best_fixed)} saved)"
        yield f"  best fixed region {summary.best_fixed}: {fixed} g/kWh {saved}"
    else:
        yield "  no region may serve every period"
    hours = summary.periods * problem.step_hours
    for r in (-hours).argsort(kind="stable"):
        if hours[r]:
            yield f"  {problem.regions[r].name}: {hours[r]:g} h ({common.share(hours[r] / hours.sum())})"
