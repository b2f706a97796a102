"""Checks what a policy answers against what it was shown."""

from collections.abc import Callable

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.protocols import Decision, HourView
from planner.domain.results import FEASIBILITY
from planner.errors import PolicyError

SHARE = 1e-9  # rounding allowed in a share
Name = Callable[[int], str]


def obeyed(view: HourView, decision: Decision, name: Name) -> Decision:
    """The decision as clean columns without empty shares; `name` tells a row's batch. PolicyError: it breaks a rule."""
    row, route, share = _columns(decision)
    _refuse(~np.isfinite(share), row, name, "a share that is not a number")
    _refuse(share < 0, row, name, "a negative share")
    kept = share > 0
    row, route, share = row[kept], route[kept], share[kept]
    _check_routes(view, row, route, name)
    _check_shares(view, row, share, name)
    load = np.zeros(len(view.pool_names))
    np.add.at(load, view.routes.pool[route], view.load(row, route, share))
    _check_capacity(view, load)
    servers = None if decision.servers is None else _servers(view, np.asarray(decision.servers, dtype=np.float64), load)
    return Decision(row=row, route=route, share=share, servers=servers)


def _columns(decision: Decision) -> tuple[Ints, Ints, Floats]:
    if not isinstance(decision, Decision):
        raise PolicyError(f"answered {type(decision).__name__}, not a Decision")
    row, route, share = (np.atleast_1d(np.asarray(x)) for x in (decision.row, decision.route, decision.share))
    if not row.shape == route.shape == share.shape or row.ndim != 1:
        raise PolicyError(f"row, route and share differ in shape: {row.shape}, {route.shape}, {share.shape}")
    if row.size and not (row.dtype.kind in "iu" and route.dtype.kind in "iu" and share.dtype.kind in "fiu"):
        raise PolicyError(f"row and route must be whole, share a number: {row.dtype}, {route.dtype}, {share.dtype}")
    return row.astype(np.int64), route.astype(np.int64), share.astype(np.float64)


def _check_routes(view: HourView, row: Ints, route: Ints, name: Name) -> None:
    """(M0): only options that exist."""
    if row.size and (row.min() < 0 or row.max() >= len(view.waiting)):
        raise PolicyError(f"row {row.max() if row.min() >= 0 else row.min()} of {len(view.waiting)} waiting batches")
    _refuse((route < 0) | (route >= len(view.routes)), row, name, f"a route outside 0..{len(view.routes) - 1}")
    _refuse(view.routes.workload[route] != view.waiting.workload[row], row, name, "a route of another workload")
    feasible = view.routes.feasible[view.waiting.origin[row], route]
    _refuse(~feasible, row, name, "a route that its SLO or residency forbids (M0)")


def _check_shares(view: HourView, row: Ints, share: Floats, name: Name) -> None:
    """(M1) no more than is left; unsplittable batches whole, jobs one part a period, on one route (M0)."""
    served = np.bincount(row, share, len(view.waiting))
    _refuse((served > view.waiting.left + SHARE)[row], row, name, "more than is left of it (M1)")
    unit = view.waiting.share_unit[row]
    _refuse((unit > 0) & (np.abs(share - unit) > SHARE), row, name, "a part of what cannot be split (M0)")
    twice = (np.bincount(row, minlength=len(view.waiting)) > 1)[row]
    _refuse((unit > 0) & twice, row, name, "several routes for what cannot be split (M0)")


def _check_capacity(view: HourView, load: Floats) -> None:
    """(M2), with the tolerance of MODEL.md 7."""
    over = load - view.free_server_seconds
    room = np.where(np.isfinite(view.servers_available), view.servers_available * view.server_capacity, 0.0)
    for p in np.flatnonzero(over > FEASIBILITY * np.maximum(1.0, room)):
        free = view.free_server_seconds[p]
        raise PolicyError(f"pool {view.pool_names[p]}: {load[p]:.9g} server-seconds where {free:.9g} are free (M2)")


def _servers(view: HourView, servers: Floats, load: Floats) -> Floats:
    """The servers it asks for: whole, enough for load and running jobs, no more than there are (M2), (M3), (M5)."""
    if servers.shape != view.servers_available.shape or not np.isfinite(servers).all():
        raise PolicyError(f"servers must be {len(view.pool_names)} finite numbers, one a pool")
    held = view.servers_available * view.server_capacity - view.free_server_seconds
    offered = servers * view.server_capacity
    lacking = held + load - offered > FEASIBILITY * np.maximum(1.0, offered)
    for fault, wrong in (
        ("not whole", servers != np.round(servers)),
        ("more than there are (M3)", servers > view.servers_available),
        ("fewer than must stay on (M5)", servers < view.servers_kept),
        ("too few for the load (M2)", lacking),
    ):
        for p in np.flatnonzero(wrong):
            raise PolicyError(f"pool {view.pool_names[p]}: {servers[p]:g} servers: {fault}")
    return servers


def _refuse(wrong: Bools, row: Ints, name: Name, fault: str) -> None:
    if wrong.any():
        raise PolicyError(f"{name(int(row[np.argmax(wrong)]))}: {fault}")
