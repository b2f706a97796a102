"""Instances to and from files (`.json`, `.json.gz`)."""

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

import numpy as np

from planner.domain.instance import (
    Caps,
    CarbonKind,
    Floats,
    HourMapRule,
    Instance,
    Job,
    Pool,
    Profile,
    Region,
    RequestLog,
    Variant,
    Vintages,
    Weights,
    Workload,
)
from planner.errors import InvalidInput
from planner.io import arrays, consistency
from planner.io.atomic import write_bytes
from planner.io.clock import format_utc, parse_utc
from planner.io.layout import canonical, pretty
from planner.io.library import find_instance
from planner.io.reading import read_document
from planner.io.schema import InstanceDocument, VariantDocument, WorkloadDocument
from planner.io.validation import validated
from planner.io.versions import INSTANCE, schema_name, upgraded

PLAIN: Mapping[Any, type] = {float: float, float | None: float, int: int, int | None: int, bool: bool}


def load_instance(path_or_name: str | Path) -> Instance:
    """The instance in a file, or shipped under a name. InvalidInput (file, JSON pointer, found, expected)."""
    path = find_instance(path_or_name)
    return instance_from_document(read_document(path), str(path))


def save_instance(instance: Instance, path: str | Path) -> None:
    """Write the file in one step, gzipped where the name ends in .gz. InvalidInput if nobody could load it."""
    document = instance_to_document(instance)
    instance_from_document(document, instance.name)
    write_document(document, path)


def write_document(document: Mapping[str, Any], path: str | Path) -> None:
    """Write a document as readable JSON, gzipped (reproducibly) where the name ends in .gz."""
    data = (pretty(document) + "\n").encode("utf-8")
    write_bytes(path, gzip.compress(data, compresslevel=6, mtime=0) if str(path).endswith(".gz") else data)


def instance_sha256(instance: Instance) -> str:
    """The hash of the canonical document: one value however the file is formatted."""
    return hashlib.sha256(canonical(instance_to_document(instance))).hexdigest()


def instance_from_document(document: Mapping[str, Any], source: str = "") -> Instance:
    """The instance that a parsed JSON document describes. InvalidInput with a JSON pointer."""
    try:
        instance = _built(validated(InstanceDocument, upgraded(dict(document), INSTANCE)))
        consistency.check(instance)
    except InvalidInput as error:
        raise error.in_file(source) from error.__cause__
    return instance


def _built(document: InstanceDocument) -> Instance:
    consistency.check_axes(document)
    carbon = arrays.carbon(document)
    periods = carbon.shape[1]
    start = parse_utc(document.start, "/start")
    if document.times is not None:
        arrays.check_times(document.times, start, document.step_minutes, periods)
    counts = arrays.requests(document, periods)
    return Instance(
        name=document.name,
        start=start,
        step_minutes=document.step_minutes,
        regions=tuple(Region(**r.model_dump()) for r in document.regions),
        pools=tuple(Pool(**p.model_dump()) for p in document.pools),
        origins=tuple(document.origins),
        workloads=tuple(_workload(w) for w in document.workloads),
        carbon_intensity_g_per_kwh=carbon,
        carbon_kind=CarbonKind(**document.carbon_kind.model_dump()),
        requests=counts,
        servers=arrays.servers(document, periods),
        provisioning=document.provisioning,
        jitter_sd_ms=document.jitter_sd_ms,
        jobs=tuple(Job(**j.model_dump()) for j in document.jobs),
        weights=Weights(**document.weights.model_dump()),
        grace_periods=document.grace_periods,
        caps=Caps(**document.caps.model_dump()),
        hour_map=None if document.hour_map is None else HourMapRule(**document.hour_map.model_dump()),
        notes=tuple(document.notes),
        **_optional_arrays(document, periods, counts),
    )


def _optional_arrays(document: InstanceDocument, periods: int, counts: Any) -> dict[str, Any]:
    regions = [r.name for r in document.regions]
    wire, fleet = document.network_kwh_per_gb, document.fleet_limit
    forecast, log = document.forecast, document.request_log
    return {
        "rtt_ms": arrays.matrix(document.rtt_ms, document.origins, regions, "/rtt_ms"),
        "network_kwh_per_gb": None
        if wire is None
        else arrays.matrix(wire, document.origins, regions, "/network_kwh_per_gb"),
        "price_usd_per_kwh": arrays.price(document, periods),
        "fleet_limit": None if fleet is None else arrays.whole_or_counts(fleet, "/fleet_limit", periods),
        "vintages": None if forecast is None else arrays.vintages(forecast, regions, periods),
        "request_log": None if log is None else arrays.request_log(log, counts),
    }


def _workload(document: WorkloadDocument) -> Workload:
    plain = document.model_dump(exclude={"variants", "allowed_regions"})
    allowed = document.allowed_regions
    return Workload(
        **plain,
        variants=tuple(_variant(v) for v in document.variants),
        allowed_regions=None if allowed is None else tuple(allowed),
    )


def _variant(document: VariantDocument) -> Variant:
    return Variant(document.name, {k: Profile(**p.model_dump()) for k, p in document.profiles.items()})


