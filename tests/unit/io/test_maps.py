import json
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.domain.plan import HourMap
from planner.errors import InvalidInput
from planner.io.instances import instance_from_document
from planner.io.maps import load_map, save_map
from planner.testing.strategies import instances

TWO_HOURS = "hour,region,workload,carbon_intensity_g_per_kwh\n2026-01-01T00:00:00Z,r0,,1\n2026-01-01T01:00:00Z,r0,,1\n"


@pytest.fixture
def two_hours():
    """The first two hours of the starter instance, its regions called r0 and r1."""
    starter = instance_from_document(json.loads((files("planner.io") / "starter.json").read_text(encoding="utf-8")))
    return starter.replace(
        regions=tuple(replace(r, name=f"r{i}") for i, r in enumerate(starter.regions)),
        pools=(),
        workloads=tuple(replace(w, name="w0") for w in starter.workloads),
        carbon_intensity_g_per_kwh=starter.carbon_intensity_g_per_kwh[:, :2],
        requests=starter.requests[:, :, :2],
        servers=starter.servers[:0, :2],
    )


@st.composite
def maps(draw):
    instance = draw(instances())
    separate = draw(st.booleans())
    shape = (len(instance.workloads) if separate else 1, instance.periods)
    cells = draw(
        st.lists(st.integers(0, len(instance.regions) - 1), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1])
    )
    return instance, HourMap(np.array(cells, dtype=np.int64).reshape(shape), per_workload=separate)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=maps())
def test_a_map_survives_the_way_through_a_file(drawn, tmp_path):
    instance, hour_map = drawn
    for name in ("map.csv", "map.json", "map.json.gz"):
        save_map(tmp_path / name, hour_map, instance)
        again = load_map(tmp_path / name, instance)
        assert again.region.tolist() == hour_map.region.tolist()
        assert again.per_workload == hour_map.per_workload


def test_the_csv_has_the_columns_of_the_contract(two_hours, tmp_path):
    save_map(tmp_path / "map.csv", HourMap(np.zeros((1, 2), dtype=np.int64)), two_hours)
    lines = (tmp_path / "map.csv").read_text().splitlines()
    assert lines[0] == "hour,region,workload,carbon_intensity_g_per_kwh"
    assert lines[1] == f"2026-01-01T00:00:00Z,r0,,{two_hours.carbon_intensity_g_per_kwh[0, 0]}"


def test_a_map_of_a_longer_time_serves_a_shorter_one(two_hours, tmp_path):
    around = TWO_HOURS + "2026-01-01T02:00:00Z,r0,,1\n2025-12-31T23:00:00Z,r0,,1\n"
    (tmp_path / "map.csv").write_text(around)
    assert load_map(tmp_path / "map.csv", two_hours).region.tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        (("01:00:00Z,r0", "01:00:00Z,r9"), "row 3, column region", "the text 'r9'"),
        (("2026-01-01T01:00:00Z,r0,,1\n", ""), "rows", "none for 2026-01-01T01:00:00Z"),
        (("01:00:00Z", "00:00:00Z"), "row 3, column hour", "again"),
        (("01:00:00Z", "00:30:00Z"), "row 3, column hour", "the start of a period"),
        (("01:00:00Z", "01:00:00"), "row 3, column hour", "without a zone"),
        (("01:00:00Z", "01:00:00+02:00"), "row 3, column hour", "not UTC"),
        (("2026-01-01T01:00:00Z", "yesterday"), "row 3, column hour", "ISO 8601"),
        (("01:00:00Z,r0,", "01:00:00Z,r0,w9"), "row 3, column workload", "the text 'w9'"),
        (("01:00:00Z,r0,", "01:00:00Z,r0,w0"), "rows", "some with and some without a workload"),
        (("hour,region,workload", "hour,region"), "row 1", "no column 'workload'"),
        ((TWO_HOURS, ""), "row 1", "no column 'hour'"),
        (("01:00:00Z,r0", '01:00:00Z,"r0'), "row", "valid CSV"),
    ],
)
def test_a_broken_csv_is_told_by_row(two_hours, tmp_path, change, where, said):
    (tmp_path / "map.csv").write_text(TWO_HOURS.replace(*change))
    with pytest.raises(InvalidInput) as error:
        load_map(tmp_path / "map.csv", two_hours)
    assert error.value.where.startswith(where)
    assert error.value.source == str(tmp_path / "map.csv")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ({"schema": "planner.plan/1"}, "/schema"),
        ({"schema": "planner.map/1"}, "/map"),
        ({"schema": "planner.map/1", "map": [7]}, "/map/0"),
        ({"schema": "planner.map/1", "map": [{"hour": 7}]}, "/map/0/hour"),
        ({"schema": "planner.map/1", "map": [{"hour": "2026-01-01T00:00:00Z"}]}, "/map/0/region"),
        ({"schema": "planner.map/1", "map": [{"hour": "2026-01-01T00:00:00Z", "region": ["r0"]}]}, "/map/0/region"),
    ],
)
def test_a_broken_json_map_is_told_by_pointer(two_hours, tmp_path, content, where):
    (tmp_path / "map.json").write_text(json.dumps(content))
    with pytest.raises(InvalidInput) as error:
        load_map(tmp_path / "map.json", two_hours)
    assert error.value.where == where
