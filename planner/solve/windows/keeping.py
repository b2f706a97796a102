"""Finished windows in a folder, by the hash of what they were made of: a run that was killed goes on from there."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from planner.domain.results import Cut, Multipliers
from planner.domain.window import ClassFlows
from planner.io.atomic import write_bytes
from planner.solve.executors import Executor
from planner.solve.versions import versions
from planner.solve.windows.problem import State, WindowProblem
from planner.solve.windows.solution import WindowSolution, solve_window

Finished = Callable[[int, WindowSolution | None], None]


@dataclass(frozen=True, slots=True)
class Keeper:
    """Runs windows on an executor; with a `folder`, those found there do not run again."""

    executor: Executor
    folder: Path | None = None

    def solve(self, problems: list[WindowProblem], *, finished: Finished) -> list[WindowSolution | None]:
        """Solutions in the order of the problems, None where a window has no plan; each is told as it comes."""
        if self.folder is None:
            return self.executor.map(solve_window, problems, finished=finished)
        self.folder.mkdir(parents=True, exist_ok=True)
        paths = [self.folder / f"{digest(problem)}.npz" for problem in problems]
        known = {i: found for i, path in enumerate(paths) if (found := _read(path)) is not None}
        missing = [i for i in range(len(problems)) if i not in known]
        for i, solution in known.items():
            finished(i, solution)

        def keep(index: int, solution: WindowSolution | None) -> None:
            if solution is not None:  # that there is no plan is found again soon enough
                write_bytes(paths[missing[index]], to_bytes(solution))
            finished(missing[index], solution)

        solved = self.executor.map(solve_window, [problems[i] for i in missing], finished=keep)
        fresh = dict(zip(missing, solved, strict=True))
        return [known[i] if i in known else fresh[i] for i in range(len(problems))]


def digest(problem: WindowProblem) -> str:
    """Hash of all that decides a window's solution: the problem and the versions of what solves it."""
    running = hashlib.sha256()
    for part in _parts(versions()):
        running.update(part)
    for part in _parts(problem):
        running.update(part)
    return running.hexdigest()


def _parts(value: Any) -> Any:
    """The bytes of a value, field by field: two values of the same bytes are the same problem."""
    if is_dataclass(value) and not isinstance(value, type):
        yield type(value).__name__.encode()
        for field in fields(value):
            yield from _parts(getattr(value, field.name))
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype}{value.shape}".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif isinstance(value, Mapping):
        for key in sorted(value):
            yield from _parts(key)
            yield from _parts(value[key])
    elif isinstance(value, tuple | list):
        yield f"[{len(value)}".encode()
        for item in value:
            yield from _parts(item)
    else:
        yield repr(value).encode() + b";"


def to_bytes(solution: WindowSolution) -> bytes:
    """A solution as a file of arrays."""
    flows, found = solution.flows, solution.multipliers
    arrays = {
        "kind": flows.kind,
        "served": flows.served,
        "missed": flows.missed,
        "servers": flows.servers,
        "capacity": found.capacity,
        "slo": found.slo,
        "fleet": found.fleet,
        "waiting_before": solution.before.waiting,
        "waiting_after": solution.after.waiting,
        "shape": np.array(solution.shape),
        "cuts": np.array(json.dumps([asdict(c) for c in found.cuts])),
    }
    out = io.BytesIO()
    given: dict[str, Any] = {name: array for name, array in arrays.items() if array is not None}
    np.savez(out, **given)
    return out.getvalue()


def _read(path: Path) -> WindowSolution | None:
    """The solution in a file; None where there is none or the file is damaged (its parts carry checksums)."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            return _solution(dict(arrays))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _solution(a: Mapping[str, Any]) -> WindowSolution:
    servers = a.get("servers")
    cuts = tuple(Cut(tuple(c["regions"]), c["first"], c["last"], c["multiplier"]) for c in json.loads(a["cuts"].item()))
    columns, rows, nonzeros = a["shape"].tolist()
    return WindowSolution(
        flows=ClassFlows(a["kind"], a["served"], a["missed"], servers),
        multipliers=Multipliers(a["capacity"], a["slo"], a.get("fleet"), cuts=cuts),
        before=State(a["waiting_before"], None if servers is None else servers[:, 0]),
        after=State(a["waiting_after"], None if servers is None else servers[:, -1]),
        shape=(columns, rows, nonzeros),
    )
