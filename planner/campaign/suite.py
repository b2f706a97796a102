"""A suite: which instances, varied along which axes, are given to which policies; a TOML file."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from planner.errors import InvalidInput, UsageError
from planner.io.library import find_suite
from planner.io.pointer import pointer
from planner.io.reading import read_text
from planner.io.validation import validated
from planner.registry import factory_of

Count = Annotated[int, Field(ge=1)]
Factor = Annotated[float, Field(ge=0)]
NAME = "^[A-Za-z0-9][A-Za-z0-9._-]*$"


class Part(BaseModel):
    """A table of the suite: no unknown key, no loose types."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)


class Settings(Part):
    """What one value of an axis changes; None: nothing.

    `start` and `hours` cut a window, which every seed begins `shift` hours later than the seed before. The factors and
    shares are those of `planner sweep`. `forecast` and `seed` go to the replays, the seed to generated instances too.
    """

    start: datetime | None = Field(default=None, alias="from")
    hours: Annotated[float, Field(gt=0)] | None = None
    shift: Factor | None = None
    alpha: Factor | None = None
    capacity: Factor | None = None
    idle_capacity: Factor | None = Field(default=None, alias="idle-capacity")
    rtt_limit: Factor | None = Field(default=None, alias="rtt-limit")
    slack: Factor | None = None
    slack_limit: Factor | None = Field(default=None, alias="slack-limit")
    forecast: str | None = None
    seed: Annotated[int, Field(ge=0)] | None = None

    @field_validator("start")
    @classmethod
    def _utc(cls, value: datetime | None) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def given(self) -> dict[str, Any]:
        """What is set, by the names that the file uses."""
        return self.model_dump(by_alias=True, exclude_none=True)


class Grid(Part):
    """An instance of the generator family grid/1 (see `planner instance generate grid`); the seed is the task's."""

    regions: Count = 12
    origins: Count = 13
    hours: Count = 168
    step_minutes: Count = 60
    workloads: Count = 6
    capacity: Annotated[float, Field(gt=0)] = 1.6
    provisioning: bool = False
    unsplittable: bool = False


Axis = dict[str, Settings]


class Product(Part):
    """Every instance in every combination of the axes' values; `axes` by name, each with its values by label."""

    instances: list[str] = []
    grids: list[Grid] = []
    policies: Annotated[list[str], Field(min_length=1)] | None = None
    axes: dict[Annotated[str, Field(pattern=NAME)], Annotated[Axis, Field(min_length=1)]] = {}

    @field_validator("axes", mode="before")
    @classmethod
    def _spelled_out(cls, axes: Any) -> Any:
        """`slack = [0, 1]` means `slack = { 0 = { slack = 0 }, 1 = { slack = 1 } }`."""
        if not isinstance(axes, Mapping):
            return axes
        return {name: _by_label(name, values) for name, values in axes.items()}


class Suite(Part):
    """A campaign before it is run: products of axes, and what all of them share.

    `gap` and `time_limit` (seconds) are the oracle's.
    """

    schema_: Literal["planner.suite/1"] = Field(alias="schema")
    name: Annotated[str, Field(pattern=NAME)]
    notes: list[str] = []
    policies: Annotated[list[str], Field(min_length=1)]
    forecast: str = "persistence"
    seed: Annotated[int, Field(ge=0)] = 0
    gap: Annotated[float, Field(ge=0)] = 1e-4
    time_limit: Annotated[float, Field(gt=0)] | None = None
    products: Annotated[list[Product], Field(min_length=1)]

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of all axes, in the order of the file."""
        return tuple(dict.fromkeys(name for product in self.products for name in product.axes))

    def policies_of(self, product: Product) -> tuple[str, ...]:
        """The specs that a product's instances are given to, each once."""
        return tuple(dict.fromkeys(product.policies or self.policies))


def load_suite(name_or_path: str | Path) -> tuple[Suite, str]:
    """The suite in a file, or shipped under a name, and the text of it. InvalidInput (file, key, found, expected)."""
    path = find_suite(name_or_path)
    text = read_text(path)
    try:
        suite = validated(Suite, tomllib.loads(text))
        _require_all_there(suite)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput("file", f"no TOML ({error})", "a suite in TOML", str(path)) from error
    except InvalidInput as error:
        raise error.in_file(str(path)) from error.__cause__
    return suite, text


def _by_label(name: str, values: Any) -> Any:
    if not isinstance(values, list):
        return values
    return {f"{value:g}" if isinstance(value, float) else str(value): {name: value} for value in values}


def _require_all_there(suite: Suite) -> None:
    """InvalidInput: a policy or forecaster is not there, or a product has no instance."""
    _require("planner.policies", suite.policies, "policies")
    _require("planner.forecasters", [suite.forecast], "forecast")
    for p, product in enumerate(suite.products):
        if not (product.instances or product.grids):
            raise InvalidInput(pointer("products", p), "neither instances nor grids", "at least one of either")
        _require("planner.policies", product.policies or [], "products", p, "policies")
        for name, axis in product.axes.items():
            for label, settings in axis.items():
                spec = settings.forecast
                _require("planner.forecasters", [spec] if spec else [], "products", p, "axes", name, label, "forecast")


def _require(group: str, specs: list[str], *where: str | int) -> None:
    for spec in specs:
        try:
            factory_of(group, spec)
        except UsageError as error:
            raise InvalidInput(pointer(*where), repr(spec), f"a plug-in that is there: {error}") from error
