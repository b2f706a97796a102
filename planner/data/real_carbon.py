"""The carbon intensity of a recipe: a table of the hours, or a file in a format that can be imported."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from planner.data.carbon.handling import Handling
from planner.data.carbon.importers import FORMATS, read
from planner.data.carbon.into import with_carbon
from planner.data.carbon.readings import counted
from planner.data.carbon.repair import Imported, imported
from planner.data.recipe import CarbonFormat, Recipe
from planner.data.sources import column, hourly_rows, numbers, read_source, read_table
from planner.domain.instance import Floats, Instance
from planner.errors import InvalidInput


def with_real_carbon(recipe: Recipe, instance: Instance, folder: Path) -> Instance:
    """The instance with that of its regions. InvalidInput: a file that is missing, altered or lacks a zone or hour."""
    if recipe.carbon is None:
        return instance.replace(carbon_intensity_g_per_kwh=_table(recipe, folder))
    return _imported(recipe, recipe.carbon, instance, folder)


def _table(recipe: Recipe, folder: Path) -> Floats:
    """(R,T) of the recipe's hours."""
    file = recipe.file("carbon")
    table = read_table(folder, file)
    rows = hourly_rows(column(table, "utc_hour_start", file), recipe.start, recipe.hours, file)
    return np.array([numbers(column(table, f"{site.zone}:direct", file)[rows]) for site in recipe.regions])


def _imported(recipe: Recipe, carbon: CarbonFormat, instance: Instance, folder: Path) -> Instance:
    """Noted with its source, its licence, and what was repaired in the zones that are used."""
    file = recipe.file("carbon")
    if carbon.format not in FORMATS:
        raise InvalidInput("/carbon/format", f"'{carbon.format}'", f"one of {', '.join(FORMATS)}", recipe.name)
    zones = {site.name: site.zone for site in recipe.regions}
    text = read_source(folder, file)
    try:
        found = _of_zones(tuple(dict.fromkeys(zones.values())), text, carbon)
    except InvalidInput as error:
        raise error.in_file(file.name) from error
    moved = with_carbon(instance, found.series, zones)
    repairs = [f"Carbon intensity of {r.zone}: {r.what} ({counted(r.periods)})." for r in found.repairs]
    return moved.replace(name=instance.name, notes=(*moved.notes, *repairs))


def _of_zones(zones: Sequence[str], text: str, carbon: CarbonFormat) -> Imported:
    """The series of some of a file's zones; what is wrong with the others does not matter."""
    handling = Handling(kind=carbon.kind, missing=carbon.missing, max_gap_hours=carbon.max_gap_hours)
    rows = {one.zone: one for one in read(text, carbon.format, handling)}
    absent = next((zone for zone in zones if zone not in rows), None)
    if absent is not None:
        raise InvalidInput("zones", f"no '{absent}'", f"one of {', '.join(rows)}")
    return imported([rows[zone] for zone in zones], handling)
