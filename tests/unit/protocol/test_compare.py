import json
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from planner.cli.common import to_json
from planner.errors import InvalidInput, UsageError
from planner.io.clock import parse_utc
from planner.protocol.compare import compare
from planner.protocol.gps_up.results import Comparison
from planner.protocol.metrics.latency import Distribution
from planner.protocol.metrics.scenario import Execution, HourOfRegion, ScenarioMetrics
from tests.unit.protocol.request_logs import START
from tests.unit.protocol.scenarios import CI, DAYS, HOUR, NAMES, three

RESAMPLES = 300


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> list[ScenarioMetrics]:
    return three(tmp_path_factory.mktemp("logs"))


@pytest.fixture(scope="module")
def found(scenarios: list[ScenarioMetrics]) -> Comparison:
    return compare(scenarios, DAYS, resamples=RESAMPLES)


def intensity(execution: Execution) -> float:
    hour = (parse_utc(execution.time, "") - START) // HOUR
    return float(CI[NAMES.index(execution.region), hour])


def test_energy_is_time_times_intensity(scenarios: list[ScenarioMetrics], found: Comparison) -> None:
    times = defaultdict(list)
    for metrics in scenarios:
        for e in metrics.executions:
            times[e.function].append(e.latency_ms / 1000)
    for metrics, result in zip(scenarios, found.scenarios, strict=True):
        measured = sum(e.latency_ms / 1000 * intensity(e) for e in metrics.executions)
        policy = sum(np.mean(times[e.function]) * intensity(e) for e in metrics.executions)
        assert result.energy_measured == pytest.approx(measured)
        assert result.energy_policy == pytest.approx(policy)


def test_ratios_are_base_over_new(found: Comparison) -> None:
    energy = {s.scenario: s for s in found.scenarios}
    assert [(p.base, p.new) for p in found.pairs] == [("A", "B"), ("A", "C"), ("B", "C")]
    for pair in found.pairs:
        base, new = energy[pair.base], energy[pair.new]
        assert pair.powerup == 1.0
        assert pair.greenup_policy == pytest.approx(base.energy_policy / new.energy_policy)
        assert pair.greenup_measured.value == pytest.approx(base.energy_measured / new.energy_measured)
        for ratio in (pair.speedup, pair.greenup_measured):
            assert ratio.low is not None
            assert ratio.high is not None
            assert ratio.low <= ratio.value <= ratio.high


def test_who_knows_the_series_reaches_the_bound_and_nobody_is_above_it(found: Comparison) -> None:
    a, b, c = found.scenarios
    assert c.energy_policy == pytest.approx(found.bound_energy)
    assert found.bound_greenup == pytest.approx(found.pairs[1].greenup_policy)
    assert (a.reached, c.reached) == (0.0, pytest.approx(1.0))
    assert b.reached is not None
    assert 0 < b.reached < 1
    assert found.pairs[0].greenup_policy > 1


def test_latency_of_each_function(scenarios: list[ScenarioMetrics], found: Comparison) -> None:
    keys = [e.latency_ms for e in scenarios[1].executions if e.function == "crypto-key-gen"]
    shown = next(f for f in found.scenarios[1].functions if f.function == "crypto-key-gen")
    assert (shown.invocations, shown.mean_ms) == (72, pytest.approx(np.mean(keys)))
    assert shown.p95_ms == pytest.approx(np.percentile(keys, 95))
    means = [next(f.mean_ms for f in s.functions if f.function == "crypto-key-gen") for s in found.scenarios]
    assert found.pairs[0].speedup_by_function["crypto-key-gen"] == pytest.approx(means[0] / means[1])


def test_delays_are_from_invocation_to_start(found: Comparison) -> None:
    assert set(found.delays["A"]) == {1.0}
    waited = found.scenarios[2].delay_s
    assert waited is not None
    assert waited.mean == pytest.approx(found.delays["C"].mean())
    assert found.delays["C"].max() > 3600
    assert all(s.late == () for s in found.scenarios)


