"""Due batches first, with all that pools offer; then a rule on the rest."""

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.protocols import Decision, HourView, Waiting
from planner.policies.fill import fill

Rule = Callable[[HourView, Ints], Decision]


def due_first(view: HourView, score: Floats, must: Bools, rule: Rule) -> Decision:
    """Serve the rows that `must` (n,) be served on their best routes by `score` (O,K), then the others by `rule`.

    The rule is given a view of what is left of batches and pools, and which rows these batches were.
    """
    kept = np.flatnonzero(~must)
    if len(kept) == len(must):
        return rule(view, kept)
    due = fill(view, score, must)
    free = view.free_server_seconds.copy()
    np.subtract.at(free, view.routes.pool[due.route], view.load(due.row, due.route, due.share))
    columns = {f.name: getattr(view.waiting, f.name)[kept] for f in fields(Waiting)}
    later = rule(replace(view, waiting=Waiting(**columns), free_server_seconds=np.maximum(free, 0.0)), kept)
    return Decision(
        row=np.concatenate([due.row, kept[later.row]]),
        route=np.concatenate([due.route, later.route]),
        share=np.concatenate([due.share, later.share]),
    )


def within(view: HourView, servers: Floats) -> HourView:
    """The view with no more than `servers` (P,) of each pool, less what these carry already."""
    limited = np.isfinite(view.servers_available)
    busy = np.zeros_like(view.free_server_seconds)
    offered = view.servers_available * view.server_capacity
    busy[limited] = offered[limited] - view.free_server_seconds[limited]
    available = np.minimum(np.maximum(servers, busy / view.server_capacity), view.servers_available)
    free = np.maximum(available * view.server_capacity - busy, 0.0)
    return replace(view, servers_available=available, free_server_seconds=free)
