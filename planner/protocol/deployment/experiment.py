"""What a deployment is told: a file with projects, regions and the policy under test."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from planner.errors import InvalidInput

SCHEMA = "planner.protocol-deployment/1"
SCENARIOS = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class Project:
    """A Google Cloud project; its number is part of the URLs of its services."""

    id: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """`home`: the scenario whose project also keeps the images and the data set. `registry`: the address of the images'
    repository. `control_region`: of runners, schedulers, dispatcher, queue, images and bucket."""

    experiment_id: str
    projects: Mapping[str, Project]
    home: str
    bucket: str
    registry: str
    tag: str
    control_region: str
    fixed_region: str
    regions: tuple[str, ...]
    policy: str
    forecast: str

    @property
    def home_project(self) -> Project:
        """Of images and data set."""
        return self.projects[self.home]

    @property
    def data(self) -> str:
        """The only prefix under which functions read."""
        return f"gs://{self.bucket}/dataset"

    def image(self, name: str) -> str:
        """One of the three."""
        return f"{self.registry}/{name}:{self.tag}"

    def url(self, scenario: str, service: str, region: str) -> str:
        """Of a service on Cloud Run, known before it is deployed."""
        return f"https://{service}-{self.projects[scenario].number}.{region}.run.app"

    def account(self, scenario: str, name: str) -> str:
        """Of a service account."""
        return f"{name}@{self.projects[scenario].id}.iam.gserviceaccount.com"


def load_experiment(path: Path) -> Experiment:
    """A deployment file. InvalidInput: it is none."""
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise InvalidInput("/", f"no JSON ({error})", f"a document of schema {SCHEMA}", str(path)) from error
    found = document.pop("schema", None) if isinstance(document, dict) else None
    if found != SCHEMA:
        raise InvalidInput("/schema", repr(found), repr(SCHEMA), str(path))
    try:
        return _experiment(document)
    except (TypeError, AttributeError, ValueError) as error:
        names = ", ".join(field.name for field in fields(Experiment))
        raise InvalidInput("/", str(error), f"the fields {names}", str(path)) from error


def _experiment(document: dict[str, Any]) -> Experiment:
    projects = {name: Project(**project) for name, project in document.pop("projects").items()}
    found = Experiment(projects=projects, regions=tuple(document.pop("regions")), **document)
    if set(projects) != set(SCENARIOS) or len({project.id for project in projects.values()}) != len(SCENARIOS):
        raise ValueError("projects must be A, B and C, each another one: scenarios share no project")
    if found.fixed_region not in found.regions or found.home not in projects:
        raise ValueError("fixed_region must be one of regions, home one of A, B and C")
    return found
