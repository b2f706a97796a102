"""What an instance must have so that its optimum says something, measured with the oracle."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from planner import registry
from planner.domain.instance import Instance
from planner.domain.options import options
from planner.solve.highs import Session
from planner.solve.translate import translate


@pytest.fixture(scope="session")
def relaxed_optimum() -> Callable[[Instance], float]:
    """The optimum where servers may be fractions: the LP relaxation without rounding cuts."""

    def solved(instance: Instance) -> float:
        built = registry.load("planner.formulations", "backlog").build(options(instance))
        session = Session(translate(built.model, built.columns), threads=1, seed=0)
        session.whole(on=False)
        value = session.run().bound
        assert value is not None
        return float(value)

    return solved


@pytest.fixture(scope="session")
def without_waiting() -> Callable[[Instance], Instance]:
    """The same instance where everything runs in the hour of its release."""

    def restricted(instance: Instance) -> Instance:
        return instance.replace(workloads=tuple(replace(w, slack_periods=0) for w in instance.workloads))

    return restricted
