"""Multipliers (MODEL.md 6) by name, as plan and certificate files hold them.

Negative ones load: it is the judge who refuses them.
"""

from typing import Any

import numpy as np

from planner.domain.instance import Floats, Instance
from planner.domain.results import Cut, Multipliers
from planner.errors import InvalidInput
from planner.io.plan_schema import CutDocument, MultipliersDocument
from planner.io.pointer import one_of, pointer
from planner.io.series import Rule, known_keys, numbers

ANY = Rule(lowest=None)
CAPS = ("carbon_kg", "cost_usd", "energy_kwh")


def multipliers_document(multipliers: Multipliers, instance: Instance) -> dict[str, Any]:
    """The multipliers by name; pools and workloads whose multipliers are all 0 are left out."""
    pools = zip(instance.pools, multipliers.capacity, strict=True)
    works = zip(instance.workloads, multipliers.slo.tolist(), strict=True)
    document = {
        "capacity": {p.name: row.tolist() for p, row in pools if row.any()},
        "slo": {w.name: x for w, x in works if x},
        "fleet": None if multipliers.fleet is None else multipliers.fleet.tolist(),
        "caps": {k: float(x) for k, x in multipliers.caps.items()},
        "cuts": [_cut_document(c, instance) for c in multipliers.cuts],
    }
    return {k: v for k, v in document.items() if v not in (None, {}, [])}


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
        fleet=None if document.fleet is None else _fleet(document.fleet, instance),
        caps=dict(document.caps),
        cuts=tuple(_cut(c, i, instance) for i, c in enumerate(document.cuts)),
    )


def _capacity(document: MultipliersDocument, instance: Instance) -> Floats:
    pools, where = [p.name for p in instance.pools], "/multipliers/capacity"
    known_keys(document.capacity, pools, where, "pool")
    capacity = np.zeros((len(pools), instance.periods))
    for name, values in document.capacity.items():
        capacity[pools.index(name)] = numbers(values, where + pointer(name), ANY, length=instance.periods)
    return capacity


def _slo(document: MultipliersDocument, instance: Instance) -> Floats:
    works = [w.name for w in instance.workloads]
    known_keys(document.slo, works, "/multipliers/slo", "workload")
    return np.array([document.slo.get(name, 0.0) for name in works])


def _fleet(values: Any, instance: Instance) -> Floats:
    return numbers(values, "/multipliers/fleet", ANY, length=instance.periods)


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
