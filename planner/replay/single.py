"""Policies that route every request on its own, seeing what it will turn out to be."""

from time import perf_counter
from typing import Protocol, runtime_checkable

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.domain.options import Options
from planner.domain.protocols import HourView, Policy
from planner.errors import PolicyError
from planner.replay.backlog import Backlog
from planner.replay.dispatch import Dispatch
from planner.replay.draws import Draws, ServiceTimes
from planner.replay.fleet import Fleet
from planner.replay.present import Present
from planner.replay.stream import Stream


@runtime_checkable
class RequestPolicy(Policy, Protocol):
    """Routes single requests in the hour of their release; only a request-level replay can ask it."""

    def choose(self, view: HourView, row: Ints, service_ms: Floats) -> Ints:
        """(n,) route of each request: `row` (n,) is its waiting batch, `service_ms` (n,K) its service on each route."""
        ...


def one_by_one(account: Options, stream: Stream, chance: Draws, player: RequestPolicy) -> tuple[Dispatch, float]:
    """Where each request goes, and the seconds of deciding; it is served in the period of its release.

    PolicyError: the instance has jobs or asks how many servers to run, or a route does not exist (M0).
    """
    instance = account.instance
    name = type(player).__name__
    if instance.jobs or instance.provisioning:
        other = "jobs" if instance.jobs else "servers to switch"
        raise PolicyError(f"policy {name} routes single requests; {instance.name} has {other}")
    backlog, present, fleet = Backlog(instance), Present(account, None), Fleet(account)
    times = ServiceTimes.of(instance, account.routes)
    ends = np.searchsorted(stream.release, np.arange(instance.periods + 1))
    routes, seconds = [], 0.0
    for period in range(instance.periods):
        rows = slice(ends[period], ends[period + 1])
        waiting = backlog.waiting(period)
        view = present.view(period, waiting, fleet)
        row = _rows(backlog.batch[waiting.batch], stream.batch[rows])
        service = times.realised(np.arange(len(account.routes)), chance.deviation[rows, None])
        begin = perf_counter()
        chosen = player.choose(view, row, service)
        seconds += perf_counter() - begin
        _require_routes(view, row, chosen, f"policy {name}, hour {period}")
        backlog.serve(waiting.batch, waiting.left)
        routes.append(chosen)
    return Dispatch(np.concatenate(routes), stream.release.copy()), seconds


def _rows(waiting: Ints, batch: Ints) -> Ints:
    """(n,) the waiting row of each request's batch."""
    order = np.argsort(waiting)
    return np.asarray(order[np.searchsorted(waiting, batch, sorter=order)])


def _require_routes(view: HourView, row: Ints, route: Ints, where: str) -> None:
    if route.shape != row.shape or route.dtype.kind != "i" or ((route < 0) | (route >= len(view.routes))).any():
        raise PolicyError(f"{where}: a route for each of {len(row)} requests is expected")
    wrong = view.routes.workload[route] != view.waiting.workload[row]
    wrong |= ~view.routes.feasible[view.waiting.origin[row], route]
    if wrong.any():
        raise PolicyError(f"{where}: request {int(wrong.argmax())} on a route that it cannot take (M0)")
