"""What went wrong, counted: nothing that failed or broke a rule is passed over."""

from collections import Counter
from collections.abc import Iterator

from planner.report.results.rows import Outcome, Results
from planner.report.results.standings import Leaderboard
from planner.report.results.words import several

Line = tuple[str, str, str]


def troubles(results: Results) -> list[Line]:
    """(policy, what, on how many tasks): most frequent first."""
    found = Counter((row.policy, what) for row in results.rows for what in _what(results, row.task, row.policy))
    absent = Counter(
        (policy, "no row: not asked for, or not finished")
        for policy in results.policies
        for task in results.tasks
        if (task, policy) not in results.of
    )
    ranked = sorted((found + absent).items(), key=lambda item: (-item[1], item[0]))
    return [(policy, what, f"{count:,}") for (policy, what), count in ranked]


def _what(results: Results, task: str, policy: str) -> Iterator[str]:
    row = results.of[task, policy]
    match row.outcome:
        case Outcome.FAILED:
            yield f"failed: {row.error}"
        case Outcome.UNVERIFIED:
            yield "not verified: its figures are not used"
        case Outcome.BROKEN:
            yield from (f"broke {rule}: no gap" for rule in dict.fromkeys(row.violations))
        case Outcome.NO_BOUND:
            yield "no gap: the bound is unknown or zero"


def left_out(results: Results, board: Leaderboard) -> list[str]:
    """What the comparison does without, in sentences; empty where it has everything."""
    missing = board.tasks - len(board.compared)
    said = []
    if missing:
        tasks = several(board.tasks, "instance")
        said.append(
            f"{missing:,} of {tasks} are left out of the comparison: not every ranked policy finished there. Their "
            "rows stand in the tables of instances and rows."
        )
    if board.elsewhere:
        said.append(
            f"{several(board.elsewhere, 'instance')} with other forecasters than {board.forecast} stand under Forecast "
            "error and gap, not in the leaderboard: they are the same grids and demands again."
        )
    said += [
        f"{each.policy} has a verified plan on {each.finished:,} of {several(board.tasks, 'instance')}. Ranking it "
        "would leave too few to compare on: its figures are those of the instances it has."
        for each in board.unranked
    ]
    informed = sum(row.uses_future and not row.clairvoyant for row in results.rows)
    if informed:
        said.append(
            f"{several(informed, 'row')} of policies were given forecasts that a forecaster made from the truth "
            "(perfect, noisy): they tell what such forecasts would be worth, not what can be had."
        )
    return said
