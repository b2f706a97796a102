"""Between the columns of a built model and what the rest of the project speaks: plans, multipliers, cuts, starts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.draft import Draft
from models.extract import Shares, of_flows, of_misses, of_options
from models.terms.backlog import Flows
from models.terms.limits import CAPPED
from models.terms.rounding import RegionSet, cut_row, violated_cuts
from planner.domain.flat import FlatOptions
from planner.domain.instance import Bools, Floats, Ints
from planner.domain.plan import Plan
from planner.domain.results import Cut, Multipliers
from planner.domain.window import ClassFlows
from planner.errors import UsageError


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """One formulation's model; `flowing` are the batches in the backlog, `shape` says which shapes it holds."""

    draft: Draft
    flat: FlatOptions | None
    flows: Flows | None
    flowing: Bools
    sets: tuple[RegionSet, ...]
    shape: str

    @property
    def model(self) -> Any:
        """The Pyomo model."""
        return self.draft.model

    @property
    def columns(self) -> list[Any]:
        """The Pyomo variable of every column number."""
        return self.draft.columns

    @property
    def integer(self) -> Ints:
        """Numbers of the columns that must be integral."""
        return np.array(self.draft.integer, dtype=np.int64)

    def plan(self, values: Floats) -> Plan:
        """Column values (integral ones exact) -> plan."""
        y = self._grid(values, "y")
        started = None if y is None else self._started(values, y)
        routes, hour_map = self.draft.options.routes, self._hour_map(values)
        return self._shares(values).plan(routes, servers=y, started=started, hour_map=hour_map)

    def class_flows(self, values: Floats) -> ClassFlows:
        """Column values -> what leaves each class, in requests; a model whose batches all flow."""
        flows, periods = self.flows, self.draft.instance.periods
        if flows is None or not self.flowing.all():
            raise UsageError("a window holds the backlog shape alone")
        lost = self._value(values, "missed_flow")
        table = flows.table(values[self.draft.numbers["f"]], np.zeros(0) if lost is None else lost, periods)
        return replace(table, servers=self._grid(values, "y"))

    def multipliers(self, duals: Mapping[str, tuple[Ints, Floats]], cuts: tuple[Cut, ...]) -> Multipliers:
        """Row duals of the LP, by family as (row keys, duals) -> the certificate.

        HiGHS prices a row by d objective / d right-hand side, so a row `<=` has a dual <= 0.
        """
        instance = self.draft.instance

        def prices(family: str, size: int) -> Floats:
            out = np.zeros(size)
            keys, dual = duals.get(family, (np.zeros(0, dtype=np.int64), np.zeros(0)))
            out[keys] = np.maximum(-dual, 0.0)
            return out

        servers = prices("M2", len(instance.pools) * instance.periods).reshape(-1, instance.periods)
        return Multipliers(
            capacity=servers / self.draft.options.server_capacity[:, None],
            slo=prices("M11", len(instance.workloads)),
            fleet=None if instance.fleet_limit is None else prices("M3b", instance.periods),
            caps={name: float(prices(f"M12_{name}", 1)[0]) for name in CAPPED if f"M12_{name}" in duals},
            cuts=cuts,
        )

    def violated_cuts(self, values: Floats, *, most: int) -> list[Cut]:
        """(C1) cuts that the servers in `values` break."""
        y = self._value(values, "y")
        return [] if y is None else violated_cuts(self.sets, y.reshape(-1, self.draft.instance.periods), most=most)

    def cut_row(self, cut: Cut) -> tuple[Ints, float]:
        """Columns (coefficient 1) and lower bound of one cut."""
        return cut_row(self.sets, cut, self.draft.numbers["y"], self.draft.instance.periods)

    @property
    def may_round_up(self) -> bool:
        """Whether only servers are integral, and nothing but their number in a pool limits them."""
        servers = self.draft.numbers.get("y", np.zeros(0))
        return len(servers) == len(self.draft.integer) and self.draft.instance.fleet_limit is None

    def start(self, plan: Plan) -> dict[int, float]:
        """A plan -> values of its integral columns."""
        out: dict[int, float] = {}
        if plan.servers is not None and "y" in self.draft.numbers:
            out |= dict(zip(self.draft.numbers["y"].tolist(), plan.servers.ravel().tolist(), strict=True))
        if plan.hour_map is not None and "g" in self.draft.numbers:
            chosen = plan.hour_map[:, None, :] == np.arange(len(self.draft.instance.regions))[None, :, None]
            out |= dict(zip(self.draft.numbers["g"].tolist(), chosen.ravel().astype(float).tolist(), strict=True))
        return out | self._start_of_options(plan)

    def _start_of_options(self, plan: Plan) -> dict[int, float]:
        if self.flat is None:
            return {}
        routes, flat = self.draft.options.routes, self.flat
        used = dict(zip(_keys(plan.batch, plan.pool, plan.variant, plan.period), plan.share.tolist(), strict=True))
        keys = _keys(flat.batch, routes.pool[flat.route], routes.variant[flat.route], flat.period)
        units = (np.array([used.get(k, 0.0) for k in keys]) / flat.unit).tolist()
        whole = set(self.draft.integer)
        return {c: round(u) for c, u in zip(self.draft.numbers["x"].tolist(), units, strict=True) if c in whole}

    def _shares(self, values: Floats) -> Shares:
        parts = []
        if self.flat is not None:
            parts.append(of_options(self.flat, values[self.draft.numbers["x"]]))
            missed = self._value(values, "missed")
            parts += [] if missed is None else [of_misses(~self.flowing, missed)]
        if self.flows is not None:
            lost = self._value(values, "missed_flow")
            amount, batches = values[self.draft.numbers["f"]], self.draft.instance.batches()
            parts.append(of_flows(batches, self.flows, amount, np.zeros(0) if lost is None else lost))
        joined = parts[0]
        for part in parts[1:]:
            joined = joined.joined(part)
        return joined.whole(len(self.flowing))

    def _value(self, values: Floats, name: str) -> Floats | None:
        numbers = self.draft.numbers.get(name)
        return None if numbers is None else values[numbers]

    def _grid(self, values: Floats, name: str) -> Floats | None:
        flat = self._value(values, name)
        return None if flat is None else np.round(flat).reshape(-1, self.draft.instance.periods)

    def _started(self, values: Floats, y: Floats) -> Floats:
        initial = np.array([[p.initial_servers] for p in self.draft.instance.pools], dtype=np.float64)
        rises = np.maximum(np.diff(y, axis=1, prepend=initial), 0.0)
        u = self._grid(values, "u")
        paid = self.draft.options.startup.price < 0  # a negative tariff pays for more starts than there are rises
        return rises if u is None else np.where(paid, np.maximum(rises, u), rises)

    def _hour_map(self, values: Floats) -> Ints | None:
        g = self._value(values, "g")
        if g is None:
            return None
        maps = g.reshape(-1, len(self.draft.instance.regions), self.draft.instance.periods)
        return np.asarray(maps.argmax(axis=1), dtype=np.int64)


def _keys(*columns: Ints) -> list[tuple[int, ...]]:
    return list(zip(*(c.tolist() for c in columns), strict=True))
