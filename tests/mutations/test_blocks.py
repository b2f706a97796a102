"""A plan is judged in blocks of rows, and what is found does not depend on them."""

from collections.abc import Iterator

import numpy as np
import pytest

from planner.domain.plan import Plan


def plans(case) -> Iterator[Plan]:
    """The good plan, and plans broken in some rows."""
    yield case.plan
    yield case.row(0, share=2.0, period=3)
    yield case.row(-1, share=-0.5)
    yield case.row(slice(None), share=np.nan)
    yield case.row(slice(None, None, 2), period=0, pool=0)
    yield case.row(slice(1, 4), period=99)
    yield case.plus((0, 0, 0, 0, 0.25), (99, 0, 0, 0, 1.0), (0, 1, 0, 2, 1.0))
    yield case.without(*range(len(case.plan.batch)))


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("name", ["fleet", "soft", "mapped"])
def test_the_verdict_does_not_depend_on_blocks(name, size, request, monkeypatch):
    case = request.getfixturevalue(name)
    whole = [case.verdict(plan) for plan in plans(case)]
    monkeypatch.setattr("planner.verify.served.BLOCK", size)
    for one, other in zip(whole, [case.verdict(plan) for plan in plans(case)], strict=True):
        assert one.violations == other.violations
        assert one.objective.parts == pytest.approx(other.objective.parts, rel=1e-14)
        assert one.objective.total == pytest.approx(other.objective.total, rel=1e-14)
    assert len({len(v.violations) for v in whole}) > 3