def instance_to_document(instance: Instance) -> dict[str, Any]:
    """The JSON document of an instance; what equals its default, and zero demand, is left out."""
    document: dict[str, Any] = {
        "schema": schema_name(INSTANCE),
        "name": instance.name,
        "start": _start(instance),
        "step_minutes": instance.step_minutes,
        "provisioning": instance.provisioning,
        "jitter_sd_ms": float(instance.jitter_sd_ms),
        "grace_periods": instance.grace_periods,
        "weights": _given(instance.weights),
        "caps": _given(instance.caps),
        "hour_map": None if instance.hour_map is None else {"per_workload": False} | _given(instance.hour_map),
        "regions": [_given(r) for r in instance.regions],
        "pools": [_given(p) for p in instance.pools],
        "origins": list(instance.origins),
        "workloads": [_workload_document(w) for w in instance.workloads],
        "jobs": [_given(j) for j in instance.jobs],
        "carbon_kind": {f.name: getattr(instance.carbon_kind, f.name) for f in fields(CarbonKind)},
    }
    document |= _array_documents(instance) | {"notes": list(instance.notes)}
    return {k: v for k, v in document.items() if not _is_default(k, v)}


def _start(instance: Instance) -> str:
    if instance.start.tzinfo is None:
        raise InvalidInput("/start", f"{instance.start.isoformat()}, a time without a zone", "a time in UTC")
    return format_utc(instance.start)


def _is_default(key: str, value: Any) -> bool:
    return value in (None, [], {}) or (key in ("provisioning", "jitter_sd_ms", "grace_periods") and not value)


def _array_documents(instance: Instance) -> dict[str, Any]:
    regions = [r.name for r in instance.regions]
    price, wire, fleet = instance.price_usd_per_kwh, instance.network_kwh_per_gb, instance.fleet_limit
    return {
        "servers": {
            p.name: _whole_or_list(row)
            for p, row in zip(instance.pools, instance.servers, strict=True)
            if not np.isinf(row).all()
        },
        "fleet_limit": None if fleet is None else _whole_or_list(fleet),
        "rtt_ms": _nested(instance.rtt_ms, instance.origins, regions),
        "network_kwh_per_gb": None if wire is None else _nested(wire, instance.origins, regions),
        "carbon_intensity_g_per_kwh": _rows(instance.carbon_intensity_g_per_kwh, regions),
        "price_usd_per_kwh": None if price is None else _rows(price, regions),
        "requests": _request_documents(instance),
        "forecast": None if instance.vintages is None else _forecast_document(instance.vintages, regions),
        "request_log": None if instance.request_log is None else _log_document(instance.request_log),
    }


def _given(value: Any) -> dict[str, Any]:
    """The fields of a dataclass that differ from their defaults, one spelling per number: 100 W hashes as 100.0 W."""
    pairs = ((f, getattr(value, f.name)) for f in fields(value))
    return {f.name: _as_typed(f, x) for f, x in pairs if f.default is MISSING or x != f.default}


def _as_typed(of: Field[Any], value: Any) -> Any:
    kind = PLAIN.get(of.type)
    return value if kind is None or value is None else kind(value)


def _workload_document(work: Workload) -> dict[str, Any]:
    changed: dict[str, Any] = {
        "variants": [{"name": v.name, "profiles": {k: _given(p) for k, p in v.profiles.items()}} for v in work.variants]
    }
    if work.allowed_regions is not None:
        changed["allowed_regions"] = list(work.allowed_regions)
    return _given(work) | changed


def _rows(values: Floats, names: Sequence[str]) -> dict[str, list[float]]:
    return dict(zip(names, values.astype(np.float64).tolist(), strict=True))


def _nested(values: Floats, rows: Sequence[str], columns: Sequence[str]) -> dict[str, dict[str, float]]:
    return {
        row: dict(zip(columns, x, strict=True)) for row, x in zip(rows, values.astype(np.float64).tolist(), strict=True)
    }


def _whole_or_list(values: Floats) -> int | list[Any]:
    """One number where all are the same; whole numbers as such, the rest as it is for the check to refuse."""
    numbers = [int(x) if x.is_integer() else x for x in values.tolist()]
    return numbers[0] if len(set(numbers)) == 1 else numbers


def _request_documents(instance: Instance) -> dict[str, dict[str, list[int]]]:
    found = {
        w.name: {o: counts.tolist() for o, counts in zip(instance.origins, rows, strict=True) if counts.any()}
        for w, rows in zip(instance.workloads, instance.requests, strict=True)
    }
    return {name: rows for name, rows in found.items() if rows}


def _forecast_document(vintages: Vintages, regions: Sequence[str]) -> dict[str, Any]:
    by_region = vintages.values.transpose(1, 0, 2).tolist()
    return {
        "issued": vintages.issued.tolist(),
        "carbon_intensity_g_per_kwh": dict(zip(regions, by_region, strict=True)),
    }


def _log_document(log: RequestLog) -> dict[str, list[int]]:
    return {"origin": log.origin.tolist(), "workload": log.workload.tolist()}
