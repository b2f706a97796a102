"""(M3), (M3b), (M4), (M5) and (M0) of servers: how many are active and what starting them obeys."""

from collections.abc import Callable, Iterator

import numpy as np

from planner.domain.instance import Bools, Floats
from planner.domain.plan import Plan
from planner.domain.results import FEASIBILITY, INTEGRALITY, Violation
from planner.verify.served import sane
from planner.verify.site import Site
from planner.verify.words import hour, listed, pool_hour

PRESENCE = {"servers": "M3", "started": "M4"}


def usable(site: Site, plan: Plan) -> Plan:
    """The plan without servers or start-ups that cannot be evaluated; `server_rules` has told why."""
    shape = site.instance.servers.shape
    return plan.replace(**{n: _sound(site, getattr(plan, n), shape) for n in PRESENCE})


def _sound(site: Site, table: Floats | None, shape: tuple[int, ...]) -> Floats | None:
    if table is None or not site.instance.provisioning or table.shape != shape:
        return None
    return table if sane(table).all() else None


def server_rules(site: Site, plan: Plan) -> Iterator[Violation]:
    """Every rule on servers and start-ups of the plan as it was given."""
    for name, rule in PRESENCE.items():
        yield from _presence(site, name, rule, getattr(plan, name))
    fit = usable(site, plan)
    if fit.servers is None:
        return
    yield from _available(site, "active", fit.servers)
    yield from _fleet(site, fit.servers)
    if fit.started is not None:
        yield from _available(site, "started", fit.started)
        yield from _startups(site, fit.servers, fit.started)
        yield from _uptime(site, fit.servers, fit.started)


def _presence(site: Site, name: str, rule: str, table: Floats | None) -> Iterator[Violation]:
    """Given under provisioning only, of the right shape, whole and non-negative."""
    if (table is not None) != site.instance.provisioning:
        message = "missing under provisioning" if table is None else "given without provisioning"
        yield Violation(rule, name, message, 1.0)
    elif table is not None and table.shape != site.instance.servers.shape:
        yield Violation("M0", name, f"shape {table.shape}, expected {site.instance.servers.shape}", 1.0)
    elif table is not None:
        yield from _whole(site, name, table)


def _whole(site: Site, name: str, table: Floats) -> Iterator[Violation]:
    off = np.full(table.shape, np.inf)
    finite = sane(table)
    off[finite] = np.maximum(np.abs(table[finite] - np.round(table[finite])), -table[finite])
    return _cells(site, "M0", off > INTEGRALITY, off, lambda p, t: f"{name} {table[p, t]:g} is not a whole number >= 0")


def _available(site: Site, what: str, servers: Floats) -> Iterator[Violation]:
    """(M3); nor can more be started than there are."""
    limit = site.instance.servers
    excess = servers - limit
    broken = excess > FEASIBILITY * np.maximum(1.0, limit)
    return _cells(site, "M3", broken, excess, lambda p, t: f"{servers[p, t]:g} {what}, {limit[p, t]:g} available")


def _fleet(site: Site, servers: Floats) -> Iterator[Violation]:
    """(M3b)."""
    limit = site.instance.fleet_limit
    if limit is None:
        return iter(())
    active = servers.sum(axis=0)
    excess = active - limit

    def describe(t: int) -> tuple[str, str, float]:
        return hour(site.instance, t), f"{active[t]:g} active in all pools, limit {limit[t]:g}", float(excess[t])

    return listed("M3b", np.flatnonzero(excess > FEASIBILITY * np.maximum(1.0, limit)), describe)


def _startups(site: Site, servers: Floats, started: Floats) -> Iterator[Violation]:
    """(M4)."""
    initial = np.array([[p.initial_servers] for p in site.instance.pools], dtype=np.float64)
    rise = np.diff(servers, axis=1, prepend=initial)
    excess = rise - started
    broken = excess > FEASIBILITY * np.maximum(1.0, np.abs(rise))
    return _cells(
        site, "M4", broken, excess, lambda p, t: f"{started[p, t]:g} started, {rise[p, t]:g} more than before"
    )


def _uptime(site: Site, servers: Floats, started: Floats) -> Iterator[Violation]:
    """(M5): what was started in the last `min_uptime_periods`, this one included, is active."""
    pools = zip(started, site.instance.pools, strict=True)
    recent = np.array([np.convolve(u, np.ones(p.min_uptime_periods))[: len(u)] for u, p in pools])
    given = np.array([[p.min_uptime_periods > 1] for p in site.instance.pools])
    excess = np.where(given, recent - servers, 0.0)
    broken = excess > FEASIBILITY * np.maximum(1.0, np.abs(servers))
    return _cells(site, "M5", broken, excess, lambda p, t: f"{servers[p, t]:g} active, {recent[p, t]:g} just started")


def _cells(
    site: Site, rule: str, broken: Bools, excess: Floats, message: Callable[[int, int], str]
) -> Iterator[Violation]:
    periods = site.instance.periods

    def describe(i: int) -> tuple[str, str, float]:
        p, t = divmod(i, periods)
        return pool_hour(site.instance, p, t), message(p, t), float(excess[p, t])

    return listed(rule, np.flatnonzero(broken), describe)