def test_the_policys_effect_does_not_depend_on_how_fast_machines_are(
    scenarios: list[ScenarioMetrics], found: Comparison
) -> None:
    a, b, c = scenarios
    slow = replace(c, executions=tuple(replace(e, latency_ms=3 * e.latency_ms) for e in c.executions))
    slowed = compare([a, b, slow], DAYS, resamples=RESAMPLES)
    for before, after in zip(found.pairs, slowed.pairs, strict=True):
        assert after.greenup_policy == pytest.approx(before.greenup_policy, rel=0.01)
    assert slowed.pairs[1].greenup_measured.value < found.pairs[1].greenup_measured.value / 2.9
    assert slowed.pairs[1].speedup.value == pytest.approx(found.pairs[1].speedup.value / 3)


def test_repetitions_are_charged(scenarios: list[ScenarioMetrics], found: Comparison) -> None:
    a, b, c = scenarios
    again = replace(c.executions[5], attempt="1")
    failed = replace(c.executions[7], status=500, latency_ms=2000.0)
    after = compare([a, b, replace(c, repeated=(again, failed))], DAYS, resamples=RESAMPLES)
    before, result = found.scenarios[2], after.scenarios[2]
    own = 2.0 * intensity(failed)
    policy = found.function_seconds[again.function] * intensity(again)
    assert (result.repeated, result.failed) == (1, 1)
    assert result.energy_measured - before.energy_measured == pytest.approx(
        again.latency_ms / 1000 * intensity(again) + own
    )
    assert result.energy_policy - before.energy_policy == pytest.approx(policy + own)
    assert after.pairs[1].speedup.value == pytest.approx(found.pairs[1].speedup.value)
    assert after.accounts[2].doubled == (again.event_id,)
    assert any("executed more than once" in warning for warning in after.warnings)


def test_only_what_all_committed_is_compared(scenarios: list[ScenarioMetrics]) -> None:
    a, b, c = scenarios
    lost = c.executions[100:110]
    kept = tuple(e for e in c.executions if e not in lost)
    found = compare([a, b, replace(c, executions=kept)], DAYS, resamples=RESAMPLES)
    assert found.invocations == 614
    assert not found.same_trace
    assert found.accounts[2].missing == tuple(sorted(e.event_id for e in lost))
    assert {sum(f.invocations for f in s.functions) for s in found.scenarios} == {614}
    assert len(found.warnings) == 2
    ids = {e.event_id for e in lost}
    fair = [replace(m, executions=tuple(e for e in m.executions if e.event_id not in ids)) for m in scenarios]
    same = compare(fair, DAYS, resamples=RESAMPLES)
    assert [p.greenup_policy for p in same.pairs] == [p.greenup_policy for p in found.pairs]


def test_what_begins_at_its_deadline_is_late(scenarios: list[ScenarioMetrics]) -> None:
    a, b, c = scenarios
    ping = next(e for e in c.executions if e.function == "api-health-check")
    hour = parse_utc(f"{ping.event_id[:4]}-{ping.event_id[4:6]}-{ping.event_id[6:11]}:00:00Z", "")
    tardy = replace(ping, time=f"{hour + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}")
    changed = tuple(tardy if e is ping else e for e in c.executions)
    found = compare([a, b, replace(c, executions=changed)], DAYS, resamples=RESAMPLES)
    assert found.scenarios[2].late == (ping.event_id,)


def test_the_same_seed_gives_the_same_document(scenarios: list[ScenarioMetrics], found: Comparison) -> None:
    again = compare(scenarios, DAYS, resamples=RESAMPLES)
    other = compare(scenarios, DAYS, resamples=RESAMPLES, seed=1)
    assert to_json(again.document()) == to_json(found.document())
    assert other.pairs[0].greenup_measured.low != found.pairs[0].greenup_measured.low
    assert [p.greenup_policy for p in other.pairs] == [p.greenup_policy for p in found.pairs]


