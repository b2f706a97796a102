import json
import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.domain.plan import Plan
from planner.domain.results import (
    Bounds,
    Cut,
    ModelSize,
    Multipliers,
    Objective,
    Quality,
    SolveResult,
    Termination,
)
from planner.errors import InvalidInput
from planner.io.instances import instance_sha256
from planner.io.plans import (
    bare_plan_document,
    load_multipliers,
    load_plan,
    plan_document,
    plan_from_document,
    save_multipliers,
    save_result,
)
from planner.testing.strategies import instances

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def plans(draw, instance):
    """Anything of the right shape, sensible or not: a plan file must carry bad plans to the judge."""
    batches, periods, pools = instance.batches(), instance.periods, len(instance.pools)
    rows = draw(st.lists(st.integers(0, len(batches) - 1), max_size=5))
    missed = draw(st.lists(st.integers(0, len(batches) - 1), max_size=2))
    works = [instance.workloads[batches.workload[b]] for b in rows]

    def floats(*shape):
        size = math.prod(shape)
        return np.array(draw(st.lists(FLOATS, min_size=size, max_size=size)), dtype=np.float64).reshape(shape)

    def whole(least, most):
        return np.array([draw(st.integers(least, most)) for _ in rows], dtype=np.int64)

    separate = instance.hour_map is not None and instance.hour_map.per_workload
    maps = len(instance.workloads) if separate else 1
    return Plan(
        batch=np.array(rows, dtype=np.int64),
        pool=whole(0, pools - 1),
        variant=np.array([draw(st.integers(0, len(w.variants) - 1)) for w in works], dtype=np.int64),
        period=whole(-2, periods + 2),
        share=floats(len(rows)),
        missed_batch=np.array(missed, dtype=np.int64),
        missed_share=floats(len(missed)),
        servers=floats(pools, periods) if instance.provisioning else None,
        started=floats(pools, periods) if instance.provisioning else None,
        hour_map=None if instance.hour_map is None else np.zeros((maps, periods), dtype=np.int64),
    )


@st.composite
def results(draw):
    """An instance and the result of a solve that never took place."""
    instance = draw(instances())
    pools, periods = len(instance.pools), instance.periods
    numbers = np.random.default_rng(draw(st.integers(0, 9)))
    multipliers = Multipliers(
        capacity=numbers.random((pools, periods)) * numbers.integers(0, 2, (pools, 1)),
        slo=numbers.random(len(instance.workloads)),
        fleet=draw(st.sampled_from([None, numbers.random(periods)])),
        caps=draw(st.sampled_from([{}, {"carbon_kg": 0.25}])),
        cuts=(Cut((0,), 0, periods - 1, 1 / 3),),
        batches=draw(st.sampled_from([None, numbers.normal(size=instance.requests.shape)])),
    )
    sci = draw(st.sampled_from([1 / 7, math.nan]))
    objective = Objective(0.1 + 0.2, 0.3, 0.0, 1.5, 7.0, {"O1": 0.3, "O2": 0.0}, sci, 5.0, 0.25, 0.0, 1.0)
    result = SolveResult(
        plan=draw(plans(instance)),
        objective=objective,
        bounds=Bounds(certified=0.29, solver=draw(st.sampled_from([None, 0.3]))),
        multipliers=draw(st.sampled_from([None, multipliers])),
        termination=Termination.CONVERGED,
        quality=Quality.OPTIMAL,
        formulation="auto (backlog)",
        size=ModelSize(4, 3, 2, 1),
        seconds={"solve": 0.5},
        peak_rss_mb=100.0,
        versions={"planner": "0"},
        solver_options={"threads": 1, "time_limit": math.inf, "presolve": "on"},
        warnings=("one",),
    )
    return instance, result


def assert_same(one, other):
    """Equal bit for bit, arrays and NaN included."""
    if isinstance(other, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    elif isinstance(other, Plan | Multipliers | Objective):
        for f in fields(other):
            assert_same(getattr(one, f.name), getattr(other, f.name))
    else:
        assert one == other or (one != one and other != other)  # noqa: PLR0124 - NaN


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=results())
def test_a_result_survives_the_way_through_a_file(drawn, tmp_path):
    instance, result = drawn
    for name in ("plan.json", "plan.json.gz"):
        save_result(result, instance, tmp_path / name, gap={"certified": 0.03, "solver": None})
        stored = load_plan(tmp_path / name, instance)
        assert_same(stored.plan, result.plan)
        assert_same(stored.objective, result.objective)
        assert_same(stored.multipliers, result.multipliers)
        assert stored.bounds == result.bounds
        assert (stored.formulation, stored.versions) == (result.formulation, result.versions)
        assert stored.instance_sha256 == instance_sha256(instance)


@settings(max_examples=40, deadline=None)
@given(drawn=results(), order=st.randoms())
def test_names_may_stand_in_any_order(drawn, order):
    instance, result = drawn
    document = bare_plan_document(result.plan, instance)
    for key, columns in {"workloads": ["workload"], "origins": ["origin"], "pools": ["pool"]}.items():
        old = document["names"][key]
        new = order.sample(old, len(old))
        document["names"][key] = new
        for table in ("served", "missed"):
            for column in set(columns) & set(document.get(table, {})):
                document[table][column] = [new.index(old[i]) for i in document[table][column]]
    assert_same(plan_from_document(document, instance).plan, result.plan)


@settings(max_examples=20, deadline=None)
@given(drawn=results())
def test_a_plan_file_carries_its_provenance(drawn):
    instance, result = drawn
    document = plan_document(result, instance, gap={"certified": 0.03, "solver": 0.0})
    assert document["instance"] == {"name": instance.name, "sha256": instance_sha256(instance)}
    assert document["gap"] == {"certified": 0.03, "solver": 0.0}
    assert document["status"] == "optimal"
    assert document["solver_options"]["time_limit"] is None
    json.dumps(document, allow_nan=False)


@settings(max_examples=20, deadline=None)
@given(drawn=results())
def test_a_plan_of_another_instance_is_refused(drawn):
    instance, result = drawn
    other = instance.replace(name="another")
    with pytest.raises(InvalidInput, match=r"/instance/sha256: .* instance 'another'"):
        plan_from_document(bare_plan_document(result.plan, instance), other)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=results())
def test_a_certificate_survives_the_way_through_a_file(drawn, tmp_path):
    instance, result = drawn
    multipliers = result.multipliers or Multipliers(
        np.zeros((len(instance.pools), instance.periods)), np.zeros(len(instance.workloads))
    )
    save_multipliers(multipliers, -1 / 3, instance, tmp_path / "bound.json")
    found, bound = load_multipliers(tmp_path / "bound.json", instance)
    assert_same(found, multipliers)
    assert bound == -1 / 3
    with pytest.raises(InvalidInput, match="/instance/sha256"):
        load_multipliers(tmp_path / "bound.json", instance.replace(name="another"))


@settings(max_examples=20, deadline=None)
@given(drawn=results())
def test_negative_multipliers_load_to_be_refused_by_the_judge(drawn):
    instance, result = drawn
    slo = np.full(len(instance.workloads), -1.0)
    capacity = np.full((len(instance.pools), instance.periods), -2.0)
    result = replace(result, multipliers=Multipliers(capacity, slo))
    assert_same(plan_from_document(plan_document(result, instance), instance).multipliers, result.multipliers)
