"""Tasks: the product of a suite's axes, each named by a hash of all that determines its rows."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from planner.campaign.axes import varied
from planner.campaign.dependence import Given
from planner.campaign.sources import Bases, sources
from planner.campaign.store import TASK_SCHEMA
from planner.campaign.suite import Axis, Product, Suite
from planner.domain.instance import Instance
from planner.errors import InvalidInput, UsageError
from planner.io.instances import instance_sha256
from planner.io.layout import canonical
from planner.io.pointer import pointer
from planner.registry import load
from planner.solve.versions import versions

HASH = 16  # characters of a task's name: 64 bits
LOADED = ("planner", "pyomo", "highspy")  # whose versions determine rows


@dataclass(frozen=True, slots=True)
class Task:
    """One instance, one forecaster and one seed, and the policies to be replayed on it.

    `base` names the instance before the axes' `settings`. `siblings` are the other tasks of the same instance, which
    may already hold the optimum and the rows of policies that do not ask what sets the tasks apart.
    """

    key: str
    base: str
    settings: Mapping[str, Any]
    instance_sha256: str
    policies: tuple[str, ...]
    given: Given
    gap: float
    time_limit: float | None
    siblings: tuple[tuple[str, Given], ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A task with its place in the product: the labels of its axes, and what its instance is."""

    task: Task
    instance: str
    periods: int
    regions: int
    axes: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """As it stands in campaign.json; the part of the rows that a label may change without a new replay."""
        return {
            "task": self.task.key,
            "instance": self.instance,
            "instance_sha256": self.task.instance_sha256,
            "periods": self.periods,
            "regions": self.regions,
            "forecast": self.task.given.forecast,
            "axes": dict(self.axes),
        }


def cells(suite: Suite, bases: Bases, *, source: str = "") -> list[Cell]:
    """All tasks of a suite in the order of its file; combinations that come to the same task stand there once.

    InvalidInput (the suite's file and key): an axis or a policy that an instance does not take.
    """
    try:
        found = [cell for p, each in enumerate(suite.products) for cell in _of_product(suite, p, each, bases)]
    except InvalidInput as error:
        raise error if error.source else error.in_file(source) from error.__cause__
    first: dict[str, Cell] = {}
    for cell in found:
        first.setdefault(cell.task.key, cell)
    return _with_siblings(list(first.values()))


def shuffled(tasks: Sequence[Task]) -> list[Task]:
    """The same order in every run, one task of each instance before the second of any.

    Whatever ends a run early has seen a fair sample, and a task finds what its siblings have found.
    """
    groups: dict[str, list[Task]] = {}
    for task in tasks:
        groups.setdefault(task.instance_sha256, []).append(task)
    rank = {task.key: n for group in groups.values() for n, task in enumerate(group)}
    order = np.random.Generator(np.random.PCG64(0)).permutation(len(tasks))
    return sorted((tasks[i] for i in order), key=lambda task: rank[task.key])


def _of_product(suite: Suite, number: int, each: Product, bases: Bases) -> Iterator[Cell]:
    policies, place = suite.policies_of(each), ("products", number)
    checked: set[Given] = set()
    for source in sources(each):
        for labels in product(*each.axes.values()):
            chosen = dict(zip(each.axes, labels, strict=True))
            settings = _settings(suite, each.axes, chosen)
            given = Given(settings.pop("forecast"), settings["seed"])
            base = bases.of(source, given.seed)
            instance = _varied(base.instance, settings, chosen, place)
            if given not in checked:
                _require(instance, policies, given, place)
                checked.add(given)
            yield Cell(
                _task(suite, instance, base=base.file, settings=settings, policies=policies, given=given),
                instance=instance.name,
                periods=instance.periods,
                regions=len(instance.regions),
                axes=chosen,
            )


def _settings(suite: Suite, axes: Mapping[str, Axis], chosen: Mapping[str, str]) -> dict[str, Any]:
    """What a combination of labels sets; a later axis has the last word."""
    found: dict[str, Any] = {"forecast": suite.forecast, "seed": suite.seed}
    for name, label in chosen.items():
        found |= axes[name][label].given()
    return found


def _varied(
    base: Instance, settings: Mapping[str, Any], chosen: Mapping[str, str], place: tuple[str | int, ...]
) -> Instance:
    try:
        return varied(base, settings)
    except (ValueError, UsageError) as error:
        said = ", ".join(f"{name} = {label}" for name, label in chosen.items())
        found = f"{said} on {base.name}, which lasts from {base.start} to {base.time(base.periods)}"
        raise InvalidInput(pointer(*place, "axes"), found, f"what the instance can be varied by: {error}") from error


def _require(instance: Instance, policies: Sequence[str], given: Given, place: tuple[str | int, ...]) -> None:
    """InvalidInput: a spec that this instance does not take."""
    try:
        for spec in policies:
            load("planner.policies", spec, seed=given.seed, instance=instance)
        load("planner.forecasters", given.forecast, seed=given.seed, instance=instance)
    except UsageError as error:
        raise InvalidInput(pointer(*place), str(error), f"policies and forecasters for {instance.name}") from error


def _task(
    suite: Suite,
    instance: Instance,
    *,
    base: str,
    settings: Mapping[str, Any],
    policies: tuple[str, ...],
    given: Given,
) -> Task:
    sha256 = instance_sha256(instance)
    known = versions()
    content = {
        "schema": TASK_SCHEMA,
        "instance": sha256,
        "policies": {spec: _files(spec) for spec in policies},
        "order": policies,
        "forecast": [given.forecast, _files(given.forecast)],
        "seed": given.seed,
        "gap": suite.gap,
        "time_limit": suite.time_limit,
        "versions": {name: known[name] for name in LOADED},
    }
    key = hashlib.sha256(canonical(content)).hexdigest()[:HASH]
    return Task(key, base, settings, sha256, policies, given, suite.gap, suite.time_limit)


def _files(spec: str) -> list[str]:
    """Hashes of the files that a spec names: a plug-in of one's own, an hour map."""
    paths = (Path(word) for word in re.split(r"[:=,]", spec))
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()]


def _with_siblings(found: list[Cell]) -> list[Cell]:
    groups: dict[str, list[tuple[str, Given]]] = {}
    for cell in found:
        groups.setdefault(cell.task.instance_sha256, []).append((cell.task.key, cell.task.given))

    def informed(task: Task) -> Task:
        return replace(task, siblings=tuple(s for s in groups[task.instance_sha256] if s[0] != task.key))

    return [replace(cell, task=informed(cell.task)) for cell in found]
