"""Plans and certificates to and from files, with what proves them and where they come from."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.plan import Plan
from planner.domain.results import Bounds, Multipliers, Objective, SolveResult
from planner.errors import InvalidInput
from planner.io.instances import instance_sha256, write_document
from planner.io.multipliers import multipliers_document, read_multipliers
from planner.io.plan_columns import ANY, ColumnReader, columns_document, names_document
from planner.io.plan_schema import CertificateDocument, InstanceReference, ObjectiveDocument, PlanDocument
from planner.io.pointer import describe, one_of, pointer
from planner.io.reading import read_document
from planner.io.series import known_keys, table
from planner.io.validation import validated
from planner.io.versions import CERTIFICATE, PLAN, schema_name, upgraded

ALL = "all"  # the key of the one hour map of all workloads


@dataclass(frozen=True, slots=True, eq=False)
class StoredPlan:
    """A plan file: the plan, and what its writer claims of it (None or empty: nothing)."""

    plan: Plan
    objective: Objective | None
    bounds: Bounds
    multipliers: Multipliers | None
    formulation: str
    versions: Mapping[str, str]
    instance_sha256: str


def save_result(
    result: SolveResult, instance: Instance, path: str | Path, *, gap: Mapping[str, float | None] | None = None
) -> None:
    """Write a plan file in one step, gzipped where the name ends in .gz."""
    write_document(plan_document(result, instance, gap=gap), path)


def plan_document(
    result: SolveResult, instance: Instance, *, gap: Mapping[str, float | None] | None = None
) -> dict[str, Any]:
    """The plan file of a solve; `gap` to each bound as `planner.metrics` defines it, left out where None."""
    provenance: dict[str, Any] = {
        "schema": schema_name(PLAN),
        "instance": _reference(instance),
        "status": result.quality.value,
        "termination": result.termination.value,
        "objective": _objective_document(result.objective),
        "bounds": asdict(result.bounds),
        "gap": None if gap is None else dict(gap),
        "formulation": result.formulation,
        "size": asdict(result.size),
        "seconds": dict(result.seconds),
        "peak_rss_mb": result.peak_rss_mb,
        "versions": dict(result.versions),
        "solver_options": dict(result.solver_options),
        "warnings": list(result.warnings),
    }
    document = _without_nan(provenance) | bare_plan_document(result.plan, instance)
    if result.multipliers is not None:
        document["multipliers"] = multipliers_document(result.multipliers, instance)
    return document


def bare_plan_document(plan: Plan, instance: Instance) -> dict[str, Any]:
    """The smallest plan file that the judge takes: the plan, and which instance it is for."""
    document: dict[str, Any] = {
        "schema": schema_name(PLAN),
        "instance": _reference(instance),
        "names": names_document(instance),
        "servers": _by_pool(plan.servers, instance),
        "started": _by_pool(plan.started, instance),
        "hour_map": _hour_map_document(plan.hour_map, instance),
    }
    return {k: v for k, v in document.items() if v is not None} | columns_document(plan, instance)


def save_multipliers(multipliers: Multipliers, bound: float, instance: Instance, path: str | Path) -> None:
    """Write a certificate file: a lower bound and what proves it."""
    document = {
        "schema": schema_name(CERTIFICATE),
        "instance": _reference(instance),
        "bounds": {"certified": bound, "solver": None},
        "multipliers": multipliers_document(multipliers, instance),
    }
    write_document(document, path)


def load_multipliers(path: str | Path, instance: Instance) -> tuple[Multipliers, float | None]:
    """Multipliers of a certificate file and the bound claimed of them. InvalidInput: also for another instance's."""
    return multipliers_from_document(read_document(path), instance, str(path))


def multipliers_from_document(
    document: Mapping[str, Any], instance: Instance, source: str = ""
) -> tuple[Multipliers, float | None]:
    """As `load_multipliers`, of a parsed JSON document."""
    try:
        valid = validated(CertificateDocument, upgraded(dict(document), CERTIFICATE))
        _require_instance(valid.instance, instance)
        return read_multipliers(valid.multipliers, instance), valid.bounds.certified
    except InvalidInput as error:
        raise error.in_file(source) from error.__cause__


def load_plan(path: str | Path, instance: Instance) -> StoredPlan:
    """The plan in a file. InvalidInput: a broken file, or a plan of another instance; bad plans load, to be judged."""
    return plan_from_document(read_document(path), instance, str(path))


