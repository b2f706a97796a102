"""(M11) SLO budgets and (M12) caps: one row each over everything that serves."""

import numpy as np

from models.draft import Draft

CAPPED = ("carbon_kg", "cost_usd", "energy_kwh")


def slo_budget(draft: Draft) -> None:
    """(M11): expected violations on time, late and missed requests of a workload are at most eps of its requests."""
    instance = draft.instance
    budgets = [(w, x.slo_budget) for w, x in enumerate(instance.workloads) if x.slo_budget is not None]
    if not budgets:
        return
    requests = instance.requests.sum(axis=(1, 2)).astype(np.float64)
    names = [x.name for x in instance.workloads]
    for job in instance.jobs:
        requests[names.index(job.workload)] += job.requests
    limit = np.full(len(instance.workloads), np.inf)
    for w, eps in budgets:
        limit[w] = eps * requests[w]
    row, column, coefficient = (
        np.concatenate([getattr(s, name) for s in draft.serving]) for name in ("workload", "columns", "violations")
    )
    counted = np.isfinite(limit[row]) & (coefficient > 0)
    draft.add_rows("M11", row[counted], column[counted], coefficient[counted], upper=limit)


def caps(draft: Draft) -> None:
    """(M12): totals of carbon, cost or energy are at most their caps, servers and start-ups included."""
    instance = draft.instance
    takers = [(s.columns, s.takes) for s in draft.serving if s.takes] + draft.takes
    for name in CAPPED:
        cap = getattr(instance.caps, name)
        if cap is None:
            continue
        column = np.concatenate([c for c, _ in takers])
        coefficient = np.concatenate([np.asarray(t[name], dtype=np.float64) for _, t in takers])
        used = coefficient != 0
        draft.add_rows(
            f"M12_{name}",
            np.zeros(int(used.sum()), dtype=np.int64),
            column[used],
            coefficient[used],
            upper=np.array([float(cap)]),
        )
