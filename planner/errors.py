"""One tree of errors; the command line turns each branch into an exit code.

PlannerError
|-- UsageError               2  a name, option or spec that does not exist
|-- InvalidInput             3  a file that does not hold what it should (where, found, expected)
|-- Infeasible               4  no plan satisfies the instance (families and batches that clash)
|-- LimitReached             5  a limit ended the solve before any plan was found
|-- SolverError              6  the solver refused a call or failed
|   `-- BoundAboveObjective     a lower bound that lies above a plan: a defect, never a result
|-- PolicyError              3  a policy answered something it must not (hour and batch)
|-- MissingExtra             2  an optional dependency is not installed
`-- NetworkError             7  the network or the credentials
"""


class PlannerError(Exception):
    """Root of every error that `planner` raises on purpose; the message says what to do."""

    exit_code = 6


class UsageError(PlannerError):
    """A name, option or spec that does not exist."""

    exit_code = 2


class InvalidInput(PlannerError):
    """Input that does not hold what it should.

    `where` is a JSON pointer, a CSV row or a path; `found` and `expected` are said in words.
    """

    exit_code = 3

    def __init__(self, where: str, found: str, expected: str, source: str = "") -> None:
        self.where, self.found, self.expected, self.source = where, found, expected, source
        place = f"{source}: {where}" if source else where
        super().__init__(f"{place}: found {found}; expected {expected}")

    def in_file(self, source: str) -> "InvalidInput":
        """The same error, naming the file it was found in."""
        return type(self)(self.where, self.found, self.expected, source)


class PolicyError(PlannerError):
    """A policy answered something it must not; the message names the hour and the batch."""

    exit_code = 3


class Infeasible(PlannerError):
    """No plan satisfies the instance; `clashes` names constraint families and batches in words."""

    exit_code = 4

    def __init__(self, clashes: tuple[str, ...]) -> None:
        self.clashes = clashes
        super().__init__("no plan satisfies the instance: " + "; ".join(clashes))


class LimitReached(PlannerError):
    """A limit of time or memory ended the solve before any plan was found; no plan is below `bound`, certified."""

    exit_code = 5

    def __init__(self, message: str, bound: float | None = None) -> None:
        self.bound = bound
        super().__init__(message if bound is None else f"{message}; no plan is below {bound:.9g} (certified)")


class SolverError(PlannerError):
    """The solver refused a call or failed."""

    exit_code = 6


class BoundAboveObjective(SolverError):
    """A lower bound lies above a plan's objective: a defect, never a result."""


class MissingExtra(PlannerError):
    """An optional dependency is not installed; the message names the extra."""

    exit_code = 2


class NetworkError(PlannerError):
    """The network or the credentials failed."""

    exit_code = 7
