"""The flat, columnar table of options (MODEL.md 1), made only for the batches a formulation asks for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.domain.instance import Bools, Floats, Instance, Ints
from planner.domain.options import Options, last_start


@dataclass(frozen=True, slots=True, eq=False)
class FlatOptions:
    """One row an option. A row's column counts *units*: a whole batch, or 1/length of an interruptible job.

    `unit` is the share that one unit serves; `price`, `violations` (V of (M11)) and `takes` are per unit; `seconds` are
    server-seconds per unit in each of the `span` periods from `period` on.
    """

    batch: Ints
    route: Ints
    period: Ints
    span: Ints
    unit: Floats
    price: Floats
    seconds: Floats
    violations: Floats
    carbon_kg: Floats
    energy_kwh: Floats
    cost_usd: Floats

    def __len__(self) -> int:
        return len(self.batch)


def flat_options(options: Options, chosen: Bools | None = None) -> FlatOptions:
    """Every option of the chosen batches (default: all), in (batch, route, period) order."""
    instance, site = options.instance, options.routes
    batches = instance.batches()
    wanted = np.arange(len(batches)) if chosen is None else np.flatnonzero(chosen)
    batch, route = _batch_routes(options, wanted)
    periods = np.maximum(last_start(batches, instance)[batch] - batches.release[batch] + 1, 0)
    first = np.repeat(np.cumsum(periods) - periods, periods)
    period = np.arange(len(first)) - first + np.repeat(batches.release[batch], periods)
    batch, route = np.repeat(batch, periods), np.repeat(route, periods)
    span = np.where(batches.contiguous[batch], batches.length[batch], 1)
    unit = np.where(batches.share_unit[batch] > 0, batches.share_unit[batch], 1.0)
    amount = batches.requests[batch] * unit
    origin, workload = batches.origin[batch], batches.workload[batch]
    late = np.maximum(period + span - 1 - batches.deadline[batch], 0)
    violation = site.violation[origin, route]
    moved = site.network_kwh[origin, route]

    def mean(table: Floats, row: Ints) -> Floats:
        return _mean_over_span(table, row, period, span)

    def taken(account: str) -> Floats:
        per_request = mean(getattr(options.request, account), route)
        return amount * (per_request + moved * mean(getattr(options.network, account), site.region[route]))

    sla = np.where(
        late > 0,
        instance.weights.beta * instance.weights.tardiness_weight * late * instance.step_hours,
        site.violation_price[workload] * violation,
    )  # (O6)
    return FlatOptions(
        batch=batch,
        route=route,
        period=period,
        span=span,
        unit=unit,
        price=taken("price") + amount * sla,
        seconds=amount * site.server_seconds[route] / span,
        violations=np.where(late > 0, 1.0, violation) * amount,
        carbon_kg=taken("carbon"),
        energy_kwh=taken("energy"),
        cost_usd=taken("cost"),
    )


def _batch_routes(options: Options, wanted: Ints) -> tuple[Ints, Ints]:
    """Every (batch, feasible route) pair of the wanted batches, in batch order."""
    site = options.routes
    batches = options.instance.batches()
    pairs = {
        (w, o): np.flatnonzero((site.workload == w) & site.feasible[o])
        for w, o in set(zip(batches.workload[wanted].tolist(), batches.origin[wanted].tolist(), strict=True))
    }
    lists = [pairs[key] for key in zip(batches.workload[wanted].tolist(), batches.origin[wanted].tolist(), strict=True)]
    counts = np.array([len(x) for x in lists], dtype=np.int64)
    route = np.concatenate(lists) if lists else np.zeros(0, dtype=np.int64)
    return np.repeat(wanted, counts), route.astype(np.int64)


def _mean_over_span(table: Floats, row: Ints, period: Ints, span: Ints) -> Floats:
    """Mean of table[row, period .. period + span - 1]; the plain entry, unrounded, where the span is 1."""
    out: NDArray[np.float64] = table[row, period].astype(np.float64)
    for length in np.unique(span[span > 1]):
        at = np.flatnonzero(span == length)
        out[at] = sum(table[row[at], period[at] + k] for k in range(length)) / length
    return out


def penalty_of_a_miss(instance: Instance) -> float | None:
    """Objective price of one missed request (O6), None where a miss is not allowed."""
    weight = instance.weights.miss_weight
    return None if weight is None else instance.weights.beta * weight
