"""What the commands share: options, the JSON envelope, what goes to stdout and what to stderr."""

import json
import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.errors import Infeasible, LimitReached, PlannerError, SolverError

if TYPE_CHECKING:
    from planner.domain.instance import Instance
    from planner.domain.results import Bounds, Objective, Violation

log = logging.getLogger("planner")

Progress = Callable[[float, float | None, float | None, float | None], None]


def _shipped(incomplete: str) -> list[str]:
    from planner.io.library import shipped_instances

    return [name for name in shipped_instances() if name.startswith(incomplete)]


def completion(group: str) -> Callable[[str], list[str]]:
    """Shell completion with the names of a group of plug-ins."""

    def complete(incomplete: str) -> list[str]:
        from planner.registry import names

        return [name for name in names(group) if name.startswith(incomplete)]

    return complete


def _quiet(value: bool) -> bool:
    if value:
        log.setLevel(logging.ERROR)
    return value


def _verbose(value: bool) -> bool:
    if value:
        log.setLevel(logging.DEBUG)
    return value


InstanceArgument = Annotated[
    str,
    typer.Argument(metavar="INSTANCE", help="A path, or a name from `planner instance list`.", autocompletion=_shipped),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to a file, atomically.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Errors only on stderr.", callback=_quiet)]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="More on stderr.", callback=_verbose)]
NoProgress = Annotated[bool, typer.Option("--no-progress", help="No progress lines on stderr.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Seed of everything random.", show_default=True)]
Threads = Annotated[int, typer.Option("--threads", metavar="N", min=1, help="Solver threads.", show_default=True)]
Gap = Annotated[float, typer.Option("--gap", metavar="G", min=0, help="Relative gap to stop at.", show_default=True)]
TimeLimit = Annotated[
    float | None, typer.Option("--time-limit", metavar="S", min=0, help="Seconds of solving, at most.")
]
Formulation = Annotated[
    str,
    typer.Option(
        metavar="SPEC",
        help="auto, backlog or time-indexed.",
        show_default=True,
        autocompletion=completion("planner.formulations"),
    ),
]
Algorithm = Annotated[
    str, typer.Option(metavar="NAME", help="What solves the relaxation: auto (by size), simplex, ipm or hipo.")
]
PolicySpecs = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        metavar="SPEC",
        help="NAME[:key=value,...] from `planner policy list` (repeat).",
        autocompletion=completion("planner.policies"),
    ),
]
ForecastSpec = Annotated[
    str,
    typer.Option(
        "--forecast",
        metavar="SPEC",
        help="NAME[:key=value,...] of what predicts, for policies that look ahead.",
        autocompletion=completion("planner.forecasters"),
    ),
]


def note(message: str) -> None:
    """A line for people, on stderr; silent with -q."""
    log.info(message)


def warn(messages: Iterable[str]) -> None:
    """Warnings on stderr; silent with -q."""
    for message in messages:
        log.warning("warning: %s", message)


def emit(document: Mapping[str, Any], text: str, *, as_json: bool, output: Path | None = None) -> None:
    """The result of a command: one JSON document or text for people, on stdout or in a file."""
    body = to_json(document) if as_json else text
    if output is None:
        print(body)
        return
    from planner.io.atomic import write_text

    write_text(output, body + "\n")
    note(f"wrote {output}")


