"""(M0), (M1) time-indexed: one column per option; whole batches and jobs included."""

import numpy as np

from models.draft import Draft, Serving
from planner.domain.flat import FlatOptions, flat_options, penalty_of_a_miss
from planner.domain.instance import Batches, Bools


def serve_by_option(draft: Draft, chosen: Bools) -> FlatOptions:
    """x[j] for every option of the chosen batches, m[b] where a miss is priced, and (M1) over both."""
    options, batches = draft.options, draft.instance.batches()
    flat = flat_options(options, chosen)
    whole = np.flatnonzero(batches.share_unit[flat.batch] > 0)
    # Where (M1) already keeps a share at most 1 a bound would only be one row more to price.
    x = draft.add_columns("x", np.where(batches.share_unit[flat.batch] > 0, 1.0, np.inf), price=flat.price, whole=whole)
    first = draft.new_groups(len(batches))
    load_row = np.repeat(np.arange(len(flat)), flat.span)
    offset = np.arange(len(load_row)) - np.repeat(np.cumsum(flat.span) - flat.span, flat.span)
    draft.serving.append(
        Serving(
            columns=x,
            workload=batches.workload[flat.batch],
            group=first + flat.batch,
            limit=np.ones(len(flat)),
            violations=flat.violations,
            takes={"carbon_kg": flat.carbon_kg, "energy_kwh": flat.energy_kwh, "cost_usd": flat.cost_usd},
            load_column=x[load_row],
            load_cell=options.routes.pool[flat.route][load_row] * draft.instance.periods
            + flat.period[load_row]
            + offset,
            load_seconds=flat.seconds[load_row],
        )
    )
    _serve_or_miss(draft, flat, batches, chosen)
    _one_unit_a_period(draft, flat, batches)
    return flat


def _serve_or_miss(draft: Draft, flat: FlatOptions, batches: Batches, chosen: Bools) -> None:
    x, wanted = draft.numbers["x"], np.flatnonzero(chosen)
    row, column, coefficient = flat.batch, x, flat.unit
    penalty = penalty_of_a_miss(draft.instance)
    if penalty is not None:
        missed = draft.add_columns(
            "missed", np.ones(len(wanted)), price=batches.requests[wanted].astype(np.float64) * penalty
        )
        draft.serving.append(misses(missed, batches.workload[wanted], batches.requests[wanted].astype(np.float64)))
        row, column = np.concatenate([row, wanted]), np.concatenate([column, missed])
        coefficient = np.concatenate([coefficient, np.ones(len(wanted))])
    ones = np.ones(len(batches))
    draft.add_rows("M1", row, column, coefficient, lower=ones, upper=ones)  # (M1)


def misses(columns: np.ndarray, workload: np.ndarray, requests: np.ndarray) -> Serving:
    """Missed requests as columns that load nothing: V of (M11) counts each once."""
    nothing = np.zeros(0)
    return Serving(
        columns=columns,
        workload=workload,
        group=np.full(len(columns), -1),
        limit=np.ones(len(columns)),
        violations=requests,
        takes={},
        load_column=nothing.astype(np.int64),
        load_cell=nothing.astype(np.int64),
        load_seconds=nothing,
    )


def _one_unit_a_period(draft: Draft, flat: FlatOptions, batches: Batches) -> None:
    """An interruptible job runs at most 1/length of itself in a period."""
    at = np.flatnonzero(~batches.contiguous[flat.batch] & (batches.length[flat.batch] > 1))
    if len(at):
        row = flat.batch[at] * draft.instance.periods + flat.period[at]
        limit = np.ones(int(row.max()) + 1)
        draft.add_rows("M0_pace", row, draft.numbers["x"][at], np.ones(len(at)), upper=limit)  # (M0)
