"""A plan from patterns: the pattern that the master wants most is taken whole, the rest is priced again, and so on."""

from collections.abc import Callable

import numpy as np

from planner.domain.instance import Bools, Ints
from planner.solve.highs import Answer
from planner.solve.unsplittable.patterns import Patterns

ROUNDS = 6  # of pricing after each pattern taken
FIRST_ROUNDS = 15  # and before the first one
SURE = 0.9  # patterns of at least this share are taken together
LEAST = 1e-6


def dive(patterns: Patterns, over: Callable[[], bool], served: Bools, shut: Bools) -> Ints:
    """Options, one a batch that is not `served` (B,) yet, that fit into the cells that are not `shut` (K,).

    Batches are left out where nothing fits or time is `over`.
    Source: Sadykov, Vanderbeck, Pessoa, Tahiri and Uchoa, Primal heuristics for branch and price, 2019.
    """
    problem, served, shut = patterns.problem, served.copy(), shut.copy()
    taken = [np.zeros(0, dtype=np.int64)]
    patterns.only(served, shut)
    rounds = FIRST_ROUNDS
    while not over():
        answer = _priced_again(patterns, served, shut, rounds)
        rounds = ROUNDS
        wanted = _wanted(patterns, answer, shut)
        before = len(taken)
        if not len(wanted):
            missed = patterns.missed(answer)
            return np.concatenate([*taken, missed[~served[problem.batch[missed]]]])
        for j in wanted.tolist():
            batches = problem.batch[patterns.options[j]]
            if not served[batches].any() and not shut[patterns.cell[j]]:
                served[batches], shut[patterns.cell[j]] = True, True
                taken.append(patterns.options[j])
                patterns.close(j)
        if len(taken) == before:
            break
    return np.concatenate(taken)


def _priced_again(patterns: Patterns, served: Bools, shut: Bools, rounds: int) -> Answer:
    for _ in range(rounds):
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
