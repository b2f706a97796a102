"""An instance in figures and in words, for `planner instance show`."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from planner.cli.common import number, share, table
from planner.domain.instance import Floats, Instance, Pool, Region, Workload
from planner.domain.options import options
from planner.io.clock import format_utc
from planner.io.instances import instance_sha256


def summary(instance: Instance) -> dict[str, Any]:
    """The figures, as one JSON document."""
    carbon, servers = instance.carbon_intensity_g_per_kwh, instance.servers
    return {
        "schema": "planner.instance-summary/1",
        "instance": {"name": instance.name, "sha256": instance_sha256(instance)},
        "start": format_utc(instance.start),
        "end": format_utc(instance.time(instance.periods)),
        "periods": instance.periods,
        "step_minutes": instance.step_minutes,
        "carbon_kind": [instance.carbon_kind.signal, instance.carbon_kind.scope, instance.carbon_kind.basis],
        "provisioning": instance.provisioning,
        "regions": [_region(r, ci) for r, ci in zip(instance.regions, carbon, strict=True)],
        "pools": [_pool(p, n) for p, n in zip(instance.pools, servers, strict=True)],
        "origins": list(instance.origins),
        "workloads": [_workload(w, instance, i) for i, w in enumerate(instance.workloads)],
        "jobs": len(instance.jobs),
        "requests": int(instance.requests.sum()) + sum(j.requests for j in instance.jobs),
        "options": options(instance).count(),
        "rules": _rules(instance),
        "notes": list(instance.notes),
    }


def _region(region: Region, carbon: Floats) -> dict[str, Any]:
    return {"name": region.name, "grid_zone": region.grid_zone, "pue": region.pue} | {
        f"carbon_intensity_g_per_kwh_{name}": float(of(carbon))
        for name, of in (("min", np.min), ("mean", np.mean), ("max", np.max))
    }


def _pool(pool: Pool, servers: Floats) -> dict[str, Any]:
    limited = bool(np.isfinite(servers).all())
    return {
        "name": pool.name,
        "region": pool.region,
        "hardware": pool.hardware,
        "servers_min": float(servers.min()) if limited else None,
        "servers_max": float(servers.max()) if limited else None,
        "target_utilisation": pool.target_utilisation,
    }


def _workload(work: Workload, instance: Instance, index: int) -> dict[str, Any]:
    counts = instance.requests[index].sum(axis=0)
    return {
        "name": work.name,
        "variants": [v.name for v in work.variants],
        "slo_ms": work.slo_ms,
        "slo_mode": None if work.slo_ms is None else work.slo_mode,
        "slo_limit": work.max_violation if work.slo_mode == "hard" else work.slo_budget,
        "slack_periods": work.slack_periods,
        "allowed_regions": None if work.allowed_regions is None else list(work.allowed_regions),
        "splittable": work.splittable,
        "requests": int(counts.sum()),
        "requests_per_period_max": int(counts.max()),
    }


def _rules(instance: Instance) -> list[str]:
    """The optional rules that the instance uses, in words."""
    given = {
        "lateness up to {} periods": instance.grace_periods or None,
        "misses priced at {}": instance.weights.miss_weight,
        "fleet limit (M3b)": instance.fleet_limit is not None,
        "hour map (M10)": instance.hour_map is not None,
        "SLO budgets (M11)": any(w.slo_budget is not None for w in instance.workloads),
        "carbon at most {} kg (M12)": instance.caps.carbon_kg,
        "cost at most {} USD (M12)": instance.caps.cost_usd,
        "energy at most {} kWh (M12)": instance.caps.energy_kwh,
        "network energy (O4)": instance.network_kwh_per_gb is not None,
        "electricity prices (O7)": instance.price_usd_per_kwh is not None,
        "recorded forecasts": instance.vintages is not None,
        "request log": instance.request_log is not None,
    }
    return [text.format(value) for text, value in given.items() if value is not None and value is not False]


def as_text(found: Mapping[str, Any]) -> str:
    """The summary for people."""
    parts = [
        _heading(found),
        _regions(found["regions"]),
        _pools(found["pools"]),
        _workloads(found["workloads"]),
        "rules: " + ("; ".join(found["rules"]) or "none beyond the basic ones"),
        "\n".join(f"note: {note}" for note in found["notes"]),
    ]
    return "\n\n".join(part for part in parts if part)


def _heading(found: Mapping[str, Any]) -> str:
    name, sha256 = found["instance"]["name"], found["instance"]["sha256"][:12]
    demand = f"{_many(found['requests'], 'request')} from {_many(len(found['origins']), 'origin')}"
    held = f"{demand}, {_many(found['jobs'], 'job')}, {_many(found['options'], 'option')}"
    span = f"{_many(found['periods'], 'period')} of {found['step_minutes']} minutes"
    fleet = "servers switched on and off" if found["provisioning"] else "idle servers cost nothing"
    return "\n".join(
        (
            f"{name} ({sha256})",
            f"{found['start']} to {found['end']}: {span}",
            f"{held}; {fleet}; carbon: {', '.join(found['carbon_kind'])}",
        )
    )


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _regions(regions: list[dict[str, Any]]) -> str:
    keys = [f"carbon_intensity_g_per_kwh_{x}" for x in ("min", "mean", "max")]
    rows = [[r["name"], r["grid_zone"], f"{r['pue']:g}", *(number(r[k], 4) for k in keys)] for r in regions]
    return table(("region", "zone", "PUE", "min g/kWh", "mean", "max"), rows)


def _pools(pools: list[dict[str, Any]]) -> str:
    rows = [[p["name"], p["region"], p["hardware"], _servers(p), f"{p['target_utilisation']:g}"] for p in pools]
    return table(("pool", "region", "hardware", "servers", "utilisation"), rows)


def _servers(pool: Mapping[str, Any]) -> str:
    low, high = pool["servers_min"], pool["servers_max"]
    if low is None:
        return "no limit"
    return f"{low:g}" if low == high else f"{low:g}-{high:g}"


def _workloads(works: list[dict[str, Any]]) -> str:
    header = ("workload", "requests", "peak", "SLO", "slack", "regions", "variants")
    return table(header, [_workload_row(w) for w in works])


def _workload_row(work: Mapping[str, Any]) -> list[str]:
    allowed = work["allowed_regions"]
    slack = str(work["slack_periods"])
    return [
        work["name"],
        f"{work['requests']:,}",
        f"{work['requests_per_period_max']:,}",
        _slo(work),
        slack if work["splittable"] else f"{slack} (unsplittable)",
        "any" if allowed is None else ",".join(allowed),
        ",".join(work["variants"]),
    ]


def _slo(work: Mapping[str, Any]) -> str:
    if work["slo_ms"] is None:
        return "none"
    limit = "" if work["slo_limit"] is None else f" {share(work['slo_limit'])}"
    return f"{work['slo_ms']:g} ms {work['slo_mode']}{limit}"
