"""The judge's carbon by period."""

import numpy as np
import pytest

from planner.domain.instance import Instance
from planner.replay.loop import replay
from planner.verify.hourly import hourly_carbon
from planner.verify.judge import check


def test_periods_sum_to_the_objective(instance: Instance) -> None:
    servers = instance.replace(servers=np.full((2, 3), 9.0), provisioning=True)
    for problem in (instance, servers, servers.replace(network_kwh_per_gb=np.ones((2, 2)))):
        plan = replay(problem, "greedy").plan
        hours = hourly_carbon(problem, plan)
        assert hours.shape == (3,)
        assert hours.sum() == pytest.approx(check(problem, plan).objective.carbon_kg, rel=1e-12)


def test_each_period_holds_what_runs_in_it(instance: Instance) -> None:
    """2,000 requests of 1 Wh an hour, each from its own city: PUE 1.5 and 300, 200, 400 g in a; 40, 50, 60 g in b."""
    plan = replay(instance, "latency-first").plan
    assert hourly_carbon(instance, plan) == pytest.approx([0.45 + 0.04, 0.3 + 0.05, 0.6 + 0.06])
