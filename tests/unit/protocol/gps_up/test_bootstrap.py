import numpy as np
import pytest

from planner.protocol.gps_up import bootstrap
from planner.protocol.gps_up.bootstrap import interval, resampled_sums


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def test_sums_are_those_of_drawn_invocations() -> None:
    values = np.array([[1.0, 10.0, 100.0]])
    sums = resampled_sums(values, np.zeros(3, np.int64), draw=generator(), resamples=500)
    possible = {a + b + c for a in (1.0, 10.0, 100.0) for b in (1.0, 10.0, 100.0) for c in (1.0, 10.0, 100.0)}
    assert set(sums.ravel()) <= possible
    assert len(set(sums.ravel())) > 5


def test_strata_keep_their_size_and_scenarios_share_their_draws() -> None:
    values = np.array([[1.0, 1.0, 5.0], [2.0, 2.0, 10.0]])
    sums = resampled_sums(values, np.array([0, 0, 1]), draw=generator(), resamples=50)
    assert sums.shape == (2, 50, 2)
    assert (sums[0] == [2.0, 4.0]).all()
    assert (sums[1] == [5.0, 10.0]).all()


def test_a_seed_draws_the_same_however_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    values, stratum = generator(1).random((3, 40)), np.repeat([0, 1], 20)
    whole = resampled_sums(values, stratum, draw=generator(), resamples=101)
    monkeypatch.setattr(bootstrap, "CHUNK", 60)
    assert resampled_sums(values, stratum, draw=generator(), resamples=101) == pytest.approx(whole)
    assert not np.array_equal(whole, resampled_sums(values, stratum, draw=generator(5), resamples=101))


def test_the_interval_of_a_mean_is_the_normal_one_for_many_values() -> None:
    sample = generator(2).normal(10, 3, 2000)
    means = resampled_sums(sample[None], np.zeros(2000, np.int64), draw=generator(), resamples=4000)[0, :, 0] / 2000
    error = 1.96 * sample.std() / 2000**0.5
    assert interval(means) == pytest.approx((sample.mean() - error, sample.mean() + error), abs=0.1 * error)


def test_about_95_of_100_intervals_hold_the_truth() -> None:
    rng, held = generator(3), 0
    for _ in range(200):
        base, new = rng.exponential(2.0, 150), rng.exponential(1.0, 150)
        sums = resampled_sums(np.array([base, new]), np.zeros(150, np.int64), draw=rng, resamples=400)[0]
        low, high = interval(sums[:, 0] / sums[:, 1])
        held += low <= 2.0 <= high
    assert 178 <= held <= 199
