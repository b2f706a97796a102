"""Who stands where: each policy's gaps on the tasks that all of them finished."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

import numpy as np

from planner.domain.instance import Floats
from planner.report.results.rows import ANCHORS, Outcome, Results, Row

FINISHED = (Outcome.MEASURED, Outcome.BROKEN)
ENOUGH = 0.5  # of the tasks; policies that would leave fewer to compare on are not ranked


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """One policy.

    `gaps` (G,), smallest first, of `compared` tasks; on the `broken` others of them it broke a hard rule. `finished`
    and `failed` count all tasks: with a verified plan, and with an error or a plan that was not verified.
    `decision_us`: median over tasks.
    """

    policy: str
    regime: str
    clairvoyant: bool
    gaps: Floats
    compared: int
    finished: int
    failed: int
    broken_anywhere: int
    decision_us: float | None = None

    @property
    def broken(self) -> int:
        """Compared tasks on which it broke a hard rule."""
        return self.compared - len(self.gaps)

    def quantile(self, share: float) -> float | None:
        """The gap that this share of the compared tasks is within; a broken rule is worse than any gap, then None."""
        nth = max(1, ceil(share * self.compared - 1e-9))
        return float(self.gaps[nth - 1]) if nth <= len(self.gaps) else None


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """`ranked`: best median first, on the `compared` tasks; `unranked` have too few; `anchors`: optimum, worst.

    All `tasks` were given one forecaster, `forecast`; `elsewhere` counts those that were given others.
    """

    ranked: tuple[Standing, ...]
    unranked: tuple[Standing, ...]
    anchors: tuple[Standing, ...]
    compared: tuple[str, ...]
    tasks: int
    forecast: str
    elsewhere: int

    def rank(self, standing: Standing) -> int | None:
        """1 for the best; None for a policy that sees the future, which competes with nobody."""
        honest = [each.policy for each in self.ranked if not each.clairvoyant]
        return honest.index(standing.policy) + 1 if standing.policy in honest else None

    @property
    def best(self) -> Standing | None:
        """First of those that do not see the future."""
        return next((each for each in self.ranked if not each.clairvoyant), None)


def leaderboard(results: Results) -> Leaderboard:
    """Policies compared on the tasks that all ranked ones finished, with a verified plan and a bound.

    Of a campaign with several forecasters those tasks that were given the main one: others come to the same instances.
    """
    elsewhere = len(results.tasks) - len(results.main.tasks)
    results = results.main
    ranked, compared = _fair(results)
    speeds = _speeds(results)

    def standing(policy: str, tasks: Sequence[str] = compared) -> Standing:
        return _standing(results, policy, tasks, speeds.get(policy))

    own = {policy: [t for t in results.tasks if _is(results, t, policy, FINISHED)] for policy in results.policies}
    return Leaderboard(
        ranked=tuple(sorted(map(standing, ranked), key=_merit)),
        unranked=tuple(standing(policy, own[policy]) for policy in results.policies if policy not in ranked),
        anchors=tuple(
            standing(name, _known(results, name, compared)) for name in ANCHORS if _known_at_all(results, name)
        ),
        compared=compared,
        tasks=len(results.tasks),
        forecast=results.forecast,
        elsewhere=elsewhere,
    )


def _is(results: Results, task: str, policy: str, outcomes: Iterable[Outcome]) -> bool:
    row = results.of.get((task, policy))
    return row is not None and row.outcome in outcomes


def _fair(results: Results) -> tuple[list[str], tuple[str, ...]]:
    """Policies and the tasks that all of them finished; who finished fewest leaves until these are enough."""
    finished = {
        policy: sum(_is(results, task, policy, FINISHED) for task in results.tasks) for policy in results.policies
    }
    ranked = sorted(filter(finished.get, finished), key=lambda policy: -finished[policy])
    while True:
        common = [t for t in results.tasks if all(_is(results, t, policy, FINISHED) for policy in ranked)]
        if len(ranked) <= 1 or len(common) >= ENOUGH * len(results.tasks):
            return ranked, tuple(common) if ranked else ()
        ranked.pop()


def _known_at_all(results: Results, policy: str) -> bool:
    return any((task, policy) in results.of for task in results.tasks)


def _known(results: Results, policy: str, tasks: Iterable[str]) -> list[str]:
    return [task for task in tasks if _is(results, task, policy, (Outcome.MEASURED,))]


def _standing(results: Results, policy: str, tasks: Sequence[str], decision_us: float | None) -> Standing:
    mine = [row for task in results.tasks if (row := results.of.get((task, policy)))]
    gaps = [gap for task in tasks if (gap := results.of[task, policy].gap) is not None]
    return Standing(
        policy=policy,
        regime=next((row.regime for row in mine if row.regime), ""),
        clairvoyant=any(row.clairvoyant for row in mine),
        gaps=np.sort(np.array(gaps, dtype=np.float64)),
        compared=len(tasks),
        finished=sum(row.outcome in FINISHED for row in mine),
        failed=sum(row.outcome in (Outcome.FAILED, Outcome.UNVERIFIED) for row in mine),
        broken_anywhere=sum(row.outcome is Outcome.BROKEN for row in mine),
        decision_us=decision_us,
    )


def _merit(standing: Standing) -> tuple[float, ...]:
    quantiles = (standing.quantile(share) for share in (0.5, 0.75, 0.95, 1.0))
    return (*(float("inf") if gap is None else gap for gap in quantiles), float(standing.broken))


def _speeds(results: Results) -> dict[str, float]:
    """Median microseconds a request by policy, from the table of timings."""
    found: dict[str, list[float]] = {}
    for policy, value in results.timed("decision_us_per_request"):
        found.setdefault(policy, []).append(value)
    return {policy: median(values) for policy, values in found.items()}


def labels(results: Results) -> dict[str, str]:
    """A name for each task: its instance and what sets it apart."""
    return {task: _label(results, results.first[task]) for task in results.tasks}


def _label(results: Results, row: Row) -> str:
    own = [f"{name} {value}" for name, value in row.axes if value and name in results.axes]
    return ", ".join([row.instance, *own])
