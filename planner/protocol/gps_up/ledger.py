"""Whether the scenarios ran the same trace, and what is missing or doubled."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from planner.errors import InvalidInput
from planner.protocol.metrics.scenario import ScenarioMetrics
from planner.protocol.trace import Invocation, hourly


@dataclass(frozen=True, slots=True)
class Account:
    """One scenario's event ids: their hash, those of the trace without a committed result, those with two successes."""

    scenario: str
    events: int
    events_sha256: str
    missing: tuple[str, ...]
    doubled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """`trace`: every invocation of the hours that any scenario ran; `common`: event ids committed in all of them."""

    accounts: tuple[Account, ...]
    trace: tuple[Invocation, ...]
    common: tuple[str, ...]

    @property
    def same_trace(self) -> bool:
        """Whether all scenarios saw the same event ids."""
        return len({account.events_sha256 for account in self.accounts}) == 1


def ledger(scenarios: Sequence[ScenarioMetrics]) -> Ledger:
    """From the executions of scenarios. InvalidInput: an event id that no trace has."""
    seen = [{e.event_id for e in m.executions} | set(m.unfinished) for m in scenarios]
    planned = _planned(set().union(*seen))
    committed = [{e.event_id for e in m.executions} for m in scenarios]
    common = set(planned).intersection(*committed)
    accounts = (
        Account(m.scenario, len(events), _sha256(events), _in_order(set(planned) - done), _doubled(m))
        for m, events, done in zip(scenarios, seen, committed, strict=True)
    )
    return Ledger(tuple(accounts), tuple(planned.values()), _in_order(common))


def _planned(events: Iterable[str]) -> dict[str, Invocation]:
    """The whole trace of all hours that occur: what every scenario lost shows too."""
    hours = {_hour(event): event for event in sorted(events, reverse=True)}
    planned = {call.event_id: call for hour in sorted(hours) for call in _calls(hour)}
    for event in events:
        if event not in planned:
            raise InvalidInput("event_id", repr(event), "an event id of the protocol's trace")
    return planned


@cache
def _calls(hour: datetime) -> tuple[Invocation, ...]:
    return tuple(hourly(hour))


def _hour(event: str) -> datetime:
    try:
        return datetime.strptime(event.partition("-")[0], "%Y%m%dT%H").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidInput("event_id", repr(event), "an event id of the protocol's trace") from error


def _doubled(metrics: ScenarioMetrics) -> tuple[str, ...]:
    runs = Counter(e.event_id for e in (*metrics.executions, *metrics.repeated) if e.status < 300)
    return _in_order(event for event, times in runs.items() if times > 1)


def _in_order(events: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(events))


def _sha256(events: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(events)).encode()).hexdigest()
