"""Whatever stands at whatever place: a document is valid, or InvalidInput says where it is not."""

import copy
import json
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.domain.plan import Plan
from planner.errors import InvalidInput
from planner.io.instances import instance_from_document, instance_to_document
from planner.io.plans import bare_plan_document, plan_from_document
from planner.io.reading import parse_document
from planner.testing.strategies import instances

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**20), 2**63, 2**53 + 1])
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["\ud800", "r0", "o0", "w0", "small", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


def places(value, path=()):
    """The path of everything below a value."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


@st.composite
def changed(draw, document):
    """The document with one thing replaced, removed or added."""
    document = copy.deepcopy(document)
    *path, last = draw(st.sampled_from(list(places(document))))
    target = document
    for key in path:
        target = target[key]
    action = draw(st.sampled_from(["replace", "replace", "remove", "add"]))
    if action == "replace":
        target[last] = draw(VALUES)
    elif action == "remove":
        del target[last]
    elif isinstance(target, list):
        target.append(draw(VALUES))
    else:
        target[draw(st.text(max_size=4))] = draw(VALUES)
    return document


def outcome(read, *arguments):
    """What was read, or the error; anything but InvalidInput is a defect and passes through."""
    try:
        return read(*arguments), None
    except InvalidInput as error:
        return None, error


@settings(max_examples=250)
@given(data=st.data())
def test_an_instance_document(data):
    document = data.draw(changed(instance_to_document(data.draw(instances(max_periods=3)))))
    loaded, error = outcome(instance_from_document, document)
    if error:
        assert error.where.startswith("/")
        assert error.found
        assert error.expected
    else:
        json.dumps(instance_to_document(loaded), allow_nan=False)


@st.composite
def planned(draw):
    """An instance and a plan that serves every batch by chance."""
    instance = draw(instances(max_periods=3))
    rows = np.arange(len(instance.batches()))
    zeros = np.zeros(len(rows), dtype=np.int64)
    table = np.ones((len(instance.pools), instance.periods)) if instance.provisioning else None
    plan = Plan(rows, zeros, zeros, zeros, np.ones(len(rows)), rows[:1], np.zeros(1), servers=table, started=table)
    return instance, plan


@settings(max_examples=250)
@given(data=st.data())
def test_a_plan_document(data):
    instance, plan = data.draw(planned())
    document = data.draw(changed(bare_plan_document(plan, instance)))
    stored, error = outcome(plan_from_document, document, instance)
    if error:
        assert error.where.startswith("/")
    else:
        assert stored.plan.batch.max(initial=0) < len(instance.batches())
        assert stored.plan.pool.max(initial=0) < len(instance.pools)
        assert np.isfinite(stored.plan.share).all()


@settings(max_examples=250)
@given(data=st.binary(max_size=40) | st.text(alphabet='{}[]":,0e1\\ untrfalse', max_size=20).map(str.encode))
def test_any_bytes(data):
    document, error = outcome(parse_document, data)
    assert error.where if error else isinstance(document, dict)


@pytest.mark.parametrize("cut", range(0, 2400, 150))
def test_a_file_cut_off_anywhere(cut):
    text = (files("planner.io") / "starter.json").read_bytes()
    with pytest.raises(InvalidInput):
        parse_document(text[:cut])