def test_the_document_has_a_schema_and_no_raw_delays(found: Comparison) -> None:
    document = json.loads(to_json(found.document()))
    assert document["schema"] == "planner.protocol-compare/1"
    assert "delays" not in document
    assert document["scenarios"][2]["delay_s"]["p95"] > 0


def test_from_monitoring_alone(scenarios: list[ScenarioMetrics], found: Comparison) -> None:
    compared = compare([as_monitoring_tells(m) for m in scenarios], DAYS)
    for ours, theirs in zip(compared.pairs, found.pairs, strict=True):
        assert ours.greenup_policy == pytest.approx(theirs.greenup_policy)
        assert ours.greenup_measured.value == pytest.approx(theirs.greenup_measured.value)
        assert ours.speedup.value == pytest.approx(theirs.speedup.value)
        assert ours.speedup.low is None
    assert compared.bound_energy == pytest.approx(found.bound_energy)
    assert compared.same_trace is None
    assert compared.scenarios[0].late is None
    p95 = {f.function: f.p95_ms for f in compared.scenarios[1].functions}
    exact = {f.function: f.p95_ms for f in found.scenarios[1].functions}
    assert p95 == pytest.approx(exact, rel=0.6)  # a bucket is 58 % wide
    assert any("no delays" in warning for warning in compared.warnings)


def as_monitoring_tells(metrics: ScenarioMetrics) -> ScenarioMetrics:
    """The same scenario by hour and region."""
    cells = defaultdict(list)
    for e in metrics.executions:
        cells[e.function, e.region, e.time[:13] + ":00:00Z"].append(e.latency_ms)
    hours = tuple(HourOfRegion(*key, len(ms), float(np.mean(ms))) for key, ms in sorted(cells.items()))
    dispatcher = HourOfRegion("dispatcher", NAMES[0], "2026-06-01T00:00:00Z", 5, 10.0)
    services = tuple(
        replace(s, latency_ms=Distribution.of_buckets(s.latency_ms.mean, s.latency_ms.bounds, s.latency_ms.counts))
        for s in metrics.services
        if s.latency_ms
    )
    return replace(metrics, executions=(), services=services, by_hour=(*hours, dispatcher))


def test_what_lies_outside_the_series_is_said(scenarios: list[ScenarioMetrics]) -> None:
    a, b, c = scenarios
    e = c.executions[-1]
    beyond = replace(e, time="2026-06-09T00:00:00Z")
    found = compare([a, b, replace(c, executions=(*c.executions[:-1], beyond))], DAYS, resamples=RESAMPLES)
    assert any("1 executions lie outside" in warning for warning in found.warnings)


def test_a_series_of_other_days_or_regions_is_refused(scenarios: list[ScenarioMetrics]) -> None:
    with pytest.raises(InvalidInput, match="covers the trace"):
        compare(scenarios, DAYS.replace(start=START + timedelta(days=1)))
    with pytest.raises(InvalidInput, match="emits nothing"):
        compare(scenarios, DAYS.replace(carbon_intensity_g_per_kwh=0 * CI))
    fewer = {"regions": DAYS.regions[1:], "pools": DAYS.pools[1:], "carbon_intensity_g_per_kwh": CI[1:]}
    elsewhere = replace(scenarios[2].executions[0], region=NAMES[0])
    moved = replace(scenarios[2], executions=(elsewhere, *scenarios[2].executions[1:]))
    with pytest.raises(InvalidInput, match=NAMES[0]):
        compare([*scenarios[:2], moved], DAYS.replace(**fewer))


def test_what_cannot_be_compared_is_refused(scenarios: list[ScenarioMetrics]) -> None:
    a, b, _ = scenarios
    with pytest.raises(UsageError, match="not A"):
        compare([a], DAYS)
    with pytest.raises(UsageError, match="A, A"):
        compare([a, a], DAYS)
    with pytest.raises(UsageError, match="one source"):
        compare([as_monitoring_tells(a), b], DAYS)
    with pytest.raises(InvalidInput, match="all have committed"):
        compare([replace(a, executions=a.executions[:1]), replace(b, executions=b.executions[1:])], DAYS)
