import dataclasses

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from planner.io.instances import instance_from_document, instance_to_document
from planner.testing.strategies import Features, instances

UNSHRUNK = settings(phases=[Phase.generate], max_examples=200, database=None)
SEEN = {
    "jobs": lambda i: bool(i.jobs),
    "provisioning": lambda i: i.provisioning,
    "soft": lambda i: i.grace_periods > 0,
    "budget": lambda i: any(w.slo_mode == "budget" for w in i.workloads),
    "variants": lambda i: any(len(w.variants) > 1 for w in i.workloads),
    "network": lambda i: i.network_kwh_per_gb is not None,
    "prices": lambda i: i.price_usd_per_kwh is not None,
    "caps": lambda i: any(dataclasses.astuple(i.caps)),
    "fleet": lambda i: i.fleet_limit is not None,
    "min_uptime": lambda i: any(p.min_uptime_periods > 1 for p in i.pools),
    "hour_map": lambda i: i.hour_map is not None,
    "unsplittable": lambda i: not all(w.splittable for w in i.workloads),
    "slo": lambda i: any(w.slo_mode != "budget" and w.slo_ms for w in i.workloads),
    "residency": lambda i: any(w.allowed_regions for w in i.workloads),
    "vintages": lambda i: i.vintages is not None,
    "request_log": lambda i: i.request_log is not None,
}


def test_every_feature_can_be_seen():
    assert set(SEEN) == set(Features.__slots__)


@pytest.mark.parametrize("feature", SEEN)
def test_a_feature_that_is_asked_for_appears(feature):
    also = {"provisioning": True} if feature == "fleet" else {}
    find(instances(max_periods=2, **{feature: True}, **also), SEEN[feature], settings=UNSHRUNK)


@settings(max_examples=100)
@given(data=st.data())
def test_a_feature_that_is_refused_never_appears(data):
    feature = data.draw(st.sampled_from(sorted(SEEN)))
    assert not SEEN[feature](data.draw(instances(**{feature: False})))


@settings(max_examples=100)
@given(instance=instances())
def test_every_instance_is_valid(instance):
    instance_from_document(instance_to_document(instance))


@settings(max_examples=50)
@given(instance=instances(max_periods=2, max_regions=1, max_origins=1, max_workloads=1, max_requests=1))
def test_the_limits_hold(instance):
    assert instance.periods <= 2
    assert (len(instance.regions), len(instance.origins), len(instance.workloads)) == (1, 1, 1)
    assert instance.requests.max() <= 1


def test_an_unknown_feature_is_refused():
    with pytest.raises(TypeError, match="no such feature: job"):
        find(instances(job=True), lambda _: True)
