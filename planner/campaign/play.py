"""One task, from its instance to its file: in this process, in another or on another machine."""

import platform
import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from traceback import format_exc
from typing import Any, TextIO

import numpy as np

from planner import registry
from planner.campaign.anchors import Anchors, anchors, oracle
from planner.campaign.axes import varied
from planner.campaign.dependence import Given, asked
from planner.campaign.rows import agrees, failed, row_document, with_gap_to_best
from planner.campaign.store import Folder
from planner.campaign.task import Task
from planner.campaign.worker import become_worker
from planner.domain.instance import Instance
from planner.errors import SolverError
from planner.forecast.score import score
from planner.io.clock import format_utc
from planner.io.instances import instance_sha256, load_instance
from planner.metrics.gaps import GapRow, gap_table
from planner.solve.versions import versions

WAPE_HOURS = (0, 24)


@dataclass(frozen=True, slots=True)
class Order:
    """A task to be played, and where what it comes to is kept; `plans`: the plans too."""

    folder: Path
    task: Task
    plans: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What the coordinator hears of a task."""

    task: str
    rows: int
    verified: int
    errors: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A row and its timing."""

    row: dict[str, Any]
    timing: dict[str, Any]


def play(order: Order) -> Told:
    """Play a task and write its file and log. What goes wrong is a row with an error; only Ctrl-C is raised."""
    become_worker()
    folder, task = Folder(order.folder), order.task
    with _log(folder.log_file(task.key)) as log:
        log.write(f"{format_utc(datetime.now(UTC))} on {platform.node()}: {dict(task.settings)}, {task.given}\n")
        document = _Table(folder, task, log, plans=order.plans).document()
        folder.save_task(task.key, document)
    return told(task.key, document)


def told(task: str, document: Mapping[str, Any]) -> Told:
    """A task's file in numbers."""
    rows = document["rows"]
    return Told(task, len(rows), sum(bool(r["verified"]) for r in rows), sum(bool(r["error"]) for r in rows))


class _Table:
    """The rows of a task in the making."""

    def __init__(self, folder: Folder, task: Task, log: TextIO, *, plans: bool) -> None:
        self._folder, self._task, self._log, self._plans = folder, task, log, plans
        found = ((given, folder.finished(key)) for key, given in task.siblings)
        self._siblings = [(given, document) for given, document in found if document is not None]

    def document(self) -> dict[str, Any]:
        """What the task's file holds."""
        try:
            instance = _made(self._folder, self._task)
            wape, ends = _wape(instance, self._task.given), self._ends(instance)
        except Exception as error:  # noqa: BLE001 - whatever it is, other tasks go on and the table says so
            return self._file([self._failure("optimum", error)], None, None)
        sheets = [self._sheet(policy, instance, ends) for policy in self._task.policies]
        last = [self._anchor("worst", ends)] if "worst" in ends.rows else []
        return self._file([self._anchor("optimum", ends), *sheets, *last], ends, wape)

    def _ends(self, instance: Instance) -> Anchors:
        known = next((d for _, d in self._siblings if d.get("anchors")), None)
        if known is not None and not self._plans:
            return Anchors.from_document(known["anchors"], taken_from=known["task"])
        ends = anchors(instance, self._task)
        for name, plan in ends.plans.items():
            self._keep(name, plan, instance)
        return ends

    def _sheet(self, policy: str, instance: Instance, ends: Anchors) -> Sheet:
        known = None if self._plans else self._of_sibling(policy)
        if known is not None:
            return known
        began = perf_counter()
        try:
            row = self._row(policy, instance, ends)
            verified = agrees(instance, row)
        except Exception as error:  # noqa: BLE001 - as above
            return self._failure(policy, error)
        if row.plan is not None:
            self._keep(policy, row.plan, instance)
        return self._said(
            row_document(row, certified=ends.bounds.certified, verified=verified),
            _timing(policy, perf_counter() - began, row.decision_us_per_request),
        )

    def _row(self, policy: str, instance: Instance, ends: Anchors) -> GapRow:
        given = self._task.given
        return gap_table(
            instance,
            [policy],
            result=ends,
            worst=ends.worst,
            forecast=given.forecast,
            seed=given.seed,
            oracle=oracle(self._task),
        )[1]

    def _of_sibling(self, policy: str) -> Sheet | None:
        """The row of a task in which the policy asked for the same, and did not fail."""
        mine = asked(policy, self._task.given)
        for given, document in self._siblings:
            if asked(policy, given) != mine:
                continue
            for row, timing in zip(document["rows"], document["timings"], strict=True):
                if row["policy"] == policy and not row["error"]:
                    return self._said(row, timing | {"taken_from": timing["taken_from"] or document["task"]})
        return None

    def _anchor(self, name: str, ends: Anchors) -> Sheet:
        timing = _timing(name, ends.seconds[name], None) | {"taken_from": ends.taken_from}
        return self._said(dict(ends.rows[name]), timing)

    def _failure(self, policy: str, error: Exception) -> Sheet:
        self._log.write(f"{format_exc()}\n")
        row = row_document(failed(policy, error), certified=None, verified=False)
        return self._said(row, _timing(policy, None, None))

    def _said(self, row: dict[str, Any], timing: dict[str, Any]) -> Sheet:
        seconds = timing["seconds"]
        spent = "-" if seconds is None else f"{seconds:.1f} s"
        told = f"gap {row['gap_to_bound']} {row['violations']} {row['error']} ({spent})"
        self._log.write(f"{row['policy']}: {told}\n")
        return Sheet(row, timing)

    def _keep(self, policy: str, plan: Any, instance: Instance) -> None:
        if self._plans:
            self._folder.save_plan(self._task.key, policy, plan, instance)

    def _file(self, sheets: list[Sheet], ends: Anchors | None, wape: float | None) -> dict[str, Any]:
        return {
            "forecast_wape_24h": wape,
            "rows": with_gap_to_best([sheet.row for sheet in sheets]),
            "timings": [sheet.timing for sheet in sheets],
            "machine": {"machine": f"{platform.machine()} {platform.node()}", **versions()},
            "anchors": None if ends is None else ends.document(),
        }


@contextmanager
def _log(path: Path) -> Iterator[TextIO]:
    with path.open("w", encoding="utf-8", buffering=1) as log:
        began = perf_counter()
        yield log
        log.write(f"done in {perf_counter() - began:.1f} s\n")


@lru_cache(maxsize=2)
def _base(path: Path, changed_ns: int) -> Instance:  # noqa: ARG001 - a file that changed is another file
    return load_instance(path)


def _made(folder: Folder, task: Task) -> Instance:
    """The task's instance. SolverError: it is not the one that was hashed."""
    file = folder.instance_file(task.base)
    instance = varied(_base(file, file.stat().st_mtime_ns), task.settings)
    if instance_sha256(instance) != task.instance_sha256:
        raise SolverError(f"{file} has changed since the campaign began: run it again")
    return instance


def _wape(instance: Instance, given: Given) -> float | None:
    """Mean over the regions of the forecaster's WAPE a day ahead (see `planner forecast score`)."""
    forecaster = registry.load("planner.forecasters", given.forecast, instance=instance, seed=given.seed)
    scores = score(forecaster, instance.carbon_intensity_g_per_kwh, instance, lead_hours=WAPE_HOURS)
    known = [s.wape for s in scores if s.wape is not None]
    return float(np.mean(known)) if known else None


def _timing(policy: str, seconds: float | None, decision_us: float | None) -> dict[str, Any]:
    return {
        "policy": policy,
        "seconds": seconds,
        "decision_us_per_request": decision_us,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "taken_from": "",
    }
