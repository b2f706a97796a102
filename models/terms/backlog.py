"""(M1) in the backlog shape of MODEL.md 5: what each class serves in a period, and what of it waits."""

from dataclasses import dataclass

import numpy as np

from models.draft import Draft, Serving
from models.terms.shares import misses
from planner.domain.flat import penalty_of_a_miss
from planner.domain.instance import Floats, Ints
from planner.domain.options import Options, ServiceClass
from planner.domain.window import ClassFlows, Ends, closed_ends


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """What the flow columns mean: class, route and period of each; and of the columns of misses.

    Amounts of class c count units of `unit[c]` requests, what one server does in a period: so every coefficient lies
    near 1 and the solver's absolute tolerances mean the same for requests and servers.
    """

    classes: tuple[ServiceClass, ...]
    unit: Floats
    kind: Ints
    route: Ints
    period: Ints
    missed_kind: Ints
    missed_period: Ints

    def table(self, amount: Floats, lost: Floats, periods: int) -> ClassFlows:
        """Amounts of the columns, and of those of misses, as tables in requests."""
        kind, route = _rows(self.classes)
        row = np.zeros((len(self.classes), route.max(initial=0) + 1), dtype=np.int64)
        row[kind, route] = np.arange(len(kind))
        served, missed = np.zeros((len(kind), periods)), np.zeros((len(self.classes), periods))
        served[row[self.kind, self.route], self.period] = amount * self.unit[self.kind]
        if len(lost):
            missed[self.missed_kind, self.missed_period] = lost * self.unit[self.missed_kind]
        return ClassFlows(kind, np.maximum(served, 0.0), np.maximum(missed, 0.0))


def _rows(classes: tuple[ServiceClass, ...]) -> tuple[Ints, Ints]:
    """Class and route of each row of such a table."""
    kind = np.repeat(np.arange(len(classes)), [len(c.routes) for c in classes])
    return kind, np.concatenate([c.routes for c in classes])


def entries(classes: tuple[ServiceClass, ...], table: ClassFlows) -> tuple[Flows, Floats, Floats]:
    """The other way: flows, their amounts and those of misses, all in requests."""
    kind, route = _rows(classes)
    row, period = np.nonzero(table.served)
    lost = np.nonzero(table.missed)
    flows = Flows(classes, np.ones(len(classes)), kind[row], route[row], period, *lost)
    return flows, table.served[row, period], table.missed[lost]


def serve_by_class(draft: Draft, classes: tuple[ServiceClass, ...], ends: Ends | None = None) -> Flows:
    """f[c,k,t], q[c,t], misses m[c,t] and their balance q[t] = q[t-1] + A[t] - sum f - m.

    `ends`: what waits before the first period and after the last one (default: nothing).
    """
    instance = draft.instance
    slack = [instance.workloads[c.workload].slack_periods for c in classes]
    given = closed_ends(classes, slack) if ends is None else ends
    released = np.array([c.demand for c in classes], dtype=np.float64).reshape(len(classes), instance.periods)
    unit = np.array([_requests_per_unit(draft.options, c, d) for c, d in zip(classes, released, strict=True)])
    demand, limit = released / unit[:, None], given.limit / unit[:, None]
    demand[:, 0] += given.waiting / unit
    demand[:, -1] -= given.left / unit  # what is left is not a column: it leaves the last balance
    before = np.concatenate([np.zeros((len(classes), 1)), limit[:, :-1]], axis=1)
    available = before + demand  # the most that can be served in a period
    flows = _columns(classes, unit, available)
    f = draft.add_columns("f", np.full(len(flows.kind), np.inf), price=_taken(draft.options, flows, "price"))
    _account(draft, flows, f, available)
    _balance(draft, flows, f, demand, before[:, 1:])
    return flows