def to_json(document: Mapping[str, Any]) -> str:
    """One line of JSON (see `plain`)."""
    return json.dumps(plain(document), ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    """What JSON can hold: dataclasses and mappings as objects, arrays as lists, NaN and infinities as null."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if hasattr(value, "tolist"):  # a numpy array or scalar
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def envelope(
    schema: str,
    instance: "Instance",
    *,
    status: str,
    objective: "Objective | None" = None,
    bounds: "Bounds | None" = None,
    violations: Iterable["Violation"] = (),
    seconds: Mapping[str, float] | None = None,
    warnings: Iterable[str] = (),
    **more: Any,
) -> dict[str, Any]:
    """The part of a JSON answer that all commands on an instance have in common, and `more` keys beside it."""
    from planner.io.instances import instance_sha256

    broken = [asdict(violation) for violation in violations]
    return {
        "schema": schema,
        "instance": {"name": instance.name, "sha256": instance_sha256(instance)},
        "status": status,
        "objective": objective_document(objective) if objective else None,
        "bounds": asdict(bounds) if bounds else {"certified": None, "solver": None},
        "gap": gaps(objective, bounds) if objective and bounds and not broken else {"certified": None, "solver": None},
        "violations": broken,
        "seconds": dict(seconds or {}),
        "warnings": list(warnings),
        **more,
    }


def objective_document(objective: "Objective") -> dict[str, Any]:
    """An objective with its parts, as every answer shows it."""
    return {**asdict(objective), "parts": dict(objective.parts)}


def gaps(objective: "Objective", bounds: "Bounds") -> dict[str, float | None]:
    """`certified`: to the bound that needs no solver to check; `solver`: to the better of the two (MODEL.md 7)."""
    from planner.metrics.gaps import relative_gap

    def to(bound: float | None) -> float | None:
        return None if bound is None else relative_gap(objective.total, bound)

    return {"certified": to(bounds.certified), "solver": to(bounds.best)}


class Stopwatch:
    """Seconds by phase, and in all; starts when it is made."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, phase: str) -> None:
        """End a phase."""
        now = time.perf_counter()
        self.laps[phase], self._last = now - self._last, now

    @property
    def total(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._began


def versions() -> dict[str, str]:
    """Versions of what decides a result."""
    from planner.solve import versions as of_solver

    return of_solver.versions()


@contextmanager
def reported(schema: str, instance: "Instance", *, as_json: bool) -> Iterator[None]:
    """With --json, an instance without a plan or a failing solver is an answer too: its status says which."""
    from planner.domain.results import Bounds

    try:
        yield
    except (Infeasible, LimitReached, SolverError) as error:
        if as_json:
            said = error.clashes if isinstance(error, Infeasible) else (str(error),)
            bounds = Bounds(error.bound) if isinstance(error, LimitReached) else None
            status = _status(error)
            print(to_json(envelope(schema, instance, status=status, bounds=bounds, versions=versions(), warnings=said)))
        raise


def _status(error: PlannerError) -> str:
    if isinstance(error, Infeasible):
        return "infeasible"
    return "limit" if isinstance(error, LimitReached) else "error"


def watched(*, no_progress: bool) -> bool:
    """Whether somebody wants to see progress: on a terminal, or with -v."""
    wanted = sys.stderr.isatty() or log.isEnabledFor(logging.DEBUG)
    return wanted and not no_progress and log.isEnabledFor(logging.INFO)


def progress(*, no_progress: bool) -> Progress | None:
    """Where solving stands, on stderr: a line per improvement or second. None: nobody is looking."""
    if not watched(no_progress=no_progress):
        return None
    shown: tuple[float, float | None] = (-1.0, None)

    def show(seconds: float, incumbent: float | None, bound: float | None, gap: float | None) -> None:
        nonlocal shown
        if incumbent == shown[1] and seconds - shown[0] < 1:
            return
        shown = seconds, incumbent
        note(f"{seconds:7.1f} s  plan {number(incumbent)}  bound {number(bound)}  gap {share(gap)}")

    return show


def climbing(*, no_progress: bool) -> Callable[[float, float], None] | None:
    """The bound as it rises, on stderr. None: nobody is looking."""
    if not watched(no_progress=no_progress):
        return None
    return lambda seconds, bound: note(f"{seconds:7.1f} s  bound {number(bound)}")


def number(value: float | None, digits: int = 9) -> str:
    """A figure for people; '-' where there is none."""
    return "-" if value is None or not isfinite(value) else f"{value:.{digits}g}"


def share(value: float | None) -> str:
    """A gap or rate for people, in per cent; '-' where there is none."""
    if value is None or not isfinite(value):
        return "-"
    return f"{Decimal(f'{round(100 * value, 6):.4g}'):f} %"  # Decimal: no power of ten in a table


def table(header: Iterable[str], rows: Iterable[Iterable[str]], *, left: int = 1) -> str:
    """Columns of text: the first `left` to the left, the others, figures, to the right."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]

    def aligned(line: list[str]) -> str:
        padded = (
            cell.ljust(w) if i < left else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        return "  ".join(padded).rstrip()

    return "\n".join(map(aligned, lines))
