"""Hour maps (MODEL.md 9) to and from files: CSV for dispatchers, JSON with its provenance."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from planner.domain.instance import Instance, Ints
from planner.domain.plan import HourMap
from planner.errors import InvalidInput
from planner.io.atomic import write_text
from planner.io.clock import format_utc, parse_utc
from planner.io.instances import instance_sha256, write_document
from planner.io.pointer import describe, one_of
from planner.io.reading import read_document, read_text
from planner.io.versions import MAP, schema_name, upgraded

COLUMNS = ("hour", "region", "workload", "carbon_intensity_g_per_kwh")


def map_rows(hour_map: HourMap, instance: Instance) -> list[dict[str, Any]]:
    """One row per map and period, in the columns of the CSV; `workload` None where one map is for all."""
    names = [w.name for w in instance.workloads] if hour_map.per_workload else [None]
    return [
        {
            "hour": format_utc(instance.time(t)),
            "region": instance.regions[r].name,
            "workload": name,
            "carbon_intensity_g_per_kwh": float(instance.carbon_intensity_g_per_kwh[r, t]),
        }
        for name, regions in zip(names, hour_map.region, strict=True)
        for t, r in enumerate(regions)
    ]


def map_document(hour_map: HourMap, instance: Instance) -> dict[str, Any]:
    """The JSON document of a map."""
    return {
        "schema": schema_name(MAP),
        "instance": {"name": instance.name, "sha256": instance_sha256(instance)},
        "map": map_rows(hour_map, instance),
        "switches": hour_map.switches,
    }


def map_csv(hour_map: HourMap, instance: Instance) -> str:
    """The CSV text of a map, its header first."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(map_rows(hour_map, instance))
    return text.getvalue()


def save_map(path: str | Path, hour_map: HourMap, instance: Instance) -> None:
    """Write a map: CSV where the name ends in .csv, else JSON (gzipped for .gz)."""
    if Path(path).suffix == ".csv":
        write_text(path, map_csv(hour_map, instance))
    else:
        write_document(map_document(hour_map, instance), path)


def load_map(path: str | Path, instance: Instance) -> HourMap:
    """The map in a CSV or JSON file. InvalidInput (CSV row or JSON pointer).

    Every period of the instance needs a region. Rows outside its time are ignored, so a map of a year serves a week.
    """
    try:
        rows, place = _csv_rows(path) if Path(path).suffix == ".csv" else _json_rows(path)
        return _read(rows, place, instance)
    except InvalidInput as error:
        raise error.in_file(str(path)) from error.__cause__


Place = Callable[[int, str], str]


def _csv_rows(path: str | Path) -> tuple[list[Mapping[str, Any]], Place]:
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""), strict=True)
    absent = [c for c in COLUMNS[:3] if c not in (reader.fieldnames or ())]
    if absent:
        raise InvalidInput("row 1", f"no column '{absent[0]}'", f"the header {','.join(COLUMNS)}")
    try:
        return list(reader), lambda i, column: f"row {i + 2}, column {column}"
    except csv.Error as error:
        raise InvalidInput(f"row {reader.line_num}", str(error), "valid CSV") from error


def _json_rows(path: str | Path) -> tuple[list[Mapping[str, Any]], Place]:
    rows = upgraded(read_document(path), MAP).get("map")
    if not isinstance(rows, list):
        raise InvalidInput("/map", describe(rows), "an array of objects")
    for i, row in enumerate(rows):
        if not isinstance(row, dict):
            raise InvalidInput(f"/map/{i}", describe(row), "an object")
    return rows, lambda i, key: f"/map/{i}/{key}"


def _read(rows: Iterable[Mapping[str, Any]], place: Place, instance: Instance) -> HourMap:
    regions = [r.name for r in instance.regions]
    workloads = [w.name for w in instance.workloads]
    found: dict[tuple[str, int], int] = {}
    for i, row in enumerate(rows):
        period = _period(row.get("hour"), place(i, "hour"), instance)
        region = _one(row.get("region"), regions, place(i, "region"))
        workload = row.get("workload") or ""
        key = (workloads[_one(workload, workloads, place(i, "workload"))] if workload else "", period)
        if key in found:
            raise InvalidInput(place(i, "hour"), f"{describe(row.get('hour'))} again", "every hour once")
        found[key] = region
    separate = any(name for name, _ in found)
    if separate and any(not name for name, _ in found):
        raise InvalidInput("rows", "some with and some without a workload", "one map for all, or one for each workload")
    names = workloads if separate else [""]
    return HourMap(region=_complete(found, names, instance), per_workload=separate)


def _period(hour: Any, where: str, instance: Instance) -> int:
    step = timedelta(minutes=instance.step_minutes)
    period, rest = divmod(parse_utc(hour, where) - instance.start, step)
    if rest:
        expected = f"the start of a period: {instance.step_minutes} minutes each from {format_utc(instance.start)}"
        raise InvalidInput(where, describe(hour), expected)
    return period


def _one(name: Any, names: list[str], where: str) -> int:
    if name not in names:
        raise InvalidInput(where, describe(name), one_of(names, str(name)))
    return names.index(name)


def _complete(found: Mapping[tuple[str, int], int], names: list[str], instance: Instance) -> Ints:
    for name in names:
        for t in range(instance.periods):
            if (name, t) not in found:
                hour, of = format_utc(instance.time(t)), f" of workload '{name}'" if name else ""
                raise InvalidInput("rows", f"none for {hour}{of}", "a region for every period of the instance")
    return np.array([[found[name, t] for t in range(instance.periods)] for name in names], dtype=np.int64)
