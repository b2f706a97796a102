"""The folder of a campaign: what was asked, and one file and one log a task.

- suite.toml        the suite, as it was given
- campaign.json     its tasks, in order, with their labels
- instances/        what the axes are applied to
- tasks/HASH.json   rows and timings of one task, written when all of them are there
- logs/HASH.log     how it went
- plans/HASH/       with --plans: the task's instance, and the plan of each policy
- rows.csv, rows.parquet, timings.csv
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from planner.domain.instance import Instance
from planner.domain.plan import Plan
from planner.errors import InvalidInput
from planner.io.atomic import write_text
from planner.io.instances import instance_sha256, load_instance, save_instance, write_document
from planner.io.plans import bare_plan_document
from planner.io.reading import read_document

TASK_SCHEMA = "planner.campaign.task/1"
CAMPAIGN_SCHEMA = "planner.campaign/1"
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Folder:
    """A campaign's folder; whatever is written there is written whole or not at all."""

    path: Path

    def prepare(self) -> None:
        """Make the folder and its rooms."""
        for room in ("instances", "tasks", "logs"):
            (self.path / room).mkdir(parents=True, exist_ok=True)

    @property
    def suite_file(self) -> Path:
        """A copy of the suite."""
        return self.path / "suite.toml"

    def table(self, name: str) -> Path:
        """Where a collected table lies."""
        return self.path / name

    def log_file(self, task: str) -> Path:
        """How a task went."""
        return self.path / "logs" / f"{task}.log"

    def task_file(self, task: str) -> Path:
        """What a task came to."""
        return self.path / "tasks" / f"{task}.json"

    def instance_file(self, key: str) -> Path:
        """An instance before any axis."""
        return self.path / "instances" / f"{key}.json.gz"

    def campaign(self) -> dict[str, Any]:
        """The list of tasks. InvalidInput: this is no campaign's folder."""
        file = self.path / "campaign.json"
        if not file.is_file():
            raise InvalidInput("folder", "no campaign.json", "the folder of `planner campaign run -o`", str(self.path))
        return read_document(file)

    def save_campaign(self, document: Document) -> None:
        """Write the list of tasks."""
        write_text(self.path / "campaign.json", as_json({"schema": CAMPAIGN_SCHEMA, **document}))

    def keep_instance(self, key: str, instance: Instance) -> None:
        """Write an instance before any axis, unless it lies there already."""
        file = self.instance_file(key)
        if not (file.is_file() and instance_sha256(load_instance(file)) == instance_sha256(instance)):
            save_instance(instance, file)

    def finished(self, task: str) -> dict[str, Any] | None:
        """What a task came to; None where it is not done, or its file is damaged."""
        try:
            found = read_document(self.task_file(task))
        except InvalidInput:
            return None
        return found if found.get("schema") == TASK_SCHEMA and found.get("task") == task else None

    def save_task(self, task: str, document: Document) -> None:
        """Write what a task came to."""
        write_text(self.task_file(task), as_json({"schema": TASK_SCHEMA, "task": task, **document}))

    def save_plan(self, task: str, policy: str, plan: Plan, instance: Instance) -> None:
        """Write a policy's plan, and beside it the instance that it is for."""
        room = self.path / "plans" / task
        if not (room / "instance.json.gz").is_file():
            room.mkdir(parents=True, exist_ok=True)
            save_instance(instance, room / "instance.json.gz")
        name = "".join(c if c.isalnum() or c in "-_.=," else "_" for c in policy)
        write_document(bare_plan_document(plan, instance), room / f"{name}.json.gz")


def as_json(document: Document) -> str:
    """Readable JSON, the same bytes for the same values; what is not finite becomes null."""
    return json.dumps(_finite(document), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value
