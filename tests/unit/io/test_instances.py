import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from planner.errors import InvalidInput
from planner.io.instances import (
    instance_from_document,
    instance_sha256,
    instance_to_document,
    load_instance,
    save_instance,
)
from planner.testing.strategies import instances

TINY = {
    "schema": "planner.instance/1",
    "name": "one hour",
    "start": "2026-01-01T00:00:00Z",
    "regions": [{"name": "DE", "grid_zone": "DE"}],
    "pools": [{"name": "p", "region": "DE", "hardware": "gpu"}],
    "origins": ["Berlin"],
    "workloads": [
        {
            "name": "chat",
            "variants": [
                {
                    "name": "8b",
                    "profiles": {
                        "gpu": {
                            "service_ms_mean": 10,
                            "service_ms_sd": 0,
                            "server_seconds_per_request": 0.01,
                            "energy_j_per_request": 3600,
                        }
                    },
                }
            ],
        }
    ],
    "carbon_kind": {"signal": "average", "scope": "direct", "basis": "consumption"},
    "carbon_intensity_g_per_kwh": {"DE": [100]},
    "rtt_ms": {"Berlin": {"DE": 5}},
    "requests": {"chat": {"Berlin": [7]}},
}


@pytest.fixture
def tiny():
    return instance_from_document(TINY)


def test_what_is_absent_has_its_default(tiny):
    assert tiny.step_minutes == 60
    assert np.isinf(tiny.servers).all()
    assert tiny.workloads[0].allowed_regions is None
    assert tiny.price_usd_per_kwh is None
    assert tiny.start == datetime(2026, 1, 1, tzinfo=UTC)


def test_demand_that_is_not_named_is_zero():
    document = TINY | {"origins": ["Berlin", "Bonn"], "rtt_ms": {"Berlin": {"DE": 5}, "Bonn": {"DE": 9}}}
    assert instance_from_document(document).requests.tolist() == [[[7], [0]]]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(instance=instances())
def test_an_instance_survives_the_way_through_a_file(instance, tmp_path):
    document, sha256 = instance_to_document(instance), instance_sha256(instance)
    for name in ("a.json", "a.json.gz"):
        save_instance(instance, tmp_path / name)
        again = load_instance(tmp_path / name)
        assert instance_to_document(again) == document
        assert instance_sha256(again) == sha256
    for field in instance.__slots__:
        _assert_same(getattr(again, field), getattr(instance, field))


def _assert_same(one, other):
    if isinstance(other, np.ndarray):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
    elif hasattr(other, "__slots__") and type(other).__eq__ is object.__eq__:  # vintages, request log
        for field in other.__slots__:
            _assert_same(getattr(one, field), getattr(other, field))
    else:
        assert one == other


def test_the_hash_does_not_depend_on_spelling(tiny, tmp_path):
    spelled = dict(reversed(TINY.items())) | {"carbon_intensity_g_per_kwh": {"DE": [100.0]}, "notes": [], "jobs": []}
    (tmp_path / "a.json").write_text(json.dumps(spelled, indent=4), encoding="utf-8")
    assert instance_sha256(load_instance(tmp_path / "a.json")) == instance_sha256(tiny)


def test_the_hash_does_not_depend_on_the_number_type_in_python(tiny):
    integers = tiny.replace(
        carbon_intensity_g_per_kwh=np.array([[100]]), jitter_sd_ms=0, regions=(replace(tiny.regions[0], pue=1),)
    )
    assert instance_sha256(integers) == instance_sha256(tiny)


def test_the_hash_depends_on_every_part_of_the_demand(tiny):
    assert instance_sha256(tiny.replace(requests=tiny.requests + 1)) != instance_sha256(tiny)


def test_gzipped_files_are_reproducible(tiny, tmp_path):
    save_instance(tiny, tmp_path / "a.json.gz")
    first = (tmp_path / "a.json.gz").read_bytes()
    save_instance(tiny, tmp_path / "a.json.gz")
    assert (tmp_path / "a.json.gz").read_bytes() == first
    assert gzip.decompress(first).startswith(b'{\n  "schema": "planner.instance/1"')


def test_time_in_another_zone_is_written_in_utc(tiny):
    east = tiny.replace(start=tiny.start.astimezone(timezone(timedelta(hours=2))))
    assert instance_to_document(east)["start"] == "2026-01-01T00:00:00Z"


def test_a_time_without_a_zone_is_not_written(tiny, tmp_path):
    with pytest.raises(InvalidInput, match="/start"):
        save_instance(tiny.replace(start=datetime(2026, 1, 1)), tmp_path / "a.json")
    assert not list(tmp_path.iterdir())


def test_an_instance_that_nobody_could_load_is_not_written(tiny, tmp_path):
    with pytest.raises(InvalidInput, match="/carbon_intensity_g_per_kwh/DE/0: found -1"):
        save_instance(tiny.replace(carbon_intensity_g_per_kwh=np.array([[-1.0]])), tmp_path / "a.json")
    assert not list(tmp_path.iterdir())


def test_servers_without_a_limit_in_some_periods_are_not_written(tiny, tmp_path):
    two = tiny.replace(
        carbon_intensity_g_per_kwh=np.array([[1.0, 2.0]]),
        requests=np.array([[[1, 1]]]),
        servers=np.array([[1.0, np.inf]]),
    )
    with pytest.raises(InvalidInput, match="/servers/p"):
        save_instance(two, tmp_path / "a.json")


def test_explicit_times_that_fit_change_nothing(tiny):
    assert instance_sha256(instance_from_document(TINY | {"times": ["2026-01-01T00:00:00+00:00"]})) == instance_sha256(
        tiny
    )


def test_an_error_names_the_file_it_is_in(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(TINY | {"grace_periods": -1}), encoding="utf-8")
    with pytest.raises(InvalidInput) as error:
        load_instance(path)
    assert (error.value.source, error.value.where) == (str(path), "/grace_periods")
