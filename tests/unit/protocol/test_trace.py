from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from planner.data.faas import FUNCTIONS, protocol_days, protocol_week
from planner.errors import UsageError
from planner.io.instances import instance_sha256, load_instance
from planner.protocol.trace import JITTER_SECONDS, PAYLOADS, hourly, lines, trace, trace_sha256

START = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_an_hour_holds_the_protocols_mix() -> None:
    assert Counter(call.function for call in hourly(START)) == {
        "api-health-check": 20,
        "crypto-key-gen": 3,
        "image-format-converter": 2,
        "video-transcoder": 1,
    }


def test_a_week_has_4368_invocations_with_an_identity_each() -> None:
    calls = list(trace(START, 7))
    assert len(calls) == len({call.event_id for call in calls}) == 4368
    assert [call.at for call in calls] == sorted(call.at for call in calls)
    assert all(call.trace_hour <= call.at < call.trace_hour + HOUR for call in calls)


def test_minute_slots_are_the_same_every_hour_and_seconds_are_not() -> None:
    first, second = (
        {call.event_id[12:]: call.at - call.trace_hour for call in hourly(h)} for h in (START, START + HOUR)
    )
    assert {k: v // timedelta(minutes=1) for k, v in first.items()} == {
        k: v // timedelta(minutes=1) for k, v in second.items()
    }
    assert first != second
    assert all((v % timedelta(minutes=1)).seconds < JITTER_SECONDS for v in first.values())


def test_the_trace_is_the_same_bytes_on_every_machine() -> None:
    # SHA-256 of the first week as first published: every scenario and machine must print it.
    assert trace_sha256(START, 7) == "4f7ac4f339e328a6ee9d12735f7a6faf5f41d724c60c99d996815b29e4f8fb82"
    assert trace_sha256(START, 7) != trace_sha256(START + HOUR, 7)


def test_payloads_are_the_protocols() -> None:
    assert PAYLOADS["crypto-key-gen"] == {"bits": 4096}
    assert PAYLOADS["image-format-converter"]["format"] == "WEBP"
    assert PAYLOADS["image-format-converter"]["quality"] == 85
    assert PAYLOADS["video-transcoder"]["passes"] == 4
    assert all(call.payload == PAYLOADS[call.function] for call in hourly(START))
    assert next(lines(trace(START, 1))).endswith("\n")


def test_the_instance_counts_the_same_invocations_with_the_same_deadlines() -> None:
    instance, calls = protocol_days(START, 2), list(trace(START, 2))
    names = [w.name for w in instance.workloads]
    counts = np.zeros_like(instance.requests)
    for call in calls:
        counts[names.index(call.function), 0, (call.trace_hour - START) // HOUR] += 1
    assert counts.tolist() == instance.requests.tolist()
    slack = {w.name: w.slack_periods for w in instance.workloads}
    assert all(call.deadline == call.trace_hour + (1 + slack[call.function]) * HOUR for call in calls)
    assert set(names) == set(FUNCTIONS)


def test_the_shipped_week_is_the_protocols() -> None:
    assert instance_sha256(protocol_week()) == instance_sha256(load_instance("faas/protocol-week"))


@pytest.mark.parametrize(
    ("start", "days"),
    [
        (START, 0),
        (START + timedelta(minutes=5), 1),
        (START.replace(tzinfo=None), 1),
        (datetime(2026, 6, 1, tzinfo=timezone(timedelta(minutes=30))), 1),
    ],
)
def test_a_trace_of_odd_hours_is_refused(start: datetime, days: int) -> None:
    with pytest.raises(UsageError):
        list(trace(start, days))
