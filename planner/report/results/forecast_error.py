"""How a policy's gap grows with the error of the forecasts it was given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats
from planner.report.results.rows import Results
from planner.report.results.standings import Leaderboard

RESAMPLES = 2000
CLASSES = 4  # of tasks, where their errors are all different
FEW = 6  # so many different errors are classes of their own


@dataclass(frozen=True, slots=True)
class Span:
    """A mean and its bootstrap confidence interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """Tasks of like forecast error, from `low` to `high` (shares); `forecast`: all those of one forecaster."""

    low: float
    mean: float
    high: float
    tasks: tuple[str, ...]
    forecast: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """One policy: its mean gap in each class, and how much larger it is in the last class than in the first.

    None where there is nothing to take a mean of.
    """

    policy: str
    regime: str
    means: tuple[Span | None, ...]
    change: Span | None


def error_classes(results: Results, compared: Sequence[str]) -> tuple[ErrorClass, ...]:
    """The tasks whose forecast error is known, smallest error first.

    By forecaster, where several were given to the same instances; else those `compared` by error: a class for each
    value, or four of equal size where there are many.
    """
    known = {task: wape for task in results.tasks if (wape := results.first[task].forecast_wape) is not None}
    return _by_forecaster(results, known) or _by_error({task: known[task] for task in compared if task in known})


def _by_error(errors: dict[str, float]) -> tuple[ErrorClass, ...]:
    ranked = sorted(errors, key=lambda task: errors[task])
    values = sorted({round(wape, 4) for wape in errors.values()})
    if len(values) <= FEW:
        groups = [[task for task in ranked if round(errors[task], 4) == value] for value in values]
    else:
        groups = [part.tolist() for part in np.array_split(np.array(ranked), CLASSES)]
    return tuple(_class(errors, group) for group in groups)


def _by_forecaster(results: Results, errors: dict[str, float]) -> tuple[ErrorClass, ...]:
    """Classes of tasks on the instances that every forecaster was given to; none without two of them."""
    forecasts = dict.fromkeys(results.first[task].forecast for task in errors)
    given = {f: {results.first[t].instance_sha256 for t in errors if results.first[t].forecast == f} for f in forecasts}
    shared = set.intersection(*given.values()) if len(given) > 1 else set()
    groups = {
        f: [t for t in errors if results.first[t].forecast == f and results.first[t].instance_sha256 in shared]
        for f in forecasts
    }
    found = [_class(errors, group, forecast) for forecast, group in groups.items() if group]
    return tuple(sorted(found, key=lambda each: each.mean))


def _class(errors: dict[str, float], group: Sequence[str], forecast: str = "") -> ErrorClass:
    own = [errors[task] for task in group]
    return ErrorClass(min(own), float(np.mean(own)), max(own), tuple(group), forecast)


def effects(results: Results, board: Leaderboard, classes: Sequence[ErrorClass], *, seed: int = 0) -> list[Effect]:
    """An effect for each ranked policy, those that are given forecasts first.

    Intervals are percentile bootstraps of 95 % over the instances of a class, the same draws for all policies and,
    where the classes hold the same instances, for all classes: Efron and Tibshirani (1993), "An Introduction to the
    Bootstrap", chapters 8 and 13. An instance on which a policy broke a rule is left out of that policy's mean.
    """
    ranked = sorted(board.ranked, key=lambda standing: standing.regime != "forecast")
    policies = [standing.policy for standing in ranked]
    units = [_units(results, group) for group in classes]
    gaps = [_gaps(results, unit, policies) for unit in units]
    paired = all(unit.keys() == units[0].keys() for unit in units)
    weights = [_weights(len(g), np.random.default_rng([seed, 0 if paired else n])) for n, g in enumerate(gaps)]
    means = [_means(g, w) for g, w in zip(gaps, weights, strict=True)]
    change = _means(gaps[-1] - gaps[0], weights[0]) if paired else means[-1] - means[0]
    return [
        Effect(
            policy=standing.policy,
            regime=standing.regime,
            means=tuple(_span(samples[:, p]) for samples in means),
            change=_span(change[:, p]) if len(classes) > 1 else None,
        )
        for p, standing in enumerate(ranked)
    ]


def _units(results: Results, group: ErrorClass) -> dict[str, list[str]]:
    """The tasks of each instance, in a fixed order: they share its demand and its grid, and count as one."""
    found: dict[str, list[str]] = {}
    for task in sorted(group.tasks, key=lambda task: results.first[task].instance_sha256):
        found.setdefault(results.first[task].instance_sha256 or task, []).append(task)
    return found


def _gaps(results: Results, units: dict[str, list[str]], policies: Sequence[str]) -> Floats:
    """(U,P) mean gap on an instance, NaN where there is none."""
    cells = [[_mean_gap(results, tasks, policy) for policy in policies] for tasks in units.values()]
    return np.array(cells, dtype=np.float64)


def _mean_gap(results: Results, tasks: Sequence[str], policy: str) -> float:
    known = [gap for task in tasks if (gap := _gap(results, task, policy)) is not None]
    return float(np.mean(known)) if known else float("nan")


def _gap(results: Results, task: str, policy: str) -> float | None:
    row = results.of.get((task, policy))
    return row.gap if row else None


def _weights(n: int, draw: np.random.Generator) -> Floats:
    """(1 + B, n) how often each instance counts: once, then as it is drawn."""
    return np.vstack([np.ones(n), draw.multinomial(n, np.full(n, 1 / n), size=RESAMPLES)])


def _means(gaps: Floats, weights: Floats) -> Floats:
    """(1 + B, P) means over the instances that have a gap."""
    known = ~np.isnan(gaps)
    with np.errstate(invalid="ignore"):  # none of them drawn: no mean
        return np.asarray(weights @ np.where(known, gaps, 0.0) / (weights @ known))


def _span(samples: Floats) -> Span | None:
    """The figure itself, and the percentiles of its resampled ones."""
    if np.isnan(samples[0]):
        return None
    low, high = np.nanpercentile(samples[1:], (2.5, 97.5))
    return Span(float(samples[0]), float(low), float(high))


def points(results: Results, policy: str, classes: Sequence[ErrorClass]) -> Iterator[tuple[float, float]]:
    """(forecast error, gap) of each task on which the policy has a gap."""
    for group in classes:
        for task in group.tasks:
            wape, gap = results.first[task].forecast_wape, _gap(results, task, policy)
            if wape is not None and gap is not None:
                yield wape, gap
