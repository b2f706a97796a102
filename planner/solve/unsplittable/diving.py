"""A plan from patterns: the pattern that the master wants most is taken whole, the rest is priced again, and so on."""

from collections.abc import Callable

import numpy as np

from planner.domain.instance import Bools, Ints
from planner.solve.highs import Answer
from planner.solve.unsplittable.patterns import Patterns

ROUNDS = 6  # of pricing after each pattern taken
SURE = 0.9  # patterns of at least this share are taken together
LEAST = 1e-6


def dive(patterns: Patterns, over: Callable[[], bool]) -> Ints:
    """Options, one a batch, that fit into their cells; batches are left out where nothing fits or time is `over`.

    Source: Sadykov, Vanderbeck, Pessoa, Tahiri and Uchoa, Primal heuristics for branch and price, 2019.
    """
    problem = patterns.problem
    served, shut = np.zeros(problem.batches, dtype=np.bool_), np.zeros(len(problem.inside), dtype=np.bool_)
    taken: list[Ints] = []
    patterns.open_box()
    while not over():
        answer = _priced_again(patterns, served, shut)
        wanted = _wanted(patterns, answer, shut)
        before = len(taken)
        if not len(wanted):
            return np.concatenate([*taken, patterns.missed(answer)])
        for j in wanted.tolist():
            batches = problem.batch[patterns.options[j]]
            if not served[batches].any() and not shut[patterns.cell[j]]:
                served[batches], shut[patterns.cell[j]] = True, True
                taken.append(patterns.options[j])
                patterns.close(j)
        if len(taken) == before:
            break
    return np.concatenate([np.zeros(0, dtype=np.int64), *taken])


def _priced_again(patterns: Patterns, served: Bools, shut: Bools) -> Answer:
    for _ in range(ROUNDS):
        answer = patterns.solved()
        if answer.duals is None:
            break
        prices = np.where(served, -np.inf, answer.duals[: len(served)])
        if not patterns.price(prices, shut)[1]:
            break
    return patterns.solved()


def _wanted(patterns: Patterns, answer: Answer, shut: Bools) -> Ints:
    """Patterns of open cells that are nearly whole, or the one of the largest share."""
    share = patterns.shares(answer)
    share = np.where(shut[np.array(patterns.cell, dtype=np.int64)[: len(share)]], 0.0, share)
    order = np.argsort(-share, kind="stable")
    sure = int((share > SURE).sum())
    return order[: max(sure, int(share.max(initial=0.0) > LEAST))]
