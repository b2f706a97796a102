"""Batches in order of regret, each to the cheapest options, at the relaxation's prices, that still have room."""

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.solve.unsplittable.batches import WholeBatches

ROUNDING = 1e-9  # of a row's unit
WHOLE = 1 - 1e-9


def place(whole: WholeBatches, values: Floats, room: Floats, price: Floats, batches: Ints) -> Floats:
    """(n,) values with the given batches placed too; `room` (m,) is what the others leave of each row's upper limit.

    `price` (n,) is a column's cost with the rows it loads (reduced cost). Regret is the price of the second-best option
    with room less that of the best, of the whole batch, so that large ones come first; it changes as rows fill. Where
    no option has room, the batch goes where it overloads least. Source: regret heuristic of Martello and Toth for the
    generalised assignment problem (Knapsack Problems, 1990, 7.4).
    """
    out, left = values.copy(), room.copy()
    waiting = np.isin(np.arange(len(whole)), batches)
    regret = np.zeros(len(whole))
    regret[batches] = _regrets(whole, left, price, batches)
    while waiting.any():
        b = int(np.argmax(np.where(waiting, regret, -np.inf)))
        filled = _serve(whole, out, left, price, b)
        waiting[b] = False
        touched = np.unique(whole.batch[whole.by_row[filled[whole.local[filled]]].indices])
        open_ = touched[(touched >= 0) & waiting[touched]]
        regret[open_] = _regrets(whole, left, price, open_)
    return out


def _overload(whole: WholeBatches, left: Floats, columns: Ints) -> Floats:
    """By how much one more unit of each column breaks its rows."""
    which, row, amount = whole.entries(columns)
    over = np.maximum(amount - np.maximum(left[row], 0.0), 0.0)
    return np.bincount(which, np.where(over > ROUNDING, over, 0.0), len(columns)).astype(np.float64)


def _regrets(whole: WholeBatches, left: Floats, price: Floats, batches: Ints) -> Floats:
    """Infinite where only one option has room, or none."""
    if not len(batches):
        return np.zeros(0)
    columns = whole.of(batches)
    size = whole.first[batches + 1] - whole.first[batches]
    first = np.cumsum(size) - size
    fits = _overload(whole, left, columns) == 0
    whole_price = np.where(fits, price[columns] / whole.share[columns], np.inf)
    order = np.lexsort((whole_price, np.repeat(np.arange(len(batches)), size)))
    cheapest, second = whole_price[order[first]], whole_price[order[np.minimum(first + 1, len(order) - 1)]]
    choice = (size > 1) & np.isfinite(second)
    return np.where(choice, second, np.inf) - np.where(choice, cheapest, 0.0)


def _serve(whole: WholeBatches, out: Floats, left: Floats, price: Floats, b: int) -> Ints:
    """Unit by unit, since one unit of an interruptible job shuts its period to the next. Returns the rows it loads."""
    columns = whole.of(np.array([b]))
    served, filled = 0.0, []
    while served < WHOLE:
        order = np.lexsort((price[columns] / whole.share[columns], _overload(whole, left, columns)))
        free = order[out[columns[order]] < whole.program.column_upper[columns[order]] - 0.5]
        if not len(free):
            break
        chosen = columns[free[:1]]
        out[chosen] += 1.0
        _, row, amount = whole.entries(chosen)
        np.subtract.at(left, row, amount)
        served += float(whole.share[chosen[0]])
        filled.append(row)
    return np.unique(np.concatenate(filled)) if filled else np.zeros(0, dtype=np.int64)
