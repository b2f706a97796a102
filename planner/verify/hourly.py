"""When a plan emits: the judge's carbon, period by period."""

import numpy as np

from planner.domain.instance import Floats, Instance
from planner.domain.plan import Plan
from planner.verify.account import emissions
from planner.verify.ledger import account_for
from planner.verify.servers import usable
from planner.verify.site import survey


def hourly_carbon(instance: Instance, plan: Plan) -> Floats:
    """(T,) kg that a plan emits in each period; they sum to its objective's `carbon_kg`."""
    site = survey(instance)
    ledger = account_for(site, usable(site, plan))
    return np.asarray(sum(kg.sum(axis=0) for kg in emissions(site, ledger).values()))
