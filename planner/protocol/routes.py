"""Where the runner posts an invocation: to one region (A), to that of the hour (B), to the dispatcher (C)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import Any

from planner.data.faas import FUNCTIONS, protocol_days
from planner.data.slicing import slice_periods
from planner.errors import UsageError
from planner.io.clock import format_utc
from planner.io.maps import load_map
from planner.protocol.dispatcher.calls import Regions
from planner.protocol.dispatcher.queue import Task
from planner.protocol.trace import HOUR

SCENARIOS = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of a run: `count` from `first`, a full hour, UTC."""

    first: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Post:
    """A request; `audience` is the service that its token is for."""

    url: str
    audience: str
    body: dict[str, Any]


Route = Callable[[Task], Post]
RegionOf = Callable[[Task], str]


def fixed(region: str) -> RegionOf:
    """Scenario A."""
    return lambda _: region


def mapped(path: Path, hours: Hours) -> tuple[RegionOf, list[str]]:
    """Scenario B: the regions of a file of `planner map`, and all their names. InvalidInput: an hour has none."""
    instance = slice_periods(protocol_days(hours.first, ceil(hours.count / 24)), 0, hours.count)
    chosen, names = load_map(path, instance), [region.name for region in instance.regions]
    row = {name: n if chosen.per_workload else 0 for n, name in enumerate(FUNCTIONS)}

    def region(task: Task) -> str:
        return names[int(chosen.region[row[task.function], (task.trace_hour - hours.first) // HOUR])]

    return region, sorted({names[n] for n in chosen.region.flat})


def at_once(regions: Regions, region_of: RegionOf) -> Route:
    """Scenarios A and B: to the function itself."""

    def post(task: Task) -> Post:
        placed = replace(task, region=region_of(task))
        return Post(regions.url(placed), regions.service(placed), dict(task.payload))

    return post


def through(dispatcher: str) -> Route:
    """Scenario C: to the dispatcher, which answers when it has accepted, not when the function has run."""
    service = dispatcher.rstrip("/")

    def post(task: Task) -> Post:
        named = {name: getattr(task, name) for name in ("event_id", "function", "experiment_id", "scenario")}
        moments = {name: format_utc(getattr(task, name)) for name in ("deadline", "trace_hour")}
        return Post(f"{service}/dispatch", service, {**named, **moments, "payload": dict(task.payload)})

    return post


def route(
    scenario: str, regions: Regions, *, names: list[str], hour_map: Path | None, dispatcher: str | None, hours: Hours
) -> Route:
    """Of a scenario. UsageError: something is missing that it needs, or given that it does not."""
    match scenario:
        case "A" if len(names) == 1 and not hour_map and not dispatcher:
            return at_once(regions, fixed(names[0]))
        case "B" if names and hour_map and not dispatcher:
            region_of, needed = mapped(hour_map, hours)
            regions.require(needed)
            return at_once(regions, region_of)
        case "C" if dispatcher and not names and not hour_map:
            return through(dispatcher)
    raise UsageError(
        f"scenario '{scenario}': A needs one --region, B a --region for each of its --map, C --dispatcher; nothing else"
    )
