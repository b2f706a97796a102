"""Pseudo-cost minimisation and its clipped form: formulas, limits and guarantees."""

from math import e, exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import lambertw

from planner.domain.instance import Instance
from planner.errors import UsageError
from planner.policies.carbon_clipper import CarbonClipper, robustness
from planner.policies.pcm import Pcm, Psi, ratio
from planner.replay.loop import replay
from planner.replay.static import without_series
from tests.unit.replay.small import HOUR, job, small, workload

LOW, HIGH = 100.0, 500.0
ROUNDED = 1 + 1e-5  # crumbs of a batch are not served on their own
SEEN = [LOW, HIGH]  # the bounds are known before the first request comes
INTENSITY = st.floats(LOW, HIGH).map(lambda x: round(x, 3))


def psi(**changes: float) -> Psi:
    eta = ratio(np.array(LOW), np.array(HIGH), **changes)
    return Psi(np.array(LOW), np.array(HIGH), eta, **changes)


def one_unit(carbon: list[float], counts: int = 1) -> Instance:
    """All requests come in hour 2 and may wait until the end."""
    requests = np.zeros(len(carbon) + 2, dtype=int)
    requests[2] = counts
    return small([SEEN + carbon], requests, workloads=(workload("w0", slack_periods=len(carbon) - 1),))


def paid(instance: Instance, policy: object, **options: object) -> float:
    """kg a request."""
    result = replay(instance, policy, **options)  # type: ignore[arg-type]
    assert result.verdict.violations == ()
    return result.verdict.objective.total / int(instance.requests.sum())


def test_eta_is_that_of_one_way_trading_without_movement() -> None:
    by_hand = 1 / (1 + lambertw((LOW / HIGH - 1) / e).real)
    assert float(psi().eta) == pytest.approx(by_hand, rel=1e-12)
    eta = float(psi().eta)
    assert (1 - LOW / HIGH) / (1 - 1 / eta) == pytest.approx(exp(1 / eta), rel=1e-12)
    assert eta == pytest.approx(1.8928, abs=1e-4)


def test_psi_falls_from_u_over_eta_to_l() -> None:
    rule = psi()
    assert float(rule.at(0.0)) == pytest.approx(HIGH / float(rule.eta), rel=1e-12)
    assert float(rule.at(1.0)) == pytest.approx(LOW, rel=1e-12)
    assert np.all(np.diff(rule.at(np.linspace(0, 1, 50))) < 0)


def test_psi_ends_at_l_and_d_and_with_the_codes_tau_above() -> None:
    assert float(psi(move=40.0).at(1.0)) == pytest.approx(LOW + 40, rel=1e-12)
    both = psi(move=40.0, switch=10.0)
    assert float(both.at(1.0)) == pytest.approx(LOW + 40 + 10 + 10 * exp(1 / float(both.eta)), rel=1e-12)
    assert float(psi(move=40.0).at(0.0)) == pytest.approx(HIGH / float(psi(move=40.0).eta) + 40, rel=1e-12)


@pytest.mark.parametrize(("low", "high", "move"), [(0.0, 500.0, 0.0), (100.0, 100.0, 0.0), (100.0, 130.0, 40.0)])
def test_where_no_threshold_helps_everything_is_served(low: float, high: float, move: float) -> None:
    bounds = np.array(low), np.array(high)
    rule = Psi(*bounds, ratio(*bounds, move=move), move)
    assert float(rule.serves(np.array(high), np.array(0.25))) == 0.75


def test_it_serves_up_to_where_psi_falls_to_the_price() -> None:
    rule = psi()
    share = float(rule.serves(np.array(200.0), np.array(0.0)))
    assert 0 < share < 1
    assert float(rule.at(share)) == pytest.approx(200.0, rel=1e-12)
    assert float(rule.serves(np.array(200.0), np.array(share))) == pytest.approx(0.0, abs=1e-12)
    assert float(rule.serves(np.array(LOW), np.array(0.3))) == pytest.approx(0.7)
    assert float(rule.serves(np.array(HIGH), np.array(0.0))) == 0.0


def test_pcm_splits_a_batch_over_ever_cleaner_hours() -> None:
    plan = replay(one_unit([250.0, 200.0, 220.0, 100.0]), "pcm").plan
    shares = dict(zip(plan.period.tolist(), plan.share.tolist(), strict=True))
    rule = psi()
    first = float(rule.serves(np.array(250.0), np.array(0.0)))
    assert sorted(shares) == [2, 3, 5]  # hour 4 is dirtier than what was paid before
    assert shares[2] == pytest.approx(first)
    assert shares[2] + shares[3] == pytest.approx(float(rule.serves(np.array(200.0), np.array(0.0))))


def test_pcm_runs_a_job_whole() -> None:
    carbon = [*SEEN, 400.0, 250.0, 100.0]
    whole = small([carbon], [0] * 5, jobs=(job("j", release=2, deadline=4, length=1),))
    assert replay(whole, "pcm").plan.period.tolist() == [3]


def test_pcm_does_not_spill_into_regions_above_psi() -> None:
    carbon = [[LOW, HIGH, *[300.0] * 8, 120.0, 110.0, *[300.0] * 8], [LOW, HIGH, *[480.0] * 18]]
    requests = [0] * 10 + [2 * HOUR] + [0] * 9
    patient = (workload("w0", slack_periods=2),)
    instance = small(carbon, requests, workloads=patient, servers=np.ones((2, 20)))
    plan = replay(instance, "pcm").plan
    assert plan.pool.tolist() == [0, 0, 0]
    assert plan.period.tolist() == [10, 11, 12]  # psi leaves a little for the last hour
    assert plan.share[-1] < 0.05


