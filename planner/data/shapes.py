"""Real demand as a shape: an hourly series of mean 1 for every origin."""

from datetime import timedelta
from pathlib import Path

import numpy as np

from planner.data.recipe import Load, Recipe
from planner.data.sources import column, hourly_rows, numbers, read_table
from planner.domain.instance import Floats, Ints
from planner.errors import InvalidInput

SERVEGEN_ROWS_PER_HOUR = 6


def real_demand(recipe: Recipe, folder: Path) -> Ints:
    """(W,O,T) requests: mean demand x share of the origin x shape."""
    shapes = {name: _shape(name, recipe, folder) for name in dict.fromkeys(w.shape for w in recipe.workloads)}
    counts = [w.requests_per_hour * _shares(w, recipe)[:, None] * shapes[w.shape] for w in recipe.workloads]
    return np.rint(counts).astype(np.int64)


def _shares(load: Load, recipe: Recipe) -> Floats:
    """(O,) the shares of the origins that use the workload; they sum to 1."""
    uses = [o.share if load.origins is None or o.name in load.origins else 0.0 for o in recipe.origins]
    return np.array(uses) / sum(uses)


def _shape(name: str, recipe: Recipe, folder: Path) -> Floats:
    """(O,T) of mean 1."""
    source, _, service = name.partition(":")
    if source == "wikipedia":
        return _wikipedia(recipe, folder)
    if source == "servegen" and service:
        return _servegen(service, recipe, folder)
    raise InvalidInput("/workloads/shape", f"'{name}'", "'wikipedia' or 'servegen:SERVICE'", recipe.name)


def _wikipedia(recipe: Recipe, folder: Path) -> Floats:
    """Page views of the same dates, less the crawlers' peaks.

    The hours of an origin further east come earlier, so it takes yesterday's.
    """
    file = recipe.files["wikipedia"]
    table = read_table(folder, file)
    times, views = column(table, "utc_hour", file), numbers(column(table, "pageviews", file))
    rows = []
    for origin in recipe.origins:
        ahead = round(origin.utc_offset - recipe.wikipedia_utc_offset) % 24
        begin = recipe.start + timedelta(hours=ahead - 24 if ahead else 0)
        rows.append(views[hourly_rows(times, begin, recipe.hours, file)])
    shape = _of_mean_one(np.array(rows))
    return _of_mean_one(np.minimum(shape, recipe.wikipedia_peak))


def _servegen(service: str, recipe: Recipe, folder: Path) -> Floats:
    """Fourteen days of requests, repeated; all origins share them, for the service is world-wide."""
    file = recipe.files["servegen"]
    table = read_table(folder, file)
    of_service = np.array(column(table, "workload", file)) == service
    rate = numbers(column(table, "requests_per_s", file))[of_service]
    hourly = rate[: len(rate) // SERVEGEN_ROWS_PER_HOUR * SERVEGEN_ROWS_PER_HOUR].reshape(-1, SERVEGEN_ROWS_PER_HOUR)
    if not len(hourly):
        raise InvalidInput("column workload", "no whole hour of this service", f"rows of '{service}'", file.name)
    repeated = np.resize(hourly.mean(axis=1), recipe.hours)
    return _of_mean_one(np.repeat(repeated[None, :], len(recipe.origins), axis=0))


def _of_mean_one(series: Floats) -> Floats:
    return np.asarray(series / series.mean(axis=1, keepdims=True))
