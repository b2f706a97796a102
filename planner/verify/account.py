"""The exact objective of a plan and its parts (MODEL.md 4)."""

import math

import numpy as np

from planner.domain.instance import Floats
from planner.domain.results import Objective
from planner.verify.ledger import Ledger
from planner.verify.site import Site
from planner.verify.sums import total


def value(site: Site, ledger: Ledger) -> Objective:
    """Price the ledger."""
    instance, weights = site.instance, site.instance.weights
    dynamic, standing = _dynamic_kwh(site, ledger), _standing_kwh(site, ledger)
    rent = np.array([p.price_usd_per_server_hour for p in instance.pools])[:, None]
    emitted = {part: total(kg) for part, kg in emissions(site, ledger).items()}
    carbon = math.fsum(emitted.values())
    bill = total((dynamic + standing) * site.tariff[site.region]) + total(_server_hours(site, ledger) * rent)
    cost = bill + weights.carbon_price_usd_per_kg * carbon  # (O7)
    sla = _sla(site, ledger)
    requests, missed = total(ledger.requests), total(ledger.missed)
    return Objective(
        total=weights.alpha * carbon + weights.beta * sla + weights.gamma * cost,
        carbon_kg=carbon,
        sla=sla,
        cost_usd=cost,
        energy_kwh=total(dynamic) + total(standing),
        parts={**emitted, "O6": sla, "O7": cost},
        sci_g_per_request=_per_request(1e3 * carbon, requests - missed),
        requests=requests,
        slo_violations=total(ledger.violations),
        missed=missed,
        late=total(ledger.late),
    )


def emissions(site: Site, ledger: Ledger) -> dict[str, Floats]:
    """Carbon (kg) by part of the objective, as tables of which the last axis is the period."""
    instance = site.instance
    grid = instance.carbon_intensity_g_per_kwh / 1e3
    embodied = np.array([p.embodied_g_per_server_hour for p in instance.pools])[:, None] / 1e3
    return {
        "O1": _dynamic_kwh(site, ledger) * grid[site.region],
        "O2": _standing_kwh(site, ledger) * grid[site.region],
        "O4": ledger.network_kwh * grid,
        "O5": _server_hours(site, ledger) * embodied,
    }


def _server_hours(site: Site, ledger: Ledger) -> Floats:
    return ledger.servers * site.instance.step_hours


def _dynamic_kwh(site: Site, ledger: Ledger) -> Floats:
    """(P,T) energy of requests at the meter (O1)."""
    return ledger.request_kwh * site.pue[:, None]


def _standing_kwh(site: Site, ledger: Ledger) -> Floats:
    """(P,T) idle and start-up energy at the meter (O2)."""
    pools, step = site.instance.pools, site.instance.step_hours
    idle = np.array([p.idle_w for p in pools])[:, None] * step * ledger.servers
    startup = np.array([p.startup_wh for p in pools])[:, None] * ledger.started
    return np.asarray((idle + startup) / 1e3 * site.pue[:, None])


def _sla(site: Site, ledger: Ledger) -> float:
    """(O6): violations on time where they are priced, request-hours late, misses."""
    weights = site.instance.weights
    priced = np.array([w.slo_mode == "priced" for w in site.instance.workloads])
    return math.fsum(
        (
            weights.violation_weight * total(ledger.violations[priced]),
            weights.tardiness_weight * ledger.request_hours_late,
            (weights.miss_weight or 0.0) * total(ledger.missed),
        )
    )


def _per_request(grams: float, served: float) -> float:
    """Software Carbon Intensity; servers that serve nobody emit without end per request."""
    if served > 0:
        return grams / served
    return math.inf if grams > 0 else 0.0
