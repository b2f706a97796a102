"""Formulations as lists of terms: which batches are columns per option and which flow through a backlog."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyomo.core as pyo
from pyomo.core.expr.numeric_expr import LinearExpression

from models.built import Built
from models.draft import Draft
from models.extract import plan_of
from models.terms.backlog import serve_by_class
from models.terms.handover import hand_over
from models.terms.hour_map import hour_map
from models.terms.limits import caps, slo_budget
from models.terms.restriction import repeat
from models.terms.rounding import region_sets
from models.terms.servers import capacity, fleet, minimum_uptime, startup
from models.terms.shares import serve_by_option
from planner.domain.instance import Bools, Instance
from planner.domain.options import Options, ServiceClass
from planner.domain.plan import Plan
from planner.domain.restriction import Restriction
from planner.domain.window import ClassFlows, ClassKey, Ends
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
    """Backlog for every batch. UsageError: some may not be split, may be late or are jobs.

    A window of a longer instance has the `classes` of the whole and a backlog at its `ends`.
    """

    name: ClassVar[str] = "backlog"
    classes: tuple[ClassKey, ...] | None = None
    ends: Ends | None = None

    def build(self, options: Options) -> Built:
        """One model of classes alone."""
        flowing = fits_backlog(options.instance)
        if not flowing.all():
            stuck = np.unique(options.instance.batches().workload[~flowing])
            names = ", ".join(options.instance.workloads[w].name for w in stuck)
            raise UsageError(f"backlog cannot hold {names} (whole batches, lateness or jobs); use --formulation auto")
        classes = None if self.classes is None else tuple(options.service_class(*key) for key in self.classes)
        return _build(options, flowing=flowing, classes=classes, ends=self.ends)

    def plan(self, options: Options, flows: ClassFlows) -> Plan:
        """The plan of a whole instance from what leaves its classes, put together from windows."""
        return plan_of(options, tuple(options.classes()), flows)


@dataclass(frozen=True)
class TimeIndexed:
    """One column per option for every batch."""

    name: ClassVar[str] = "time-indexed"

    def build(self, options: Options) -> Built:
        """One column per option."""
        return _build(options, flowing=np.zeros(len(options.instance.batches()), dtype=np.bool_))


def _build(
    options: Options,
    *,
    flowing: Bools,
    restriction: Restriction | None = None,
    classes: tuple[ServiceClass, ...] | None = None,
    ends: Ends | None = None,
) -> Built:
    draft = Draft(options)
    flat = serve_by_option(draft, ~flowing) if not flowing.all() else None
    workloads = set(options.instance.batches().workload[flowing].tolist())
    if classes is None:
        classes = tuple(c for c in options.classes() if c.workload in workloads)
    flows = serve_by_class(draft, classes, ends) if classes else None
    for term in TERMS:
        term(draft)
    if restriction is not None:
        repeat(draft, flat, flows, restriction)
    if ends is not None:
        hand_over(draft, ends)
    _objective(draft)
    shape = "+".join(["time-indexed"] * (flat is not None) + ["backlog"] * (flows is not None)) or "empty"
    sets = region_sets(options, open_end=ends is not None and bool(ends.left.any()))
    return Built(draft=draft, flat=flat, flows=flows, flowing=flowing, sets=sets, shape=shape)


def _objective(draft: Draft) -> None:
    price = np.concatenate(draft.prices) if draft.prices else np.zeros(0)
    priced = np.flatnonzero(price)
    draft.model.objective = pyo.Objective(expr=LinearExpression(draft.terms(priced, price[priced])))
