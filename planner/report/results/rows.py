"""Rows of a campaign: what one policy came to on one task."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import isfinite

ANCHORS = ("optimum", "worst")  # rows to compare with, not competitors


class Outcome(StrEnum):
    """What a row says."""

    MEASURED = "measured"
    NO_BOUND = "no bound"
    BROKEN = "rule broken"
    UNVERIFIED = "not verified"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Row:
    """One policy on one task; None where a figure is not known.

    `axes` are (name, value) of the campaign's axes, `violations` the hard rules that the plan breaks, `forecast_wape`
    the error of the task's carbon forecaster on the first day (a share).
    """

    task: str
    instance: str
    policy: str
    suite: str = ""
    instance_sha256: str = ""
    axes: tuple[tuple[str, str], ...] = ()
    periods: int | None = None
    regions: int | None = None
    regime: str = ""
    uses_future: bool = False
    forecast: str = ""
    total: float | None = None
    carbon_kg: float | None = None
    bound: float | None = None
    bound_kind: str = ""
    gap_to_bound: float | None = None
    gap_to_best: float | None = None
    position: float | None = None
    slo_violation_rate: float | None = None
    missed_rate: float | None = None
    violations: tuple[str, ...] = ()
    error: str = ""
    forecast_wape: float | None = None
    verified: bool = False

    @property
    def outcome(self) -> Outcome:
        """The first that holds of: failed, not verified, a hard rule broken, without a bound, measured."""
        if self.error:
            return Outcome.FAILED
        if not self.verified:
            return Outcome.UNVERIFIED
        if self.violations:
            return Outcome.BROKEN
        return Outcome.NO_BOUND if self.gap_to_bound is None else Outcome.MEASURED

    @property
    def gap(self) -> float | None:
        """Gap to the bound of a verified plan that keeps every rule."""
        return self.gap_to_bound if self.outcome is Outcome.MEASURED else None

    @property
    def clairvoyant(self) -> bool:
        """Whether the policy itself sees the future, and not only a forecaster it asks."""
        return self.regime == "clairvoyant"

    @property
    def anchor(self) -> bool:
        """Whether no policy made it."""
        return self.policy in ANCHORS


@dataclass(frozen=True)
class Results:
    """All rows of a campaign, its table of timings (a mapping a line) and where they were read."""

    rows: tuple[Row, ...]
    timings: tuple[dict[str, str], ...] = ()
    source: str = ""

    @cached_property
    def tasks(self) -> tuple[str, ...]:
        """Hashes in the order of the table."""
        return tuple(dict.fromkeys(row.task for row in self.rows))

    @cached_property
    def policies(self) -> tuple[str, ...]:
        """Those that compete, in the order of the table."""
        return tuple(dict.fromkeys(row.policy for row in self.rows if not row.anchor))

    @cached_property
    def axes(self) -> tuple[str, ...]:
        """Names of the axes along which tasks differ."""
        values: dict[str, set[str]] = {}
        for row in self.rows:
            for name, value in row.axes:
                values.setdefault(name, set()).add(value)
        return tuple(name for name, known in values.items() if len(known) > 1)

    @cached_property
    def forecast(self) -> str:
        """The forecaster that most tasks were given, one that does not know the truth where there is one.

        The first of them where several were given to as many.
        """
        told = {row.forecast for row in self.rows if row.uses_future and not row.clairvoyant}
        given = [row.forecast for row in self.first.values()]
        return Counter([f for f in given if f not in told] or given).most_common(1)[0][0]

    @cached_property
    def main(self) -> "Results":
        """The rows of the tasks that were given `forecast`."""
        return Results(
            tuple(row for row in self.rows if self.first[row.task].forecast == self.forecast), self.timings, self.source
        )

    def timed(self, name: str) -> Iterator[tuple[str, float]]:
        """(policy, figure) of each line of the timings that has one of its own, not taken from another task's."""
        for line in self.timings:
            try:
                value = float(line.get(name, ""))
            except ValueError:
                continue
            if not line.get("taken_from") and isfinite(value):
                yield line.get("policy", ""), value

    @cached_property
    def of(self) -> dict[tuple[str, str], Row]:
        """The row of a task and a policy."""
        return {(row.task, row.policy): row for row in self.rows}

    @cached_property
    def first(self) -> dict[str, Row]:
        """A row of each task, for what all its rows share."""
        found: dict[str, Row] = {}
        for row in self.rows:
            found.setdefault(row.task, row)
        return found
