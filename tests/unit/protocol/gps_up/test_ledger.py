from dataclasses import replace

import pytest

from planner.errors import InvalidInput
from planner.protocol.gps_up.ledger import ledger
from planner.protocol.metrics.scenario import Execution, ScenarioMetrics
from planner.protocol.trace import hourly
from tests.unit.protocol.request_logs import START

CALLS = hourly(START)


def executed(*events: str) -> tuple[Execution, ...]:
    return tuple(Execution(event, "any", "here", "2026-06-01T00:00:00Z", 1.0, "1", 200) for event in events)


def scenario(name: str, *events: str) -> ScenarioMetrics:
    return ScenarioMetrics(
        scenario=name, experiment_id="", source="", start="", end="", services=(), executions=executed(*events)
    )


ALL = [call.event_id for call in CALLS]


def test_scenarios_of_one_trace_agree() -> None:
    found = ledger([scenario("A", *ALL), scenario("B", *reversed(ALL))])
    assert found.same_trace
    assert found.common == tuple(sorted(ALL))
    assert not any(account.missing or account.doubled for account in found.accounts)


def test_another_trace_shows_in_the_hash_and_in_the_list() -> None:
    found = ledger([scenario("A", *ALL), scenario("B", *ALL[1:])])
    assert not found.same_trace
    assert [account.missing for account in found.accounts] == [(), (ALL[0],)]
    assert ALL[0] not in found.common


def test_what_failed_was_still_part_of_the_trace() -> None:
    found = ledger([scenario("A", *ALL), replace(scenario("B", *ALL[1:]), unfinished=(ALL[0],))])
    assert found.same_trace
    assert found.accounts[1].missing == (ALL[0],)


def test_what_all_scenarios_lost_is_missing_in_all() -> None:
    found = ledger([scenario("A", *ALL[1:]), scenario("B", *ALL[1:])])
    assert found.same_trace
    assert [account.missing for account in found.accounts] == [(ALL[0],)] * 2


def test_two_successes_are_listed_and_a_failure_is_not() -> None:
    (failed,) = executed(ALL[3])
    again = (*executed(ALL[2]), replace(failed, status=500))
    found = ledger([scenario("A", *ALL), replace(scenario("B", *ALL), repeated=again)])
    assert [account.doubled for account in found.accounts] == [(), (ALL[2],)]


@pytest.mark.parametrize("event", ["x", "20260601T00-api-health-check-20", "20260601T25-api-health-check-00", ""])
def test_an_event_id_that_no_trace_has_is_refused(event: str) -> None:
    with pytest.raises(InvalidInput, match="event id"):
        ledger([scenario("A", *ALL), scenario("B", event)])
