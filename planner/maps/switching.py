"""The cheapest sequence of regions with few switches and long stays: an exact dynamic programme (MODEL.md 9)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.domain.instance import Floats, Ints
from planner.errors import Infeasible, UsageError


def cheapest_path(cost: Floats, *, max_switches: int | None = None, min_dwell: int = 1) -> Ints:
    """(R,T) cost of each region in each period, infinite where it may not be -> (T,) region indices, (M10).

    At most `max_switches` changes of region (None: any number); every stay but the last lasts at least `min_dwell`
    periods. Of equally cheap sequences the one whose first difference names the earlier region. Takes time
    R T (switches + 1) and a bit of memory for each of these. Raises Infeasible where no sequence exists.
    """
    if min_dwell < 1 or (max_switches is not None and max_switches < 0):
        raise UsageError(f"max_switches={max_switches}, min_dwell={min_dwell}: at least 0 and 1 are needed")
    _refuse_closed_periods(cost)
    dwell = min(min_dwell, cost.shape[1])
    possible = -(-cost.shape[1] // dwell) - 1  # more switches than this the horizon does not hold
    limit = None if max_switches is None or max_switches >= possible else max_switches
    if limit is None and dwell == 1:
        return np.asarray(cost.argmin(axis=0))
    return _follow(_decide(_summable(cost), limit, dwell), dwell)


def _refuse_closed_periods(cost: Floats) -> None:
    closed = np.flatnonzero(np.isinf(cost).all(axis=0))
    if len(closed):
        raise Infeasible((f"hour map (M10): no region is allowed in {len(closed)} periods, the first {closed[0]}",))


def _summable(cost: Floats) -> Floats:
    """The costs on a grid (2^-51 of the dearest path) on which every sum of them is exact: equal paths tie exactly."""
    dearest = np.abs(np.where(np.isfinite(cost), cost, 0.0)).max(axis=0).sum()
    unit = np.ldexp(1.0, int(np.frexp(dearest)[1]) - 51)
    return np.asarray(np.round(cost / unit) * unit)


def _stay_costs(cost: Floats, dwell: int) -> Floats:
    """(R,T) cost of staying `dwell` periods from each on, cut by the horizon."""
    periods = cost.shape[1]
    first = np.arange(periods)
    stop = np.minimum(first + dwell, periods)

    def window(values: Floats) -> Floats:
        total = np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))
        return total[:, stop] - total[:, first]

    closed = np.isinf(cost)
    return np.where(window(closed.astype(np.float64)) > 0, np.inf, window(np.where(closed, 0.0, cost)))


@dataclass(frozen=True, slots=True, eq=False)
class _Decisions:
    """What to do in a period whose stay is long enough to end, by switches left (L) and region: `leaves` (T,L,R/8) as
    packed bits, `target` (T,L) where to. `start` is the region of period 0."""

    start: int
    leaves: NDArray[np.uint8]
    target: NDArray[np.int16]

    def leave(self, period: int, left: int, region: int) -> bool:
        return bool(self.leaves[period, left, region // 8] >> (7 - region % 8) & 1)


def _decide(cost: Floats, limit: int | None, dwell: int) -> _Decisions:
    """Backwards in time: the cost to go of being free to leave a region, with each number of switches left."""
    regions, periods = cost.shape
    levels = 1 if limit is None else limit + 1
    stay = _stay_costs(cost, dwell)
    free = np.zeros((dwell + 1, levels, regions))  # a ring: periods t+1 .. t+dwell are all that period t needs
    leaves = np.zeros((periods, levels, -(-regions // 8)), dtype=np.uint8)
    target = np.zeros((periods, levels), dtype=np.int16)
    never = np.full((1, regions), np.inf)
    for t in range(periods - 1, -1, -1):
        entered = stay[:, t] + free[min(t + dwell, periods) % len(free)]
        after = entered if limit is None else np.concatenate([never, entered[:-1]])
        best, leaving = after.argmin(axis=1), after.min(axis=1)[:, None]
        keeping = cost[:, t] + free[(t + 1) % len(free)]
        earlier = best[:, None] < np.arange(regions)
        leaves[t] = np.packbits((leaving < keeping) | ((leaving == keeping) & earlier), axis=1)
        target[t] = best
        free[t % len(free)] = np.minimum(keeping, leaving)
    start = int(entered[-1].argmin())
    if np.isinf(entered[-1, start]):
        raise Infeasible((_no_path(limit, dwell),))
    return _Decisions(start, leaves, target)


def _no_path(limit: int | None, dwell: int) -> str:
    switches = "any number of" if limit is None else f"at most {limit}"
    return (
        f"hour map (M10): no sequence of allowed regions has {switches} switches and stays of {dwell} periods or more"
    )


def _follow(decisions: _Decisions, dwell: int) -> Ints:
    """Forwards in time: the path that the decisions make."""
    periods, levels, _ = decisions.leaves.shape
    path = np.empty(periods, dtype=np.int64)
    region, left, t = decisions.start, levels - 1, 0
    while t < periods:
        path[t : t + dwell] = region
        t += dwell
        while t < periods and not decisions.leave(t, left, region):
            path[t] = region
            t += 1
        if t < periods:
            region, left = int(decisions.target[t, left]), max(left - 1, 0)
    return path
