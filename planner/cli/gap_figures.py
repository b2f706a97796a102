"""What -o writes of a table of gaps when the file is a picture."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli.outputs import PICTURES, save
from planner.domain.instance import Floats, Instance
from planner.domain.plan import Plan
from planner.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from planner.metrics.gaps import GapRow


class Figure(StrEnum):
    """Gaps as bars, the same by cause, requests by region, carbon above the optimum over time, latencies."""

    BARS = "bars"
    ATTRIBUTION = "attribution"
    ROUTING = "routing"
    REGRET = "regret"
    LATENCY = "latency"


Picture = Annotated[Figure, typer.Option("--figure", help="What a picture (-o FILE.png, .svg, .pdf) shows.")]


def require_picture(figure: Figure, output: Path | None, *, attribute: bool, requests: bool) -> None:
    """UsageError: a figure that would not be drawn."""
    if figure is Figure.BARS:
        return
    if output is None or output.suffix not in PICTURES:
        raise UsageError(f"--figure {figure}: name a picture with -o ({', '.join(PICTURES)})")
    if figure is Figure.ATTRIBUTION and not attribute:
        raise UsageError("--figure attribution: give --attribute too")
    if requests != (figure is Figure.LATENCY):
        raise UsageError(f"--figure {figure}: {'leave --requests out' if requests else 'give --requests too'}")


def draw(
    figure: Figure, output: Path, instance: Instance, rows: Sequence["GapRow"], optimum: Plan | None = None
) -> None:
    """Write the picture of the rows; `optimum` is the oracle's plan."""
    save(_axes(figure, instance, rows, optimum), output, title=instance.name)


def draw_latency(output: Path, instance: Instance, latency_ms: Sequence[tuple[str, Floats]]) -> None:
    """Write the picture of what each policy's requests met."""
    from planner.plots.latency import plot_latency

    limits = [(work.name, work.slo_ms) for work in instance.workloads if work.slo_ms is not None]
    save(plot_latency(latency_ms, slo_ms=limits), output, title=instance.name)


def _axes(figure: Figure, instance: Instance, rows: Sequence["GapRow"], optimum: Plan | None) -> "Axes":
    if figure is Figure.ROUTING:
        return _routing(instance, rows, optimum)
    if figure is Figure.REGRET and optimum is not None:
        return _regret(instance, rows, optimum)
    return _attribution(rows) if figure is Figure.ATTRIBUTION else _bars(rows)


def _bars(rows: Sequence["GapRow"]) -> "Axes":
    from planner.plots.gap_bars import plot_gap_bars

    worst = next((row.gap_to_bound for row in rows if row.policy == "worst"), None)
    return plot_gap_bars([(row.policy, row.gap_to_bound) for row in rows if row.policy != "worst"], worst=worst)


def _attribution(rows: Sequence["GapRow"]) -> "Axes":
    from planner.plots.attribution import plot_attribution

    return plot_attribution([(row.policy, row.attribution.parts) for row in rows if row.attribution])


def _routing(instance: Instance, rows: Sequence["GapRow"], optimum: Plan | None) -> "Axes":
    from planner.metrics.served import served
    from planner.plots.routing import plot_routing

    plans = [*([("optimum", optimum)] if optimum else []), *((row.policy, row.plan) for row in rows)]
    amounts = [(name, served(instance, plan).requests_by_region) for name, plan in plans if plan]
    return plot_routing(amounts, [region.name for region in instance.regions])


def _regret(instance: Instance, rows: Sequence["GapRow"], optimum: Plan) -> "Axes":
    from planner.plots.regret import plot_regret
    from planner.verify.hourly import hourly_carbon

    lines = [(row.policy, hourly_carbon(instance, row.plan)) for row in rows if row.plan and not row.violations]
    return plot_regret(instance, lines, hourly_carbon(instance, optimum))
