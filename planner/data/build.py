"""From a recipe and a data folder to an instance."""

from datetime import timedelta
from pathlib import Path

import numpy as np

from planner.data.real_carbon import with_real_carbon
from planner.data.recipe import Load, Recipe, Site, SourceFile
from planner.data.shapes import real_demand
from planner.data.sources import Table, column, numbers, read_table
from planner.domain.instance import (
    CarbonKind,
    Floats,
    Instance,
    Pool,
    Profile,
    Region,
    Variant,
    Vintages,
    Workload,
)
from planner.errors import InvalidInput


def build_recipe(recipe: Recipe, data_folder: Path) -> Instance:
    """The instance that the recipe makes of its files. InvalidInput where a file is missing, altered or lacks a row."""
    regions = _regions(recipe, data_folder)
    servers = np.array([float(site.servers) for site in recipe.regions])
    frame = Instance(
        name=recipe.name,
        start=recipe.start,
        step_minutes=60,
        regions=regions,
        pools=tuple(_pool(recipe, r.name) for r in regions),
        origins=tuple(o.name for o in recipe.origins),
        workloads=tuple(_workload(w, recipe) for w in recipe.workloads),
        carbon_intensity_g_per_kwh=np.zeros((len(regions), recipe.hours)),
        carbon_kind=CarbonKind("average", "direct", "consumption"),
        rtt_ms=_round_trips(recipe, data_folder),
        requests=np.zeros((len(recipe.workloads), len(recipe.origins), recipe.hours), dtype=np.int64),
        servers=np.repeat(servers[:, None], recipe.hours, axis=1),
        provisioning=True,
        jitter_sd_ms=recipe.jitter_sd_ms,
        notes=tuple(recipe.notes),
    )
    return with_real_carbon(recipe, frame, data_folder).replace(
        requests=real_demand(recipe, frame, data_folder), vintages=_vintages(recipe, data_folder)
    )


def _regions(recipe: Recipe, folder: Path) -> tuple[Region, ...]:
    file = recipe.file("regions")
    table = read_table(folder, file)
    known = list(column(table, "gcp_region", file))
    missing = [site.name for site in recipe.regions if site.name not in known]
    if missing:
        raise InvalidInput("column gcp_region", f"no region '{missing[0]}'", "the recipe's regions", file.name)
    return tuple(_region(site, table, known.index(site.name), recipe.default_pue) for site in recipe.regions)


def _region(site: Site, table: Table, row: int, default_pue: float) -> Region:
    pue = float(table["pue_2023_gsf"][row] or default_pue)
    return Region(site.name, site.zone, pue, float(table["lat"][row]), float(table["lon"][row]))


def _pool(recipe: Recipe, region: str) -> Pool:
    kind = recipe.hardware
    return Pool(region, region, kind.name, kind.idle_w, kind.peak_w, kind.startup_wh, kind.target_utilisation)


def _workload(load: Load, recipe: Recipe) -> Workload:
    profile = Profile(
        load.service_ms_mean, load.service_ms_sd, load.server_seconds_per_request, load.energy_j_per_request
    )
    return Workload(
        load.name,
        (Variant(load.name, {recipe.hardware.name: profile}),),
        slo_ms=load.slo_ms,
        max_violation=load.max_violation,
        slack_periods=load.slack_hours,
        allowed_regions=None if load.allowed_regions is None else tuple(load.allowed_regions),
    )


def _vintages(recipe: Recipe, folder: Path) -> Vintages | None:
    """The forecast of every midnight in the horizon; negative cells, which the source has, are clipped to 0."""
    if "forecast" not in recipe.files:
        return None
    file = recipe.file("forecast")
    if recipe.forecast_hours is None:
        raise InvalidInput("/forecast_hours", "nothing", "how far each forecast looks", recipe.name)
    table = read_table(folder, file)
    keys = zip(column(table, "issue_date_00utc", file), column(table, "lead_h", file), strict=True)
    row = {key: i for i, key in enumerate(keys)}
    times = [recipe.start + timedelta(hours=t) for t in range(recipe.hours)]
    midnights = [t for t, time in enumerate(times) if time.hour == 0]
    at = np.array([_issue(row, f"{times[t]:%Y-%m-%d}", recipe.forecast_hours, file) for t in midnights])
    values = np.array([numbers(column(table, site.zone, file)) for site in recipe.regions])
    return Vintages(np.array(midnights, dtype=np.int64), np.maximum(values[:, at], 0.0).transpose(1, 0, 2))


def _issue(row: dict[tuple[str, str], int], day: str, hours: int, source: SourceFile) -> list[int]:
    """The rows of one day's forecast, by lead."""
    try:
        return [row[day, str(h)] for h in range(hours)]
    except KeyError as error:
        raise InvalidInput(f"issue {day}", f"no lead {error.args[0][1]}", f"{hours} hours", source.name) from None


def _round_trips(recipe: Recipe, folder: Path) -> Floats:
    """(O,R): from the origin's metro to every region, and the way of the users to their metro."""
    file = recipe.file("latency")
    table = read_table(folder, file)
    pairs = zip(column(table, "from_region", file), column(table, "to_region", file), strict=True)
    between = dict(zip(pairs, numbers(column(table, "rtt_ms", file)), strict=True))
    names = [site.name for site in recipe.regions]
    between |= {(name, name): recipe.in_region_rtt_ms for name in (*names, *(o.metro for o in recipe.origins))}
    missing = [(o.metro, name) for o in recipe.origins for name in names if (o.metro, name) not in between]
    if missing:
        raise InvalidInput("columns from_region, to_region", f"no pair {missing[0]}", "all pairs", file.name)
    return np.array([[between[o.metro, name] + o.access_ms for name in names] for o in recipe.origins])
