"""Scenarios beside each other: latency, speedup, powerup, greenup, delays, and what the oracle leaves to gain."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Bools, Floats, Instance, Ints
from planner.errors import InvalidInput, UsageError
from planner.protocol.gps_up.bootstrap import RESAMPLES, interval, resampled_sums
from planner.protocol.gps_up.bound import least_energy
from planner.protocol.gps_up.grid import Grid
from planner.protocol.gps_up.ledger import Ledger, ledger
from planner.protocol.gps_up.results import Comparison, FunctionTimes, Pair, Ratio, ScenarioResult
from planner.protocol.gps_up.runs import NAMES, Runs, delays, of_executions, of_hours
from planner.protocol.metrics.latency import Distribution
from planner.protocol.metrics.scenario import ScenarioMetrics
from planner.replay.latency import Spread


def compare(
    scenarios: Sequence[ScenarioMetrics], carbon: Instance, *, seed: int = 0, resamples: int = RESAMPLES
) -> Comparison:
    """Compare on the invocations that all have committed.

    `carbon` gives CI by region and hour. InvalidInput: they have none in common, or the series does not cover them.
    """
    _distinct(scenarios)
    grid = Grid(carbon)
    case = _of_executions if all(m.executions for m in scenarios) else _of_hours
    return case(scenarios, grid).comparison(seed, resamples)


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """What both sources come to: runs by scenario, and the trace as invocations by function and hour of release."""

    scenarios: Sequence[ScenarioMetrics]
    grid: Grid
    runs: Sequence[Runs]
    released: Ints
    events: int
    ledger: Ledger | None

    def comparison(self, seed: int, resamples: int) -> Comparison:
        """All figures."""
        means = _function_means(self.runs)
        policy = [float(r.energy(np.where(r.done, means[r.function], r.seconds)).sum()) for r in self.runs]
        bound = least_energy(self.grid, self.released, means)
        if bound <= 0:
            raise InvalidInput("carbon", "a schedule that emits nothing", "a series whose E* can be divided by")
        waited = self._delays()
        return Comparison(
            carbon=self.grid.instance.name,
            invocations=int(self.released.sum()),
            same_trace=self.ledger.same_trace if self.ledger else None,
            accounts=self.ledger.accounts if self.ledger else (),
            function_seconds={name: float(t) for name, t in zip(NAMES, means, strict=True)},
            scenarios=tuple(self._results(policy, bound, waited)),
            pairs=tuple(self._pairs(policy, np.random.Generator(np.random.PCG64(seed)), resamples)),
            bound_energy=bound,
            bound_greenup=policy[0] / bound,
            seed=seed,
            resamples=resamples,
            warnings=tuple(self._warnings()),
            delays={name: seconds for name, (seconds, _) in waited.items()},
        )

    def _delays(self) -> dict[str, tuple[Floats, tuple[str, ...]]]:
        """Delays and the invocations that began too late, by scenario."""
        if self.ledger is None:
            return {}
        common = set(self.ledger.common)
        planned = {call.event_id: call for call in self.ledger.trace if call.event_id in common}
        found = {}
        for metrics in self.scenarios:
            executions = [e for e in metrics.executions if e.event_id in planned]
            seconds, late = delays(executions, planned)
            found[metrics.scenario] = seconds, tuple(executions[n].event_id for n in np.flatnonzero(late))
        return found

    def _results(
        self, policy: Sequence[float], bound: float, waited: Mapping[str, tuple[Floats, tuple[str, ...]]]
    ) -> Iterator[ScenarioResult]:
        for metrics, runs, energy in zip(self.scenarios, self.runs, policy, strict=True):
            seconds, late = waited.get(metrics.scenario, (None, None))
            again = ~runs.committed
            yield ScenarioResult(
                scenario=metrics.scenario,
                source=metrics.source,
                functions=tuple(_times(metrics, runs)),
                executions_by_region=self._by_region(runs),
                energy_policy=energy,
                energy_measured=float(runs.energy(runs.seconds).sum()),
                reached=(policy[0] - energy) / (policy[0] - bound) if policy[0] > bound else None,
                repeated=int((again & runs.done).sum()),
                failed=int((again & ~runs.done).sum()),
                delay_s=None if seconds is None else Spread.of(seconds),
                late=late,
            )

    def _by_region(self, runs: Runs) -> dict[str, int]:
        regions = self.grid.instance.regions
        counts = np.bincount(runs.region, weights=runs.count, minlength=len(regions))
        return {region.name: int(n) for region, n in zip(regions, counts, strict=True) if n}

    def _pairs(self, policy: Sequence[float], draw: np.random.Generator, resamples: int) -> Iterator[Pair]:
        times, energies = ([float(value(r).sum()) for r in self.runs] for value in (_seconds, _energy))
        samples = self._samples(draw, resamples)
        for a in range(len(self.runs)):
            for b in range(a + 1, len(self.runs)):
                means = [_means(self.runs[k]) for k in (a, b)]
                yield Pair(
                    base=self.scenarios[a].scenario,
                    new=self.scenarios[b].scenario,
                    speedup=_ratio(times[a] / times[b], samples[0], a, b),
                    speedup_by_function={NAMES[f]: float(means[0][f] / means[1][f]) for f in np.flatnonzero(means[1])},
                    greenup_policy=policy[a] / policy[b],
                    greenup_measured=_ratio(energies[a] / energies[b], samples[1], a, b),
                )

    def _samples(self, draw: np.random.Generator, resamples: int) -> tuple[Floats | None, Floats | None]:
        """(B,S) resampled sums of latency and of E*, by the same draws; None without single invocations."""
        if self.ledger is None:
            return None, None
        values = [_by_event(r, value(r), self.events) for value in (_seconds, _energy) for r in self.runs]
        function = np.zeros(self.events, dtype=np.int64)
        function[self.runs[0].event] = self.runs[0].function
        sums = resampled_sums(np.array(values), function, draw=draw, resamples=resamples).sum(axis=0)
        return sums[:, : len(self.runs)], sums[:, len(self.runs) :]

    def _warnings(self) -> Iterator[str]:
        outside = sum(int((~_covered(self.grid, r)).sum()) for r in self.runs)
        if outside:
            yield f"{outside} executions lie outside the carbon series and are charged the nearest hour"
        if self.ledger is None:
            yield "from monitoring alone there are no delays, no intervals and no check of the trace: add request logs"
            return
        if not self.ledger.same_trace:
            yield "the scenarios did not see the same event ids; only what all committed is compared"
        for account in self.ledger.accounts:
            if account.missing:
                yield f"scenario {account.scenario}: {len(account.missing)} invocations without a committed result"
            if account.doubled:
                yield f"scenario {account.scenario}: {len(account.doubled)} invocations were executed more than once"


def _distinct(scenarios: Sequence[ScenarioMetrics]) -> None:
    names = [m.scenario for m in scenarios]
    if len(names) < 2 or len(set(names)) < len(names):
        raise UsageError(f"compare two or more scenarios, each once, not {', '.join(names) or 'none'}")


def _of_executions(scenarios: Sequence[ScenarioMetrics], grid: Grid) -> _Case:
    found = ledger(scenarios)
    if not found.common:
        raise InvalidInput("executions", "no invocation that all have committed", "at least one", "the scenarios")
    number = {event: n for n, event in enumerate(found.common)}
    calls = [call for call in found.trace if call.event_id in number]
    function = np.array([NAMES.index(call.function) for call in calls])
    hour = np.array([grid.hour(call.trace_hour) for call in calls])
    runs = [of_executions(m, number, grid) for m in scenarios]
    return _Case(scenarios, grid, runs, _released(grid, function, hour, np.ones(len(calls))), len(calls), found)


def _of_hours(scenarios: Sequence[ScenarioMetrics], grid: Grid) -> _Case:
    for m in scenarios:
        if not m.by_hour:
            raise UsageError(f"scenario {m.scenario} is from request logs and another is not: take one source for all")
    runs = [of_hours(m, grid) for m in scenarios]
    base = runs[0]  # it runs whatever is invoked in the same hour, so it shows the trace
    return _Case(scenarios, grid, runs, _released(grid, base.function, base.hour, base.count), 0, None)


def _released(grid: Grid, function: Ints, hour: Ints, count: Floats) -> Ints:
    """(F,T) invocations."""
    if not all(map(grid.covers, map(int, hour))):
        first = grid.instance.time(int(hour[0]))
        span = f"{grid.instance.start:%Y-%m-%dT%H}Z and {grid.instance.periods} hours on"
        raise InvalidInput("carbon", f"a series of {span}", f"one that covers the trace, {first:%Y-%m-%dT%H}Z and on")
    released = np.zeros((len(NAMES), grid.instance.periods), dtype=np.int64)
    np.add.at(released, (function, hour), count.astype(np.int64))
    return released


def _covered(grid: Grid, runs: Runs) -> Bools:
    return (runs.hour >= 0) & (runs.hour < grid.instance.periods)


def _function_means(runs: Sequence[Runs]) -> Floats:
    """(F,) T: the mean over the committed executions of all scenarios, s."""
    rows = [(r.function[r.committed], r.count[r.committed], r.seconds[r.committed]) for r in runs]
    function, count, seconds = (np.concatenate(columns) for columns in zip(*rows, strict=True))
    return _mean_by(function, count, seconds)


def _means(runs: Runs) -> Floats:
    return _function_means([runs])


def _mean_by(function: Ints, count: Floats, seconds: Floats) -> Floats:
    total, n = (np.bincount(function, weights=w, minlength=len(NAMES)) for w in (count * seconds, count))
    return np.divide(total, n, out=np.zeros(len(NAMES)), where=n > 0)


def _times(metrics: ScenarioMetrics, runs: Runs) -> Iterator[FunctionTimes]:
    means, histogram = _means(runs), _p95_of_services if metrics.by_hour else None
    for f, name in enumerate(NAMES):
        mine = runs.committed & (runs.function == f)
        if mine.any():
            p95 = histogram(metrics, name) if histogram else float(np.percentile(1000 * runs.seconds[mine], 95))
            yield FunctionTimes(name, int(runs.count[mine].sum()), float(1000 * means[f]), p95)


def _p95_of_services(metrics: ScenarioMetrics, function: str) -> float:
    regions = [s.latency_ms for s in metrics.services if s.service == function and s.latency_ms]
    return Distribution.together(regions).p95


def _seconds(runs: Runs) -> Floats:
    return np.where(runs.committed, runs.count * runs.seconds, 0.0)


def _energy(runs: Runs) -> Floats:
    return runs.energy(runs.seconds)


def _by_event(runs: Runs, value: Floats, events: int) -> Floats:
    return np.bincount(runs.event, weights=value, minlength=events).astype(np.float64)


def _ratio(value: float, samples: Floats | None, base: int, new: int) -> Ratio:
    if samples is None:
        return Ratio(value)
    return Ratio(value, *interval(samples[:, base] / samples[:, new]))
