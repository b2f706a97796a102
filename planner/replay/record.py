"""What a policy has decided so far, and the plan it comes to."""

from dataclasses import dataclass, field

import numpy as np

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.plan import Plan
from planner.domain.protocols import Decision, HourView
from planner.replay.backlog import Backlog
from planner.replay.fleet import Fleet
from planner.replay.hour_map import regions_served


@dataclass(slots=True)
class Record:
    """Batches in the order of release, until the plan is made; `seconds` is the time spent deciding."""

    backlog: Backlog
    fleet: Fleet
    seconds: float = 0.0
    served: list[tuple[Ints, Ints, Ints, Ints, Floats]] = field(default_factory=list)

    def take(self, view: HourView, decision: Decision) -> None:
        """Carry a decision out."""
        waiting, row, share = view.waiting, decision.row, decision.share
        pool, variant = view.routes.pool[decision.route], view.routes.variant[decision.route]
        length = np.where(waiting.contiguous[row], waiting.length[row], 1)
        self.fleet.hold(pool, view.load(row, decision.route, share), view.period, length)
        self.fleet.run(view.period, decision.servers)
        self.backlog.serve(waiting.batch[row], share)
        self.served.append((waiting.batch[row], pool, variant, np.full(len(row), view.period), share))

    def plan(self, instance: Instance) -> Plan:
        """The plan; what nobody served is missed where the instance prices a miss (M1)."""
        number, pool, variant, period, share = (np.concatenate(column) for column in zip(*self.served, strict=True))
        batch, left = self.backlog.unserved()
        missed = len(batch) if instance.weights.miss_weight is not None else 0
        plan = Plan(
            batch=self.backlog.batch[number],
            pool=pool,
            variant=variant,
            period=period,
            share=share,
            missed_batch=batch[:missed],
            missed_share=left[:missed],
            servers=self.fleet.active if instance.provisioning else None,
            started=self.fleet.started if instance.provisioning else None,
        )
        return plan if instance.hour_map is None else plan.replace(hour_map=regions_served(instance, plan))
