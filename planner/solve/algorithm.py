"""Which of HiGHS's algorithms solves a linear programme: by size, measured (docs/performance.md), or as asked."""

from collections.abc import Mapping
from enum import StrEnum

from planner.errors import MissingExtra, UsageError

# HiPO is faster from here on, one thread each: of flows, and of options (the time-indexed shape).
FEW_FLOWS, FEW_OPTIONS = 50_000, 150_000


class Algorithm(StrEnum):
    """`ipm` is the interior point method that every HiGHS has, `hipo` the newer one that comes with an extra."""

    SIMPLEX = "simplex"
    IPM = "ipm"
    HIPO = "hipo"


# Devex: 4 times faster than HiGHS's choice on flows, up to 3 times slower on options (docs/solver.md).
# Crossover takes up to a third of the time; its vertex is
# exact, makes a plan of half as many rows, and is a basis for the simplex to go on from.
OPTIONS: Mapping[Algorithm, Mapping[str, str | int]] = {
    Algorithm.SIMPLEX: {"solver": "simplex", "simplex_dual_edge_weight_strategy": 1},
    Algorithm.IPM: {"solver": "ipx", "run_crossover": "on"},
    Algorithm.HIPO: {"solver": "hipo", "run_crossover": "on"},
}
HIGHS_CHOICE: Mapping[str, str | int] = {"solver": "choose", "simplex_dual_edge_weight_strategy": -1}


def options_of(algorithm: Algorithm, *, flows: bool) -> Mapping[str, str | int]:
    """What HiGHS is told; `flows`: whether all columns are those of the backlog shape."""
    by_option = {"simplex_dual_edge_weight_strategy": -1} if not flows else {}
    return {**OPTIONS[algorithm], **by_option}


def algorithm_for(columns: int, *, flows: bool = True, asked: str = "auto", hipo: bool) -> Algorithm:
    """The algorithm asked for, or the fastest for a programme of so many columns; `hipo`: whether HiGHS has it.

    UsageError: there is none of this name. MissingExtra: it is not installed.
    """
    if asked == "auto":
        # HiGHS's older interior point method never won: as slow as the simplex up to 660,000 columns, in more memory
        few = FEW_FLOWS if flows else FEW_OPTIONS
        return Algorithm.HIPO if hipo and columns > few else Algorithm.SIMPLEX
    if asked not in list(Algorithm):
        raise UsageError(f"no algorithm '{asked}'; there are auto, {', '.join(Algorithm)}")
    if asked == Algorithm.HIPO and not hipo:
        raise MissingExtra("HiPO is not installed: pip install 'planner[hipo]', or use --algorithm ipm")
    return Algorithm(asked)
