"""(M2)-(M5), (M3b): what servers offer, how many there are, what starting them takes."""

import numpy as np

from models.draft import Draft
from planner.errors import InvalidInput


def capacity(draft: Draft) -> None:
    """(M2), (M3): the load of a pool and period fits its servers, which are y under provisioning and N without.

    Rows count servers, not server-seconds, so that their coefficients lie near 1.
    """
    instance = draft.instance
    column, cell, seconds = draft.joined_load()
    servers = seconds / np.repeat(draft.options.server_capacity, instance.periods)[cell]
    available = instance.servers.ravel()
    if not instance.provisioning:
        limited = np.isfinite(available[cell])
        draft.add_rows("M2", cell[limited], column[limited], servers[limited], upper=available)
        return
    account = draft.options.active
    y = draft.add_columns("y", available, price=account.price.ravel(), whole=np.arange(len(available)))  # (M3)
    draft.takes.append((y, _taken(draft, "active")))
    draft.add_rows(
        "M2",
        np.concatenate([cell, np.arange(len(y))]),
        np.concatenate([column, y]),
        np.concatenate([servers, -np.ones(len(y))]),
        upper=np.zeros(len(y)),
    )


def fleet(draft: Draft) -> None:
    """(M3b): all pools together have at most K[t] active servers."""
    limit = draft.instance.fleet_limit
    if limit is None:
        return
    if not draft.instance.provisioning:
        raise InvalidInput("/fleet_limit", "a limit without provisioning", "provisioning, or no limit")
    y = draft.numbers["y"]
    draft.add_rows("M3b", np.arange(len(y)) % draft.instance.periods, y, np.ones(len(y)), upper=limit)


def startup(draft: Draft) -> None:
    """(M4): u[p,t] >= y[p,t] - y[p,t-1]; without a price or a minimum up-time nobody asks for u."""
    instance = draft.instance
    if not instance.provisioning or not (_startup_matters(draft) or _uptime_matters(draft)):
        return
    y, periods = draft.numbers["y"], instance.periods
    price = draft.options.startup.price.ravel()
    paid = np.flatnonzero(price < 0)  # only a tariff that pays for starts makes them fractional
    u = draft.add_columns("u", instance.servers.ravel(), price=price, whole=paid)
    draft.takes.append((u, _taken(draft, "startup")))
    cell = np.arange(len(y))
    later = cell % periods > 0
    initial = np.zeros(len(y))
    initial[~later] = [-p.initial_servers for p in instance.pools]
    draft.add_rows(
        "M4",
        np.concatenate([cell, cell, cell[later]]),
        np.concatenate([u, y, y[cell[later] - 1]]),
        np.concatenate([np.ones(len(y)), -np.ones(len(y)), np.ones(int(later.sum()))]),
        lower=initial,
    )


def minimum_uptime(draft: Draft) -> None:
    """(M5): what was started in the last `min_uptime` periods is still on."""
    instance = draft.instance
    if not (instance.provisioning and _uptime_matters(draft)):
        return
    u, y, periods = draft.numbers["u"], draft.numbers["y"], instance.periods
    triples = []
    for p, pool in enumerate(instance.pools):
        if pool.min_uptime_periods <= 1:
            continue
        cells = p * periods + np.arange(periods)
        triples.append((cells, y[cells], -np.ones(periods)))
        reach = range(min(pool.min_uptime_periods, periods))
        triples += [(cells[k:], u[cells[k:] - k], np.ones(periods - k)) for k in reach]
    row, column, coefficient = (np.concatenate([t[i] for t in triples]) for i in range(3))
    draft.add_rows("M5", row.astype(np.int64), column.astype(np.int64), coefficient, upper=np.zeros(len(y)))


def _startup_matters(draft: Draft) -> bool:
    return bool((draft.options.startup.energy > 0).any())


def _uptime_matters(draft: Draft) -> bool:
    return any(p.min_uptime_periods > 1 for p in draft.instance.pools)


def _taken(draft: Draft, what: str) -> dict[str, np.ndarray]:
    account = getattr(draft.options, what)
    return {"carbon_kg": account.carbon.ravel(), "energy_kwh": account.energy.ravel(), "cost_usd": account.cost.ravel()}
