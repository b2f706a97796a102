from dataclasses import replace

import numpy as np
import pytest

from planner.data.grid import START, GridSize, grid
from planner.data.grid_carbon import grid_profiles, synthetic_carbon
from planner.data.places import ZONE_SITES, distance_km, round_trip_ms
from planner.domain.options import options
from planner.errors import Infeasible, UsageError
from planner.io.instances import instance_from_document, instance_sha256, instance_to_document
from planner.solve.oracle import bound


def test_standard_size_has_about_a_million_options_and_binding_capacity_without_provisioning() -> None:
    instance = grid(GridSize(), seed=0)
    assert 8e5 <= options(instance).count() <= 1.1e6
    assert sorted({w.slack_periods for w in instance.workloads}) == [0, 3, 6, 12, 24]
    assert not instance.provisioning


@pytest.mark.parametrize(
    "size",
    [
        GridSize(regions=1, origins=1, hours=1, workloads=1),
        GridSize(regions=40, origins=30, hours=24, workloads=8),
        GridSize(regions=4, origins=3, hours=12, step_minutes=5, provisioning=True),
    ],
    ids=str,
)
def test_every_size_is_a_valid_instance(size: GridSize) -> None:
    instance = grid(size, seed=3)
    again = instance_from_document(instance_to_document(instance))
    assert instance_sha256(again) == instance_sha256(instance)
    assert instance.requests.shape == (size.workloads, size.origins, size.periods)
    assert len({r.name for r in instance.regions}) == size.regions
    assert (instance.servers == np.rint(instance.servers)).all()


def test_every_origin_can_be_served_by_every_workload() -> None:
    for seed in range(5):
        instance = grid(GridSize(regions=3, hours=24, workloads=6), seed=seed)
        assert (options(instance).choices() > 0).all()


def test_seed_decides_everything() -> None:
    size = GridSize(regions=3, origins=2, hours=24)
    first, second = (instance_sha256(grid(size, seed=0)) for _ in range(2))
    assert first == second != instance_sha256(grid(size, seed=1))


def test_regions_of_one_zone_share_its_series() -> None:
    instance = grid(GridSize(regions=40, origins=1, hours=24, workloads=1), seed=0)
    assert instance.regions[36].grid_zone == instance.regions[0].grid_zone
    series = instance.carbon_intensity_g_per_kwh
    assert (series[36] == series[0]).all()
    assert (series[1] != series[0]).any()


def test_capacity_scales_the_fleet_against_the_busiest_period() -> None:
    loose, tight = (grid(GridSize(capacity=c), seed=0) for c in (4.0, 1.0))
    assert loose.servers[:, 0].sum() == pytest.approx(4 * tight.servers[:, 0].sum(), rel=0.05)
    assert (loose.requests == tight.requests).all()


def test_the_capacity_dial_goes_from_infeasible_to_loose() -> None:
    """Three points: too few servers at any hour of the day, half of them priced, next to none priced."""
    size = GridSize(regions=4, origins=3, hours=48)
    with pytest.raises(Infeasible, match=r"\(M2\), \(M3\) hours 0-47: 6 workloads need .* server-hours .* exist"):
        bound(grid(replace(size, capacity=0.8), seed=0))
    found = [bound(grid(replace(size, capacity=c), seed=0)) for c in (1.6, 4.0)]
    busy = [float((multipliers.capacity > 0).mean()) for _, multipliers in found]
    assert 0.4 < busy[0] < 0.7
    assert busy[1] < 0.2
    assert found[1][0] < found[0][0]


def test_whole_batches_differ_in_nothing_else() -> None:
    size = GridSize(regions=3, origins=4, hours=24)
    whole, parts = (grid(replace(size, unsplittable=u), seed=0) for u in (True, False))
    assert whole.notes[0] != parts.notes[0]
    assert not any(w.splittable for w in whole.workloads)
    split = whole.replace(workloads=tuple(replace(w, splittable=True) for w in whole.workloads), notes=parts.notes)
    assert instance_sha256(split) == instance_sha256(parts)


def test_most_of_the_fleet_stands_near_its_users() -> None:
    instance = grid(GridSize(regions=6, origins=1, hours=24), seed=0)
    share = instance.servers[:, 0] / instance.servers[:, 0].sum()
    nearest = np.argsort(instance.rtt_ms[0])
    np.testing.assert_allclose(share[nearest[:2]], 0.6 / 2 + 0.4 / 6, atol=0.02)
    np.testing.assert_allclose(share[nearest[2:]], 0.4 / 6, atol=0.02)


@pytest.mark.parametrize("wrong", [{"step_minutes": 7}, {"step_minutes": 120}, {"regions": 0}, {"capacity": 0.0}])
def test_sizes_that_make_no_sense_are_usage_errors(wrong: dict) -> None:
    with pytest.raises(UsageError):
        GridSize(**wrong)


def test_synthetic_carbon_has_the_statistics_it_is_drawn_from() -> None:
    zones = ["DE", "GB", "NL"]
    profiles = grid_profiles().take(zones)
    draw = np.random.Generator(np.random.PCG64(5))
    series = synthetic_carbon(profiles, START, hours=24 * 365 * 4, step_minutes=60, draw=draw)
    np.testing.assert_allclose(series.mean(axis=1), profiles.mean.mean(axis=(1, 2)), rtol=0.05)
    daily = series.reshape(3, -1, 24).mean(axis=2)
    lag = [np.corrcoef(row[1:], row[:-1])[0, 1] for row in daily]
    np.testing.assert_allclose(lag, profiles.daily_ar1, atol=0.1)
    assert np.corrcoef(daily[0], daily[2])[0, 1] > 0.4  # Germany and the Netherlands share their weather
    assert (series >= profiles.lowest[:, None]).all()
    assert (series <= profiles.highest[:, None]).all()


def test_five_minute_carbon_passes_through_the_hours() -> None:
    profiles = grid_profiles().take(["ES"])
    fine, hourly = (
        synthetic_carbon(profiles, START, hours=24, step_minutes=m, draw=np.random.Generator(np.random.PCG64(1)))
        for m in (5, 60)
    )
    assert fine.shape == (1, 288)
    assert (fine[:, ::12] == hourly).all()


def test_every_zone_has_a_site() -> None:
    assert set(ZONE_SITES) == set(grid_profiles().zones)


def test_distances_are_great_circles() -> None:
    london, new_york, pole = (51.51, -0.13), (40.71, -74.01), (90.0, 0.0)
    found = distance_km(np.array([london]), np.array([london, new_york, pole]))[0]
    assert found[0] == 0
    assert found[1] == pytest.approx(5570, rel=0.005)
    assert found[2] == pytest.approx(np.radians(90 - 51.51) * 6371, rel=1e-9)
    assert round_trip_ms(np.array([london]), np.array([london]))[0, 0] == 17
