"""Do what a plan says as far as it fits, and what is due besides."""

from dataclasses import fields, replace

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.protocols import Decision, HourView, Waiting
from planner.domain.servers import servers_needed
from planner.policies.deadlines import latest_start
from planner.policies.due_first import due_first
from planner.policies.fill import EMPTY, fill
from planner.policies.lacking import lacking
from planner.policies.room import Room

Pieces = tuple[Ints, Ints, Floats]  # row, route, share


def carry_out(
    view: HourView, planned: Pieces, servers: Floats | None, score: Floats, must: Bools | None = None
) -> Decision:
    """Serve the planned pieces as far as there is room, then what else is due or `must` (n,) go, by `score` (O,K).

    Where that would leave out some of what is due, due work goes first and the plan takes what room is left.
    `servers` (P,) are kept on where they are more than the load needs.
    """
    decision, due = _carried(view, planned, score, must), latest_start(view.waiting) <= view.period
    left_out = lacking(view, decision, due)
    if left_out > 0:

        def later(rest: HourView, kept: Ints) -> Decision:
            return _carried(rest, _of_rows(planned, kept), score, None if must is None else must[kept])

        other = due_first(view, score, due, later)
        decision = other if lacking(view, other, due) < left_out else decision
    row, route, share = decision.row, decision.route, decision.share
    return Decision(row, route, share, None if servers is None else _servers(view, row, route, share, servers))


def _carried(view: HourView, planned: Pieces, score: Floats, must: Bools | None) -> Decision:
    room = Room(view)
    row, route, share = _placed(view, room, planned)
    served = np.bincount(row, share, len(view.waiting)).astype(np.float64)
    later = (view.waiting.left - served > EMPTY) & ((served == 0) | (view.waiting.share_unit == 0))
    rows = np.flatnonzero(later)
    rest = replace(
        view,
        waiting=_remaining(view.waiting, rows, served),
        free_server_seconds=np.maximum(view.free_server_seconds - room.taken, 0.0),
    )
    due = fill(rest, score, np.zeros(len(rows), dtype=np.bool_) if must is None else must[rows])
    row = np.concatenate([row, rows[due.row]])
    return Decision(row, np.concatenate([route, due.route]), np.concatenate([share, due.share]))


def _of_rows(planned: Pieces, rows: Ints) -> Pieces:
    """The pieces of some rows, in ascending order, numbered by their place among them."""
    row, route, share = planned
    kept = np.isin(row, rows)
    return np.searchsorted(rows, row[kept]), route[kept], share[kept]


def _placed(view: HourView, room: Room, planned: Pieces) -> Pieces:
    """The pieces in order, each as far as its pool has room; what cannot be split whole or not at all."""
    row, route, share = planned[0], planned[1], planned[2].copy()
    pool, load = view.routes.pool[route].tolist(), view.load(row, route, share).tolist()
    whole = (view.waiting.share_unit[row] > 0).tolist()
    for i, (of, size) in enumerate(zip(pool, load, strict=True)):
        part = room.part(of, size)
        if part < 1:
            part = 0.0 if whole[i] else part
            share[i] *= part
        room.put(of, part * size)
    kept = share > EMPTY
    return row[kept], route[kept], share[kept]


def _remaining(waiting: Waiting, rows: Ints, served: Floats) -> Waiting:
    columns = {f.name: getattr(waiting, f.name)[rows] for f in fields(waiting)}
    return Waiting(**(columns | {"left": (waiting.left - served)[rows]}))


def _servers(view: HourView, row: Ints, route: Ints, share: Floats, planned: Floats) -> Floats:
    """(P,) whole servers: the planned ones, at least what load and rules need (M2), (M5), within (M3) and (M3b)."""
    load = view.servers_available * view.server_capacity - view.free_server_seconds
    np.add.at(load, view.routes.pool[route], view.load(row, route, share))
    least = np.maximum(view.servers_kept, servers_needed(load, view.server_capacity))
    asked = np.minimum(np.maximum(least, planned), view.servers_available)
    return np.asarray(asked if asked.sum() <= view.fleet_limit else least)
