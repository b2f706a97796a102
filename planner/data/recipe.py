"""A recipe (TOML): the downloaded files an instance is built from, byte for byte, and every assumption beside them."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from planner.errors import InvalidInput

Positive = Annotated[float, Field(gt=0)]
Amount = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(gt=0, le=1)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Role = Literal["carbon", "forecast", "regions", "latency", "wikipedia"]


class Part(BaseModel):
    """A table of the recipe: no unknown key, no loose types."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SourceFile(Part):
    """A file of the data folder and the SHA-256 it must have."""

    name: str
    sha256: Sha256


class TraceFile(SourceFile):
    """A trace in a format of `planner data trace`; of one of jobs, each task is a request."""

    format: str


class CarbonFormat(Part):
    """How the carbon file is read: a format of `planner data import`, which kind, and what may be interpolated."""

    format: str
    kind: str = ""
    missing: Literal["error", "interpolate"] = "error"
    max_gap_hours: Amount = 6.0


class Hardware(Part):
    """One kind of server, the same in every region."""

    name: str
    idle_w: Amount
    peak_w: Positive
    startup_wh: Amount
    target_utilisation: Share


class Site(Part):
    """A region: its name in the region and latency files, its zone in the carbon file, and its fleet."""

    name: str
    zone: str
    servers: Annotated[int, Field(ge=1)]


class Users(Part):
    """An origin: the metro of a region and `access_ms` more; `share` of the demand, which follows its own clock."""

    name: str
    metro: str
    access_ms: Amount
    utc_offset: float
    share: Share


class Load(Part):
    """A workload: its mean demand, the series that shapes it, and what a request takes (energy above idle).

    `shape` is "wikipedia", or "TRACE:WORKLOAD" of a file in the recipe's traces.
    """

    name: str
    slack_hours: Annotated[int, Field(ge=0)]
    requests_per_hour: Positive
    shape: str = "wikipedia"
    origins: list[str] | None = None
    allowed_regions: list[str] | None = None
    slo_ms: Positive | None = None
    max_violation: Annotated[float, Field(ge=0, le=1)] = 0.0
    service_ms_mean: Positive
    service_ms_sd: Amount
    server_seconds_per_request: Positive
    energy_j_per_request: Positive


class Recipe(Part):
    """Everything that a real instance is made of.

    Without `carbon` the carbon file is one of the hours' direct intensities, a column ZONE:direct a zone. `instance` is
    the SHA-256 of what is built.
    """

    schema_: Literal["planner.recipe/1"] = Field(alias="schema")
    name: str
    start: datetime
    hours: Annotated[int, Field(ge=1)]
    jitter_sd_ms: Amount
    default_pue: Annotated[float, Field(ge=1)]
    in_region_rtt_ms: Amount
    forecast_hours: Annotated[int, Field(ge=1)] | None = None
    wikipedia_utc_offset: float | None = None
    wikipedia_peak: Annotated[float, Field(gt=1)] | None = None
    instance: Sha256 | None = None
    notes: list[str]
    files: dict[Role, SourceFile]
    traces: Mapping[str, TraceFile] = {}
    carbon: CarbonFormat | None = None
    hardware: Hardware
    regions: Annotated[list[Site], Field(min_length=1)]
    origins: Annotated[list[Users], Field(min_length=1)]
    workloads: Annotated[list[Load], Field(min_length=1)]

    @property
    def sources(self) -> tuple[SourceFile, ...]:
        """Every file that is needed."""
        return (*self.files.values(), *self.traces.values())

    def file(self, role: Role) -> SourceFile:
        """The file of a role. InvalidInput where the recipe names none."""
        if role not in self.files:
            raise InvalidInput(f"/files/{role}", "nothing", "a name and a sha256", self.name)
        return self.files[role]


def load_recipe(path: Path) -> Recipe:
    """The recipe in a TOML file. InvalidInput (file, place, found, expected)."""
    try:
        return Recipe.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput("file", f"no TOML ({error})", "a recipe in TOML", str(path)) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "/" + "/".join(map(str, first["loc"]))
        raise InvalidInput(where, repr(first["input"])[:80], first["msg"], str(path)) from None
