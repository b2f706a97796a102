"""(M10): every period has one region, changed at most K times, each kept at least `min_dwell` periods."""

import numpy as np

from models.draft import Draft
from planner.domain.instance import Ints


def hour_map(draft: Draft) -> None:
    """x[j] <= g[r,t], sum_r g[r,t] = 1, switches and dwell; g per workload where the rule says so."""
    rule = draft.instance.hour_map
    if rule is None:
        return
    regions, periods = len(draft.instance.regions), draft.instance.periods
    maps = len(draft.instance.workloads) if rule.per_workload else 1
    size = maps * regions * periods
    g = draft.add_columns("g", np.ones(size), whole=np.arange(size))
    at = np.arange(size)
    hour = at // (regions * periods) * periods + at % periods
    one = np.ones(maps * periods)
    draft.add_rows("M10_one", hour, g, np.ones(size), lower=one, upper=one)
    _serve_only_there(draft, g, per_workload=rule.per_workload)
    if rule.max_switches is not None or rule.min_dwell_periods > 1:
        h = _entries(draft, g)
        _few_switches(draft, h, rule.max_switches)
        _dwell(draft, g, h, rule.min_dwell_periods)


def _serve_only_there(draft: Draft, g: Ints, *, per_workload: bool) -> None:
    """A batch (or class) serves in a region and period only what g allows; the limit keeps the row tight."""
    regions, periods = len(draft.instance.regions), draft.instance.periods
    serving = [s for s in draft.serving if len(s.load_cell)]
    if not serving:  # no batch has an option: any map will do
        return
    column = np.concatenate([s.load_column for s in serving])
    cell = np.concatenate([s.load_cell for s in serving])
    owner = [np.searchsorted(s.columns, s.load_column) for s in serving]
    group = np.concatenate([s.group[i] for s, i in zip(serving, owner, strict=True)])
    limit = np.concatenate([s.limit[i] for s, i in zip(serving, owner, strict=True)])
    workload = np.concatenate([s.workload[i] for s, i in zip(serving, owner, strict=True)])
    place = draft.instance.pool_region[cell // periods] * periods + cell % periods
    spot = (workload * regions * periods if per_workload else 0) + place
    keys, first, row = np.unique(group * regions * periods + place, return_index=True, return_inverse=True)
    rows = np.arange(len(keys))
    draft.add_rows(
        "M10",
        np.concatenate([row, rows]),
        np.concatenate([column, g[spot[first]]]),
        np.concatenate([np.ones(len(column)), -limit[first]]),
        upper=np.zeros(len(keys)),
    )


def _entries(draft: Draft, g: Ints) -> Ints:
    """h[r,t] >= g[r,t] - g[r,t-1]: region r is entered in t; the first period enters its region too."""
    periods = draft.instance.periods
    h = draft.add_columns("h", np.ones(len(g)))
    at = np.arange(len(g))
    later = at[at % periods > 0]
    draft.add_rows(
        "M10_enter",
        np.concatenate([at, at, later]),
        np.concatenate([h, g, g[later - 1]]),
        np.concatenate([np.ones(len(g)), -np.ones(len(g)), np.ones(len(later))]),
        lower=np.zeros(len(g)),
    )
    return h


def _few_switches(draft: Draft, h: Ints, most: int | None) -> None:
    if most is None:
        return
    regions, periods = len(draft.instance.regions), draft.instance.periods
    later = np.flatnonzero(np.arange(len(h)) % periods > 0)
    row = later // (regions * periods)
    draft.add_rows(
        "M10_switches", row, h[later], np.ones(len(later)), upper=np.full(int(row.max(initial=0)) + 1, float(most))
    )


def _dwell(draft: Draft, g: Ints, h: Ints, dwell: int) -> None:
    if dwell <= 1:
        return
    periods = draft.instance.periods
    at = np.arange(len(g))
    row, column, coefficient = [at], [g], [-np.ones(len(g))]
    for back in range(dwell):
        reach = at[at % periods >= back]
        row, column, coefficient = [*row, reach], [*column, h[reach - back]], [*coefficient, np.ones(len(reach))]
    draft.add_rows(
        "M10_dwell", np.concatenate(row), np.concatenate(column), np.concatenate(coefficient), upper=np.zeros(len(g))
    )