def plan_from_document(document: Mapping[str, Any], instance: Instance, source: str = "") -> StoredPlan:
    """The plan that a parsed JSON document describes. InvalidInput with a JSON pointer."""
    try:
        return _stored(validated(PlanDocument, upgraded(dict(document), PLAN)), instance)
    except InvalidInput as error:
        raise error.in_file(source) from error.__cause__


def _stored(document: PlanDocument, instance: Instance) -> StoredPlan:
    _require_instance(document.instance, instance)
    return StoredPlan(
        plan=_plan(document, instance),
        objective=None if document.objective is None else _objective(document.objective),
        bounds=Bounds(**document.bounds.model_dump()),
        multipliers=None if document.multipliers is None else read_multipliers(document.multipliers, instance),
        formulation=document.formulation,
        versions=dict(document.versions),
        instance_sha256=document.instance.sha256,
    )


def _require_instance(reference: InstanceReference, instance: Instance) -> None:
    own = instance_sha256(instance)
    if reference.sha256 != own:
        found = f"{reference.sha256[:12]}... of instance '{reference.name}'"
        raise InvalidInput("/instance/sha256", found, f"{own[:12]}..., instance '{instance.name}': this is of another")


def _plan(document: PlanDocument, instance: Instance) -> Plan:
    reader = ColumnReader(document.names, instance)
    missed = document.missed
    batch = np.zeros(0, dtype=np.int64) if missed is None else reader.batches(missed, "missed")
    return Plan(
        **reader.served(document.served),
        missed_batch=batch,
        missed_share=np.zeros(0) if missed is None else reader.shares(missed, "missed", len(batch)),
        servers=_pool_table(document.servers, "/servers", instance),
        started=_pool_table(document.started, "/started", instance),
        hour_map=None if document.hour_map is None else _hour_map(document.hour_map, instance),
    )


def _pool_table(given: Mapping[str, Any] | None, where: str, instance: Instance) -> Floats | None:
    if given is None:
        return None
    return table(given, [p.name for p in instance.pools], where, ANY, kind="pool", length=instance.periods)


def _by_pool(values: Floats | None, instance: Instance) -> dict[str, Any] | None:
    if values is None:
        return None
    rows = zip(instance.pools, values.astype(np.float64).tolist(), strict=True)
    return {p.name: [int(x) if x.is_integer() else x for x in row] for p, row in rows}


def _hour_map_document(hour_map: Ints | None, instance: Instance) -> dict[str, list[str]] | None:
    if hour_map is None:
        return None
    rows = [[instance.regions[r].name for r in row] for row in hour_map]
    return dict(zip(_map_keys(instance), rows, strict=True))


def _map_keys(instance: Instance) -> list[str]:
    separate = instance.hour_map is not None and instance.hour_map.per_workload
    return [w.name for w in instance.workloads] if separate else [ALL]


def _hour_map(given: Mapping[str, Any], instance: Instance) -> Ints:
    """(1,T) or (W,T) region indices."""
    keys, regions = _map_keys(instance), [r.name for r in instance.regions]
    known_keys(given, keys, "/hour_map", "workload")
    for key in keys:
        names, where = given.get(key), "/hour_map" + pointer(key)
        if not isinstance(names, list) or len(names) != instance.periods:
            raise InvalidInput(where, describe(names), f"an array of {instance.periods} region names")
        for t, name in enumerate(names):
            if name not in regions:
                raise InvalidInput(f"{where}/{t}", describe(name), one_of(regions, str(name)))
    return np.array([[regions.index(name) for name in given[key]] for key in keys], dtype=np.int64)


def _reference(instance: Instance) -> dict[str, str]:
    return {"name": instance.name, "sha256": instance_sha256(instance)}


def _objective_document(objective: Objective) -> dict[str, Any]:
    return {f: getattr(objective, f) for f in Objective.__slots__} | {"parts": dict(objective.parts)}


def _objective(document: ObjectiveDocument) -> Objective:
    values = document.model_dump()
    sci = values.pop("sci_g_per_request")
    return Objective(**values, sci_g_per_request=math.nan if sci is None else sci)


def _without_nan(document: dict[str, Any]) -> dict[str, Any]:
    """JSON has no NaN: what has no value is null."""

    def spelled(value: Any) -> Any:
        if isinstance(value, dict):
            return _without_nan(value)
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return {k: spelled(v) for k, v in document.items()}
