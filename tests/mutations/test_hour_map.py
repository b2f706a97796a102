"""(M10): break the map, its switches and its dwell."""

import numpy as np
import pytest

from planner.domain.instance import HourMapRule


def test_a_batch_runs_elsewhere(mapped):
    assert mapped.rules(mapped.row(0, pool=1)) == ["M10"]


def test_a_contiguous_job_leaves_the_map_in_its_second_period(mapped):
    assert mapped.rules(mapped.row(6, pool=0, period=1)) == []
    assert mapped.rules(mapped.row(6, pool=0, period=2)) == ["M10"]


def moved(case, line):
    """The same plan on another map, every batch where the map says."""
    pool = np.array([line[t] for t in case.plan.period[:-1]] + [line[4]])
    return case.plan.replace(hour_map=np.array([line]), pool=pool)


def test_too_many_switches(mapped):
    assert mapped.rules(moved(mapped, [0, 0, 1, 1, 1, 1])) == []
    assert mapped.rules(moved(mapped, [0, 0, 1, 1, 0, 0])) == ["M10"]


@pytest.mark.parametrize("line", [[0, 1, 1, 1, 1, 1], [0, 0, 1, 0, 0, 0]])
def test_a_stay_that_is_too_short(mapped, line):
    free = mapped.instance.replace(hour_map=HourMapRule(None, 2))
    assert mapped.rules(moved(mapped, line), free) == ["M10"]


def test_the_last_stay_may_be_cut_by_the_horizon(mapped):
    plan = moved(mapped, [0, 0, 0, 0, 0, 1]).replace(period=np.array([0, 1, 2, 3, 4, 5, 3]))
    assert mapped.rules(plan) == []


def test_the_map_is_there_iff_it_is_asked_for(mapped):
    assert mapped.rules(mapped.plan.replace(hour_map=None)) == ["M10"]
    assert mapped.rules(instance=mapped.instance.replace(hour_map=None)) == ["M10"]


@pytest.mark.parametrize("table", [[[0, 0, 0, 1, 1]], [0, 0, 0, 1, 1, 1], [[0, 0, 0, 1, 1, 2]], [[-1, 0, 0, 1, 1, 1]]])
def test_a_map_of_another_shape_or_of_unknown_regions(mapped, table):
    assert mapped.rules(mapped.plan.replace(hour_map=np.array(table))) == ["M10"]


def test_each_workload_follows_its_own_map(mapped):
    web, count = mapped.instance.workloads[0], mapped.instance.requests
    other = web.__class__("other", web.variants)
    two = mapped.instance.replace(
        workloads=(web, other),
        requests=np.concatenate([count, np.where(np.arange(6) == 5, 100, 0)[None, None]]),
        hour_map=HourMapRule(1, 2, per_workload=True),
    )
    own = np.array([[0, 0, 0, 1, 1, 1], [0] * 6])
    batch = np.array([0, 1, 2, 3, 4, 5, 7])  # the job comes after the new batch
    plan = mapped.plan.replace(batch=batch, hour_map=own)
    served = {n: np.append(getattr(plan, n), x) for n, x in zip(FIELDS, (6, 0, 0, 5, 1.0), strict=True)}
    assert mapped.rules(plan.replace(**served), two) == []
    served["pool"][-1] = 1
    assert mapped.rules(plan.replace(**served), two) == ["M10"]


FIELDS = ("batch", "pool", "variant", "period", "share")
