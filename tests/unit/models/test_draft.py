"""Columns and rows of a model in the making."""

import numpy as np
import pytest
from pyomo.core.expr.numeric_expr import MonomialTermExpression

from models.draft import Draft
from planner.domain.options import options
from planner.io.instances import load_instance


@pytest.fixture
def draft() -> Draft:
    """A model with columns 0 (free upwards), 1 (at most 5) and 2 (whole, at most 3)."""
    draft = Draft(options(load_instance("tiny/one-hour")))
    assert draft.add_columns("a", np.array([np.inf, 5.0]), price=2.0).tolist() == [0, 1]
    assert draft.add_columns("b", np.array([3.0]), whole=np.array([0])).tolist() == [2]
    return draft


def test_columns_have_bounds_prices_and_domains(draft: Draft) -> None:
    assert [x.bounds for x in draft.columns] == [(0, None), (0, 5), (0, 3)]
    assert [x.is_integer() for x in draft.columns] == [False, False, True]
    assert draft.integer == [2]
    assert np.concatenate(draft.prices).tolist() == [2, 2, 0]


def test_rows_are_sorted_by_key_whatever_the_order_of_their_entries(draft: Draft) -> None:
    entries = np.array([7, 2, 7]), np.array([0, 1, 2]), np.array([1.0, 1.0, 4.0])
    draft.add_rows("r", *entries, lower=np.full(8, 1.0), upper=np.full(8, 6.0))
    rows = draft.model.component("r")
    assert list(rows) == [2, 7]
    assert (rows[7].lb, rows[7].ub) == (1, 6)
    assert str(rows[7].body) == "a[0] + 4.0*b[0]"
    assert rows[2].body.args == [draft.columns[1]]


def test_no_entries_no_family(draft: Draft) -> None:
    nothing = np.zeros(0, dtype=np.int64)
    draft.add_rows("r", nothing, nothing, np.zeros(0), upper=np.zeros(0))
    assert draft.model.component("r") is None


def test_a_coefficient_of_one_makes_no_product(draft: Draft) -> None:
    kinds = [t.__class__ for t in draft.terms(np.array([0, 1]), np.array([1.0, 2.0]))]
    assert kinds[0] is draft.columns[0].__class__
    assert kinds[1] is MonomialTermExpression