def _requests_per_unit(options: Options, kind: ServiceClass, demand: Floats) -> float:
    """What one server does in a period, at most the peak demand: a light load must not be a crumb."""
    seconds = options.routes.server_seconds[kind.routes]
    busy = seconds > 0
    most = options.server_capacity[options.routes.pool[kind.routes]][busy] / seconds[busy]
    return float(min(most.max(initial=0.0) or np.inf, demand.max() or 1.0))


def _columns(classes: tuple[ServiceClass, ...], unit: Floats, available: Floats) -> Flows:
    parts = [
        (np.full(len(c.routes) * len(t), i), np.repeat(c.routes, len(t)), np.tile(t, len(c.routes)))
        for i, c in enumerate(classes)
        for t in [np.flatnonzero(available[i] > 0)]
    ]
    kind, route, period = (np.concatenate([p[i] for p in parts]).astype(np.int64) for i in range(3))
    return Flows(classes, unit, kind, route, period, *np.nonzero(available > 0))


def _per_column(flows: Flows, table: str) -> Floats:
    """A per-route value of each class, spread over its flow columns."""
    out = np.zeros(len(flows.kind))
    for i, c in enumerate(flows.classes):
        at = np.flatnonzero(flows.kind == i)
        lookup = dict(zip(c.routes.tolist(), getattr(c, table).tolist(), strict=True))
        out[at] = [lookup[k] for k in flows.route[at].tolist()]
    return out


def _taken(options: Options, flows: Flows, account: str) -> Floats:
    """Carbon, energy, cost or price of one unit on each flow column (O1), (O4), (O6), (O7)."""
    region = options.routes.region[flows.route]
    moved = _per_column(flows, "network_kwh")
    value = getattr(options.request, account)[flows.route, flows.period]
    value = value + moved * getattr(options.network, account)[region, flows.period]
    if account == "price":
        workload = options.routes.workload[flows.route]
        value = value + options.routes.violation_price[workload] * _per_column(flows, "violation")
    return np.asarray(flows.unit[flows.kind] * value)


def _account(draft: Draft, flows: Flows, f: Ints, available: Floats) -> None:
    routes = draft.options.routes
    capped = {"carbon_kg": "carbon", "energy_kwh": "energy", "cost_usd": "cost"}
    first, unit = draft.new_groups(len(flows.classes)), flows.unit[flows.kind]
    draft.serving.append(
        Serving(
            columns=f,
            workload=routes.workload[flows.route],
            group=first + flows.kind,
            limit=available[flows.kind, flows.period],
            violations=unit * _per_column(flows, "violation"),
            takes={name: _taken(draft.options, flows, account) for name, account in capped.items()},
            load_column=f,
            load_cell=routes.pool[flows.route] * draft.instance.periods + flows.period,
            load_seconds=unit * routes.server_seconds[flows.route],
        )
    )


def _balance(draft: Draft, flows: Flows, f: Ints, demand: Floats, waits: Floats) -> None:
    """(C,T) demand and the (C,T-1) most that may wait after each period but the last."""
    periods = demand.shape[1]
    c, t = np.nonzero(waits > 0)
    q = draft.add_columns("q", waits[c, t])
    cell = c * periods + t
    row = [flows.kind * periods + flows.period, cell, cell + 1]
    column = [f, q, q]
    coefficient = [np.ones(len(f)), np.ones(len(q)), -np.ones(len(q))]
    penalty = penalty_of_a_miss(draft.instance)
    if penalty is not None:
        c, t = flows.missed_kind, flows.missed_period
        m = draft.add_columns("missed_flow", np.full(len(c), np.inf), price=penalty * flows.unit[c])
        workload = np.array([k.workload for k in flows.classes])[c]
        draft.serving.append(misses(m, workload, flows.unit[c]))
        row, column, coefficient = [*row, c * periods + t], [*column, m], [*coefficient, np.ones(len(m))]
    arrived = demand.ravel()
    draft.add_rows(
        "M1_backlog",
        np.concatenate(row),
        np.concatenate(column),
        np.concatenate(coefficient),
        lower=arrived,
        upper=arrived,
    )  # (M1)
