"""How wrong a forecaster was, by lead."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from planner.domain.instance import Floats, Instance
from planner.domain.protocols import Forecaster
from planner.forecast.persistence import MINUTES_OF_A_DAY

LEAD_HOURS = (0, 24, 48, 96)


@dataclass(frozen=True, slots=True)
class Score:
    """Errors of one series (a row of the history) at leads above `after` and up to `until` hours.

    `mae` and `bias` (forecast less truth) in the series' unit, `wape` the sum of absolute errors over that of truths,
    None where the truth is 0 throughout, `median_wape` the median of that over the forecasts issued: a few bad days do
    not move it. `count` values were forecast.
    """

    series: int
    after: float
    until: float
    mae: float
    wape: float | None
    median_wape: float | None
    bias: float
    count: int


def score(
    forecaster: Forecaster, truth: Floats, instance: Instance, *, lead_hours: Sequence[float] = LEAD_HOURS
) -> tuple[Score, ...]:
    """Errors of forecasts made at every midnight UTC (N,T) from the second day on, where the truth is known.

    Nothing but the past is shown to the forecaster. The present, which it is given, is no lead.
    """
    edges = [round(h / instance.step_hours) for h in lead_hours]
    origins = _midnights(instance)
    error = np.full((len(origins), len(truth), edges[-1]), np.nan)
    actual = error.copy()
    for i, now in enumerate(origins):
        reach = min(edges[-1], truth.shape[1] - 1 - now)
        told = forecaster.predict(_past(truth, now), reach + 1)[:, 1:]
        actual[i, :, :reach] = truth[:, now + 1 : now + 1 + reach]
        error[i, :, :reach] = told - actual[i, :, :reach]
    return tuple(_scores(error, actual, edges, instance.step_hours))


def _midnights(instance: Instance) -> list[int]:
    """Periods that begin at 00:00 UTC, with at least a day before them and a period after."""
    day = MINUTES_OF_A_DAY // instance.step_minutes
    into_day = (instance.start.hour * 60 + instance.start.minute) // instance.step_minutes
    first = (day - into_day) % day
    return list(range(first if first >= day - 1 else first + day, instance.periods - 1, day))


def _past(truth: Floats, now: int) -> Floats:
    past = truth[:, : now + 1].copy()
    past.flags.writeable = False
    return past


def _scores(error: Floats, actual: Floats, edges: Sequence[int], step_hours: float) -> Iterator[Score]:
    for n in range(error.shape[1]):
        for after, until in pairwise(edges):
            wrong, true = error[:, n, after:until], actual[:, n, after:until]
            if np.isnan(wrong).all():
                continue
            size, total = np.nansum(np.abs(wrong), axis=1), np.nansum(np.abs(true), axis=1)
            by_issue = size[total > 0] / total[total > 0]
            yield Score(
                series=n,
                after=after * step_hours,
                until=until * step_hours,
                mae=float(np.nanmean(np.abs(wrong))),
                wape=float(size.sum() / total.sum()) if len(by_issue) else None,
                median_wape=float(np.median(by_issue)) if len(by_issue) else None,
                bias=float(np.nanmean(wrong)),
                count=int((~np.isnan(wrong)).sum()),
            )
