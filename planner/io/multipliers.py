"""Multipliers (MODEL.md 6) by name, as plan and certificate files hold them.

Negative ones load: it is the judge who refuses them where they have to have a sign.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from planner.domain.instance import Floats, Instance
from planner.domain.results import Cut, Multipliers
from planner.errors import InvalidInput
from planner.io.plan_schema import CutDocument, MultipliersDocument
from planner.io.pointer import describe, one_of, pointer
from planner.io.series import Rule, known_keys, numbers

ANY = Rule(lowest=None)
DIGITS = 9  # of a period; int() is not asked about a key of thousands
CAPS = ("carbon_kg", "cost_usd", "energy_kwh")


def rounded(multipliers: Multipliers, digits: int) -> Multipliers:
    """The same to so many significant decimal digits: any multipliers prove a bound, and short ones make small files.

    Eight are as good as 32-bit floats.
    """

    def short(values: Floats) -> Floats:
        texts = (f"{x:.{digits - 1}e}" for x in values.ravel().tolist())
        return np.fromiter(map(float, texts), np.float64, values.size).reshape(values.shape)

    def one(value: float) -> float:
        return float(short(np.array(value)))

    return Multipliers(
        capacity=short(multipliers.capacity),
        slo=short(multipliers.slo),
        fleet=None if multipliers.fleet is None else short(multipliers.fleet),
        caps={name: one(value) for name, value in multipliers.caps.items()},
        cuts=tuple(replace(cut, multiplier=one(cut.multiplier)) for cut in multipliers.cuts),
        batches=None if multipliers.batches is None else short(multipliers.batches),
    )


def multipliers_document(multipliers: Multipliers, instance: Instance) -> dict[str, Any]:
    """The multipliers by name; pools and workloads whose multipliers are all 0 are left out."""
    pools = zip(instance.pools, multipliers.capacity, strict=True)
    works = zip(instance.workloads, multipliers.slo.tolist(), strict=True)
    document = {
        "capacity": {p.name: _stretches(row) for p, row in pools if row.any()},
        "slo": {w.name: x for w, x in works if x},
        "fleet": None if multipliers.fleet is None else _stretches(multipliers.fleet),
        "caps": {k: float(x) for k, x in multipliers.caps.items()},
        "cuts": [_cut_document(c, instance) for c in multipliers.cuts],
    }
    found = {k: v for k, v in document.items() if v not in (None, {}, [])}
    batches = multipliers.batches
    return found if batches is None else found | {"batches": _batches_document(batches, instance)}


def _batches_document(batches: Floats, instance: Instance) -> dict[str, Any]:
    """By workload, then origin. Prices that are all 0 are not the same as none: they keep (M2), so {} is written."""
    document = {
        w.name: {name: _stretches(row) for name, row in zip(instance.origins, rows, strict=True) if row.any()}
        for w, rows in zip(instance.workloads, batches, strict=True)
    }
    return {name: rows for name, rows in document.items() if rows}


def _stretches(series: Floats) -> list[float] | dict[str, list[float]]:
    """All numbers where none is 0, else the stretches between zeros by their first period."""
    if series.all():
        return list(series.tolist())
    edges = np.flatnonzero(np.diff(series != 0, prepend=False, append=False)).reshape(-1, 2)
    return {str(first): series[first:end].tolist() for first, end in edges.tolist()}


def _cut_document(cut: Cut, instance: Instance) -> dict[str, Any]:
    return {
        "regions": [instance.regions[r].name for r in cut.regions],
        "first": int(cut.first),
        "last": int(cut.last),
        "multiplier": float(cut.multiplier),
    }


def read_multipliers(document: MultipliersDocument, instance: Instance) -> Multipliers:
    """The multipliers in the instance's order. InvalidInput for names it does not have and wrong lengths."""
    known_keys(document.caps, CAPS, "/multipliers/caps", "cap")
    return Multipliers(
        capacity=_capacity(document, instance),
        slo=_slo(document, instance),
        fleet=None if document.fleet is None else _series(document.fleet, "/multipliers/fleet", instance.periods),
        caps=dict(document.caps),
        cuts=tuple(_cut(c, i, instance) for i, c in enumerate(document.cuts)),
        batches=None if document.batches is None else _batches(document.batches, instance),
    )


def _capacity(document: MultipliersDocument, instance: Instance) -> Floats:
    pools, where = [p.name for p in instance.pools], "/multipliers/capacity"
    known_keys(document.capacity, pools, where, "pool")
    capacity = np.zeros((len(pools), instance.periods))
    for name, values in document.capacity.items():
        capacity[pools.index(name)] = _series(values, where + pointer(name), instance.periods)
    return capacity


def _batches(given: Mapping[str, Mapping[str, Any]], instance: Instance) -> Floats:
    """(W,O,T)."""
    works, where = [w.name for w in instance.workloads], "/multipliers/batches"
    known_keys(given, works, where, "workload")
    batches = np.zeros((len(works), len(instance.origins), instance.periods))
    for work, origins in given.items():
        at = where + pointer(work)
        known_keys(origins, instance.origins, at, "origin")
        for origin, values in origins.items():
            place = works.index(work), instance.origins.index(origin)
            batches[place] = _series(values, at + pointer(origin), instance.periods)
    return batches


def _slo(document: MultipliersDocument, instance: Instance) -> Floats:
    works = [w.name for w in instance.workloads]
    known_keys(document.slo, works, "/multipliers/slo", "workload")
    return np.array([document.slo.get(name, 0.0) for name in works])


def _series(given: Any, where: str, periods: int) -> Floats:
    """(T,) from one number a period, or from stretches by their first period."""
    if not isinstance(given, Mapping):
        return numbers(given, where, ANY, length=periods)
    series = np.zeros(periods)
    for first, values in given.items():
        at = where + pointer(first)
        if not (first.isdecimal() and first.isascii() and len(first) <= DIGITS and int(first) < periods):
            raise InvalidInput(at, describe(first), f"a period from 0 to {periods - 1}")
        stretch = numbers(values, at, ANY)
        if len(stretch) > periods - int(first):
            raise InvalidInput(at, f"{len(stretch)} values", f"at most {periods - int(first)}, up to the last period")
        series[int(first) :][: len(stretch)] = stretch
    return series


def _cut(document: CutDocument, i: int, instance: Instance) -> Cut:
    regions = [r.name for r in instance.regions]
    for k, name in enumerate(document.regions):
        if name not in regions:
            where = pointer("multipliers", "cuts", i, "regions", k)
            raise InvalidInput(where, f"the region '{name}'", one_of(regions, name))
    if not document.first <= document.last < instance.periods:
        found = f"periods {document.first} to {document.last}"
        raise InvalidInput(pointer("multipliers", "cuts", i), found, f"an interval within 0 to {instance.periods - 1}")
    places = tuple(regions.index(name) for name in document.regions)
    return Cut(regions=places, first=document.first, last=document.last, multiplier=document.multiplier)