@settings(max_examples=60, deadline=None)
@given(carbon=st.lists(INTENSITY, min_size=1, max_size=8))
def test_pcm_pays_at_most_eta_times_the_optimum(carbon: list[float]) -> None:
    instance = one_unit(carbon)
    assert paid(instance, Pcm(without_series(instance))) <= float(psi().eta) * min(carbon) / 1e3 * ROUNDED


@pytest.mark.parametrize("fall", [3, 10, 40])
def test_pcm_pays_eta_where_prices_creep_down_and_then_jump(fall: int) -> None:
    carbon = [*np.linspace(float(psi().at(0.0)), LOW * 1.0001, fall).tolist()]
    for until in range(1, fall + 1):
        sequence = [*carbon[:until], HIGH]
        instance = one_unit(sequence)
        assert paid(instance, "pcm") <= float(psi().eta) * min(sequence) / 1e3 * ROUNDED


@settings(max_examples=60, deadline=None)
@given(
    carbon=st.lists(INTENSITY, min_size=2, max_size=8),
    wrong=st.lists(INTENSITY, min_size=8, max_size=8),
    eps=st.sampled_from([0.05, 0.3, 0.6, 2.0]),
)
def test_carbon_clipper_is_consistent_and_robust(carbon: list[float], wrong: list[float], eps: float) -> None:
    class Told:
        uses_future = False

        def predict(self, history: np.ndarray, horizon: int) -> np.ndarray:
            rest = np.array(SEEN + wrong)[history.shape[1] : history.shape[1] + horizon - 1]
            told = np.pad(np.append(history[0, -1], rest), (0, horizon - 1 - len(rest)), mode="edge")
            return np.broadcast_to(told, (len(history), horizon))

    instance = one_unit(carbon)
    told = [carbon[0], *wrong[1 : len(carbon)]]
    advice = carbon[int(np.argmin(told))]
    cost = paid(instance, CarbonClipper(without_series(instance), eps=eps), forecast=Told(), demand_forecast=Told())
    assert cost <= (1 + eps) * advice / 1e3 * ROUNDED
    assert cost <= robustness(LOW, HIGH, eps) * min(carbon) / 1e3 * ROUNDED


def test_gamma_solves_its_equation() -> None:
    for eps in (0.01, 0.1, 0.4, 0.8):
        gamma = robustness(LOW, HIGH, eps)
        consistency = gamma + 1 - HIGH / LOW + (HIGH - LOW) / LOW * gamma * np.log((HIGH - LOW) / (HIGH - HIGH / gamma))
        assert consistency == pytest.approx(1 + eps, abs=1e-9)


def test_gamma_runs_from_u_over_l_to_eta() -> None:
    eta = float(psi().eta)
    assert robustness(LOW, HIGH, 0.0) == HIGH / LOW
    assert robustness(LOW, HIGH, eta - 1) == pytest.approx(eta, rel=1e-6)
    assert robustness(LOW, HIGH, 5.0) == eta
    gammas = [robustness(LOW, HIGH, eps) for eps in (0.0, 0.1, 0.3, 0.5, 0.7)]
    assert gammas == sorted(gammas, reverse=True)


def test_carbon_clipper_follows_perfect_advice_for_a_small_eps() -> None:
    instance = one_unit([300.0, 180.0, 250.0, 150.0, 400.0])
    plan = replay(instance, "carbon-clipper:eps=0.000001", forecast="perfect").plan
    late = {p: s for p, s in zip(plan.period.tolist(), plan.share.tolist(), strict=True) if s > 1e-4}
    assert list(late) == [5]  # the hour of 150
    assert sum(late.values()) == pytest.approx(1.0, abs=1e-4)


def test_carbon_clipper_is_pcm_for_a_large_eps() -> None:
    instance = one_unit([300.0, 180.0, 250.0, 150.0, 400.0])
    clipped, plain = (replay(instance, spec).plan for spec in ("carbon-clipper:eps=50", "pcm"))
    assert clipped.period.tolist() == plain.period.tolist()
    assert clipped.share.tolist() == plain.share.tolist()


def test_carbon_clipper_takes_the_advised_hours_of_an_interruptible_job() -> None:
    parts = (job("j", release=2, deadline=6, length=2, contiguous=False),)
    instance = small([[*SEEN, 400.0, 150.0, 300.0, 120.0, 300.0]], [0] * 7, jobs=parts)
    plan = replay(instance, "carbon-clipper:eps=0.001", forecast="perfect").plan
    assert sorted(plan.period.tolist()) == [3, 5]


@pytest.mark.parametrize("spec", ["pcm:move=-1", "carbon-clipper:eps=-1"])
def test_parameters_out_of_range_are_refused(spec: str) -> None:
    with pytest.raises(UsageError, match="must not be negative"):
        replay(small([[100]], [1]), spec)


def test_sqrt_lu_runs_at_or_below_the_geometric_mean() -> None:
    mean = float(np.sqrt(LOW * HIGH))  # 223.6
    assert replay(one_unit([mean + 1, mean - 1, LOW]), "sqrt-lu").plan.period.tolist() == [3]
    assert replay(one_unit([mean + 1, mean + 2, HIGH]), "sqrt-lu").plan.period.tolist() == [4]


def test_bounds_forget_what_is_older_than_a_fortnight() -> None:
    day = [200.0, 300.0] * 12
    carbon = [LOW, HIGH] * 12 + day * 14 + [250.0, 240.0]
    requests = np.zeros(len(carbon), dtype=int)
    requests[-2] = 1
    instance = small([carbon], requests, workloads=(workload("w0", slack_periods=1),))
    assert replay(instance, "sqrt-lu").plan.period.tolist() == [len(carbon) - 1]  # 250 > sqrt(200 x 300) = 244.9
