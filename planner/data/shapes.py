"""Real demand as a shape: an hourly series of mean 1 for every origin."""

from datetime import timedelta
from pathlib import Path

import numpy as np

from planner.data.demand.into import in_periods
from planner.data.demand.placing import Placing
from planner.data.demand.traces.formats import READERS, read_trace
from planner.data.demand.traces.options import TraceOptions
from planner.data.recipe import Load, Recipe, TraceFile
from planner.data.sources import column, hourly_rows, numbers, read_table, source_path
from planner.domain.instance import Floats, Instance, Ints
from planner.errors import InvalidInput


def real_demand(recipe: Recipe, instance: Instance, folder: Path) -> Ints:
    """(W,O,T) requests in the instance's periods: mean demand x share of the origin x shape."""
    names = dict.fromkeys(w.shape for w in recipe.workloads)
    shapes = {name: _shape(name, recipe, instance, folder) for name in names}
    counts = [w.requests_per_hour * _shares(w, recipe)[:, None] * shapes[w.shape] for w in recipe.workloads]
    return np.rint(counts).astype(np.int64)


def _shares(load: Load, recipe: Recipe) -> Floats:
    """(O,) the shares of the origins that use the workload; they sum to 1."""
    uses = [o.share if load.origins is None or o.name in load.origins else 0.0 for o in recipe.origins]
    return np.array(uses) / sum(uses)


def _shape(name: str, recipe: Recipe, instance: Instance, folder: Path) -> Floats:
    """(O,T) of mean 1."""
    if name == "wikipedia":
        return _wikipedia(recipe, folder)
    source, _, workload = name.partition(":")
    if source not in recipe.traces:
        known = ", ".join(["'wikipedia'", *(f"'{trace}:WORKLOAD'" for trace in recipe.traces)])
        raise InvalidInput("/workloads/shape", f"'{name}'", f"one of {known}", recipe.name)
    return _of_trace(recipe.traces[source], workload, instance, folder)


def _wikipedia(recipe: Recipe, folder: Path) -> Floats:
    """Page views of the same dates, less the crawlers' peaks.

    The hours of an origin further east come earlier, so it takes yesterday's.
    """
    file = recipe.file("wikipedia")
    if recipe.wikipedia_utc_offset is None or recipe.wikipedia_peak is None:
        raise InvalidInput("/wikipedia_utc_offset", "nothing", "the clock and, in wikipedia_peak, the cut", recipe.name)
    table = read_table(folder, file)
    times, views = column(table, "utc_hour", file), numbers(column(table, "pageviews", file))
    rows = []
    for origin in recipe.origins:
        ahead = round(origin.utc_offset - recipe.wikipedia_utc_offset) % 24
        begin = recipe.start + timedelta(hours=ahead - 24 if ahead else 0)
        rows.append(views[hourly_rows(times, begin, recipe.hours, file)])
    shape = _of_mean_one(np.array(rows))
    return _of_mean_one(np.minimum(shape, recipe.wikipedia_peak))


def _of_trace(file: TraceFile, workload: str, instance: Instance, folder: Path) -> Floats:
    """Of the recipe's dates where the trace has them, else from its beginning and repeated; all origins share it."""
    if file.format not in READERS:
        raise InvalidInput("/traces/format", f"'{file.format}'", f"one of {', '.join(READERS)}", file.name)
    series = read_trace(file.format, [source_path(folder, file)], TraceOptions(jobs_as="tasks"))
    if workload not in series.workloads:
        raise InvalidInput("workload", f"no '{workload}'", f"one of {', '.join(series.workloads)}", file.name)
    counts = in_periods(instance, series, Placing(repeat=True))[series.workloads.index(workload)]
    if not counts.any():
        raise InvalidInput("workload", f"no request of '{workload}'", "some in the recipe's hours", file.name)
    return _of_mean_one(np.repeat(counts[None, :], len(instance.origins), axis=0))


def _of_mean_one(series: Floats) -> Floats:
    return np.asarray(series / series.mean(axis=1, keepdims=True))
