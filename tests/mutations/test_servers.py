"""(M2)-(M5), (M3b) and (M0) of servers: break how many there are and how they start."""

import numpy as np
import pytest

NORTH, SOUTH, OLD = 0, 1, 2  # pools of the fleet


def test_load_beyond_the_servers(fleet):
    less = fleet.servers(("servers", NORTH, 0, -1), ("servers", NORTH, 1, -1), ("started", NORTH, 2, 1))
    assert fleet.rules(less) == ["M2"]  # 3025 and 3000 server-seconds on 2880


def test_load_beyond_the_available_servers(soft):
    heavy = soft.instance.replace(servers=np.array([[1.0, 1.0, 0.5, 1.0], [np.inf] * 4]))  # 900 of 1000
    assert soft.rules(instance=heavy) == ["M2"]


def test_more_servers_than_available(fleet):
    fewer = fleet.instance.replace(servers=np.array([[5.0] * 4, [5.0] * 4, [5, 5, 5, 1.0]]))
    assert fleet.rules(instance=fewer) == ["M3"]


def test_servers_are_there_under_provisioning_and_only_then(fleet, soft):
    assert fleet.rules(fleet.plan.replace(servers=None)) == ["M3"]
    assert fleet.rules(fleet.plan.replace(started=None)) == ["M4"]
    assert soft.rules(soft.plan.replace(servers=np.ones((2, 4)))) == ["M3"]
    assert soft.rules(soft.plan.replace(started=np.ones((2, 4)))) == ["M4"]


def test_more_servers_than_the_fleet_limit(fleet):
    assert fleet.rules(fleet.servers(("servers", OLD, 3, 3), ("started", OLD, 3, 3))) == []
    assert fleet.rules(
        fleet.servers(
            ("servers", NORTH, 3, 3), ("started", NORTH, 3, 3), ("servers", OLD, 3, 1), ("started", OLD, 3, 1)
        )
    ) == ["M3b"]


def test_a_start_that_is_not_counted(fleet):
    assert fleet.rules(fleet.servers(("started", OLD, 0, -1))) == ["M4"]
    assert fleet.rules(fleet.servers(("servers", NORTH, 3, 1))) == ["M4"]


def test_initial_servers_need_no_start(fleet):
    cold = fleet.instance.pools
    north = cold[NORTH].__class__(
        **{**{n: getattr(cold[NORTH], n) for n in cold[NORTH].__slots__}, "initial_servers": 0}
    )
    assert fleet.rules(instance=fleet.instance.replace(pools=(north, *cold[1:]))) == ["M4"]


def test_a_server_stops_before_its_minimum_uptime(fleet):
    up = ("servers", SOUTH, 1, 1), ("started", SOUTH, 1, 2)
    # south: one server before, three start in hour 1 while the first stops; two remain where three must
    assert fleet.rules(fleet.servers(*up, ("servers", SOUTH, 2, 1))) == []
    assert fleet.rules(fleet.servers(*up)) == ["M5"]


@pytest.mark.parametrize("increase", [0.5, np.nan, np.inf])
@pytest.mark.parametrize("table", ["servers", "started"])
def test_servers_are_whole_numbers(fleet, table, increase):
    changes = [(table, NORTH, 3, increase)]
    if table == "servers":
        changes.append(("started", NORTH, 3, 1))
    assert fleet.rules(fleet.servers(*changes)) == ["M0"]


def test_servers_are_not_negative(fleet):
    assert "M0" in fleet.rules(fleet.servers(("servers", OLD, 3, -3)))
    assert "M0" in fleet.rules(fleet.servers(("started", NORTH, 3, -1)))


def test_servers_of_another_shape(fleet):
    assert fleet.rules(fleet.plan.replace(servers=np.ones((2, 4)))) == ["M0"]
    assert fleet.rules(fleet.plan.replace(started=np.ones(12))) == ["M0"]
