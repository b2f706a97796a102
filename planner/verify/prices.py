"""What the Lagrangian (MODEL.md 6) charges for energy, servers and start-ups; every price is rounded down."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.domain.results import Cut, Multipliers
from planner.verify.rounding import ROUNDOFF, Term, lowered_sum
from planner.verify.site import Site
from planner.verify.stretches import Stretch

FAR = 1e100  # sums of prices up to here stay finite


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Of the T periods that a stretch prices.

    `energy` (R,T) per kWh at the meter, `network` (R,T) per kWh moved, `seconds` (P,T) per server-second of load,
    `active` and `startup` (P,T) per server, `violation` (W,) multiplier of a request that breaks its SLO (M11).
    """

    stretch: Stretch
    energy: Floats
    network: Floats
    seconds: Floats
    active: Floats
    startup: Floats
    violation: Floats


def priced(site: Site, multipliers: Multipliers, stretch: Stretch) -> Prices:
    """Objective weights and multipliers as prices; a multiplier of a limit that the instance lacks counts nothing."""
    nu = live_caps(site, multipliers)
    grid = site.instance.carbon_intensity_g_per_kwh[:, stretch.priced] / 1e3
    tariff = site.tariff[:, stretch.priced]
    energy = lowered_sum(*_carbon(site, nu, grid), *_money(site, nu, tariff), (nu["energy_kwh"],))
    return Prices(
        stretch=stretch,
        energy=energy,
        network=lowered_sum(*_carbon(site, nu, grid)),
        seconds=multipliers.capacity[:, stretch.priced],
        active=_active(site, multipliers, nu, energy, stretch.priced),
        startup=_startup(site, energy),
        violation=live_slo(site, multipliers),
    )


def live_caps(site: Site, multipliers: Multipliers) -> dict[str, float]:
    """Multipliers of the caps (M12) that the instance has; 0 for the others."""
    caps = site.instance.caps
    names = ("carbon_kg", "cost_usd", "energy_kwh")
    return {n: multipliers.caps.get(n, 0.0) if getattr(caps, n) is not None else 0.0 for n in names}


def live_slo(site: Site, multipliers: Multipliers) -> Floats:
    """(W,) multipliers of the SLO budgets (M11) that the instance has; 0 for the others."""
    return np.where([w.slo_budget is not None for w in site.instance.workloads], multipliers.slo, 0.0)


def live_fleet(site: Site, multipliers: Multipliers) -> Floats | None:
    """Multipliers of (M3b), None where there is no such limit."""
    return None if site.instance.fleet_limit is None or not site.instance.provisioning else multipliers.fleet


def live_cuts(site: Site, multipliers: Multipliers) -> tuple[Cut, ...]:
    """Cuts that count: servers are whole under provisioning only (C1)."""
    return tuple(c for c in multipliers.cuts if c.multiplier > 0) if site.instance.provisioning else ()


def live_batches(site: Site, multipliers: Multipliers) -> Floats | None:
    """(W,O,T) prices (M1) of the batches that may not be split, 0 for the others; None where none are given.

    Those beyond `FAR` are moved there: any price proves a bound.
    """
    if multipliers.batches is None:
        return None
    return np.where(site.whole[:, None, None], np.clip(multipliers.batches, -FAR, FAR), 0.0)


def pools_of(site: Site, cut: Cut) -> Ints:
    """Indices of the pools in a cut's regions."""
    return np.flatnonzero(np.isin(site.region, cut.regions))


def _carbon(site: Site, nu: dict[str, float], kg: Floats) -> list[Term]:
    """Terms that price some carbon: by itself, by its cap and through the carbon price in the cost."""
    weights = site.instance.weights
    per_kg = weights.carbon_price_usd_per_kg
    return [(weights.alpha, kg), (nu["carbon_kg"], kg), (weights.gamma, per_kg, kg), (nu["cost_usd"], per_kg, kg)]


def _money(site: Site, nu: dict[str, float], usd: Floats) -> list[Term]:
    return [(site.instance.weights.gamma, usd), (nu["cost_usd"], usd)]


def _active(site: Site, multipliers: Multipliers, nu: dict[str, float], energy: Floats, at: slice) -> Floats:
    """(P,T) an active server: idle energy, embodied carbon, rent, fleet; less what capacity and cuts earn it."""
    pools, step = site.instance.pools, site.instance.step_hours
    idle = np.array([[p.idle_w] for p in pools]) * step / 1e3
    embodied = np.array([[p.embodied_g_per_server_hour] for p in pools]) * step / 1e3
    rent = np.array([[p.price_usd_per_server_hour] for p in pools]) * step
    fleet = live_fleet(site, multipliers)
    return lowered_sum(
        (idle, site.pue[:, None], energy[site.region]),
        *_carbon(site, nu, embodied),
        *_money(site, nu, rent),
        (np.zeros(1) if fleet is None else fleet[at],),
        (-site.seconds_per_server[:, None], multipliers.capacity[:, at]),
        (-_cut_credit(site, live_cuts(site, multipliers), at),),
    )


def _startup(site: Site, energy: Floats) -> Floats:
    kwh = np.array([[p.startup_wh] for p in site.instance.pools]) / 1e3
    return lowered_sum((kwh, site.pue[:, None], energy[site.region]))


def _cut_credit(site: Site, cuts: tuple[Cut, ...], at: slice) -> Floats:
    """(P,T) multipliers of the cuts that cover a server, rounded up."""
    credit = np.zeros((len(site.region), at.stop - at.start))
    for cut in cuts:
        credit[pools_of(site, cut), max(cut.first - at.start, 0) : max(cut.last + 1 - at.start, 0)] += cut.multiplier
    return credit * (1 + ROUNDOFF * (len(cuts) + 1))
