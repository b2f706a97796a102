"""Formulations as lists of terms: which batches are columns per option and which flow through a backlog."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr.numeric_expr import LinearExpression

from models.built import Built
from models.draft import Draft
from models.terms.backlog import serve_by_class
from models.terms.hour_map import hour_map
from models.terms.limits import caps, slo_budget
from models.terms.restriction import repeat
from models.terms.rounding import region_sets
from models.terms.servers import capacity, fleet, minimum_uptime, startup
from models.terms.shares import serve_by_option
from planner.domain.instance import Bools, Instance
from planner.domain.options import Options
from planner.domain.restriction import Restriction
from planner.errors import UsageError

TERMS = (capacity, fleet, startup, minimum_uptime, hour_map, slo_budget, caps)


def fits_backlog(instance: Instance) -> Bools:
    """(B,) the batches whose cost and load do not depend on their release (MODEL.md 5): splittable, never late."""
    batches = instance.batches()
    on_time = instance.grace_periods == 0
    return np.asarray((batches.share_unit == 0) & (batches.job < 0) & on_time)


@dataclass(frozen=True)
class Auto:
    """Backlog wherever its conditions hold, time-indexed for the rest, both sharing (M2).

    Under a `restriction` it repeats what another plan serves.
    """

    name: ClassVar[str] = "auto"
    restriction: Restriction | None = None

    def build(self, options: Options) -> Built:
        """One model that may hold both shapes."""
        return _build(options, flowing=fits_backlog(options.instance), restriction=self.restriction)


@dataclass(frozen=True)
class Backlog:
    """Backlog for every batch. UsageError: some may not be split, may be late or are jobs."""

    name: ClassVar[str] = "backlog"

    def build(self, options: Options) -> Built:
        """One model of classes alone."""
        flowing = fits_backlog(options.instance)
        if not flowing.all():
            stuck = np.unique(options.instance.batches().workload[~flowing])
            names = ", ".join(options.instance.workloads[w].name for w in stuck)
            raise UsageError(f"backlog cannot hold {names} (whole batches, lateness or jobs); use --formulation auto")
        return _build(options, flowing=flowing)


@dataclass(frozen=True)
class TimeIndexed:
    """One column per option for every batch."""

    name: ClassVar[str] = "time-indexed"

    def build(self, options: Options) -> Built:
        """One column per option."""
        return _build(options, flowing=np.zeros(len(options.instance.batches()), dtype=np.bool_))


def _build(options: Options, *, flowing: Bools, restriction: Restriction | None = None) -> Built:
    draft = Draft(options)
    flat = serve_by_option(draft, ~flowing) if not flowing.all() else None
    workloads = set(options.instance.batches().workload[flowing].tolist())
    classes = tuple(c for c in options.classes() if c.workload in workloads)
    flows = serve_by_class(draft, classes) if classes else None
    for term in TERMS:
        term(draft)
    if restriction is not None:
        repeat(draft, flat, flows, restriction)
    _objective(draft)
    shape = "+".join(["time-indexed"] * (flat is not None) + ["backlog"] * (flows is not None)) or "empty"
    return Built(draft=draft, flat=flat, flows=flows, flowing=flowing, sets=region_sets(options), shape=shape)


def _objective(draft: Draft) -> None:
    price = np.concatenate(draft.prices) if draft.prices else np.zeros(0)
    priced = np.flatnonzero(price)
    draft.model.objective = pyo.Objective(
        expr=LinearExpression(
            constant=0, linear_coefs=price[priced].tolist(), linear_vars=[draft.columns[i] for i in priced.tolist()]
        )
    )
