"""The instance file: what keys it has and what each holds (pydantic), also published as JSON Schema.

Long arrays are described here and checked in `planner.io.series`.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SkipValidation
from pydantic.json_schema import GenerateJsonSchema

from planner.io.series import LARGEST

Name = Annotated[str, Field(min_length=1)]
Amount = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Whole = Annotated[int, Field(ge=0, le=LARGEST)]
Count = Annotated[int, Field(ge=1, le=LARGEST)]
Series = SkipValidation[list[Amount]]
Signed = SkipValidation[list[float]]
Counts = SkipValidation[list[Whole]]
WholeOrCounts = SkipValidation[Whole | list[Whole]]


class Document(BaseModel):
    """Strict types, no unknown key, no NaN."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class RegionDocument(Document):
    """A cloud region."""

    name: Name
    grid_zone: Name
    pue: float = Field(default=1.0, ge=1, description="power usage effectiveness")
    latitude: float | None = Field(default=None, ge=-90, le=90, description="degrees")
    longitude: float | None = Field(default=None, ge=-180, le=180, description="degrees")


class PoolDocument(Document):
    """Servers of one hardware in one region."""

    name: Name
    region: Name
    hardware: Name
    idle_w: Amount = 0.0
    peak_w: Positive | None = None
    startup_wh: Amount = 0.0
    target_utilisation: float = Field(default=1.0, gt=0, le=1, description="rho of (M2)")
    initial_servers: Whole = Field(default=0, description="active before period 0")
    min_uptime_periods: Count = 1
    embodied_g_per_server_hour: Amount = 0.0
    price_usd_per_server_hour: Amount = 0.0


class ProfileDocument(Document):
    """What one request takes on one hardware; under provisioning the energy is above idle."""

    service_ms_mean: Positive
    service_ms_sd: Amount
    server_seconds_per_request: Amount
    energy_j_per_request: Amount


class VariantDocument(Document):
    """One form of a workload's model, with a profile per hardware it runs on."""

    name: Name
    profiles: dict[str, ProfileDocument] = Field(min_length=1)


class WorkloadDocument(Document):
    """A stream of like requests."""

    name: Name
    variants: list[VariantDocument] = Field(min_length=1)
    slo_ms: Positive | None = Field(default=None, description="absent: no latency limit")
    slo_mode: Literal["hard", "budget", "priced"] = "hard"
    max_violation: Share = Field(default=0.0, description="limit of a hard SLO on an option's violation probability")
    slo_budget: Share | None = Field(default=None, description="eps of (M11), a share of the requests")
    slack_periods: Whole = Field(default=0, description="periods a request may wait")
    allowed_regions: list[Name] | None = Field(default=None, min_length=1, description="absent: anywhere")
    bytes_in: Amount = 0.0
    bytes_out: Amount = 0.0
    splittable: bool = True


class JobDocument(Document):
    """An unsplittable batch with a release, deadline (inclusive) and length of its own, in periods."""

    name: Name
    workload: Name
    origin: Name
    release: Whole
    deadline: Whole
    length: Count = 1
    contiguous: bool = True
    requests: Count = 1


class CarbonKindDocument(Document):
    """What the carbon series means; an instance never mixes kinds."""

    signal: Literal["average", "marginal"]
    scope: Literal["direct", "lifecycle"]
    basis: Literal["consumption", "production"]


class WeightsDocument(Document):
    """Objective weights (MODEL.md 4)."""

    alpha: Amount = 1.0
    beta: Amount = 1.0
    gamma: Amount = 0.0
    violation_weight: Amount = 0.0
    tardiness_weight: Amount = 0.0
    miss_weight: Amount | None = Field(default=None, description="absent: nothing may be missed")
    carbon_price_usd_per_kg: Amount = 0.0


class CapsDocument(Document):
    """Limits of totals (M12)."""

    carbon_kg: Amount | None = None
    cost_usd: Amount | None = None
    energy_kwh: Amount | None = None


class HourMapDocument(Document):
    """One region per period (M10)."""

    max_switches: Whole | None = None
    min_dwell_periods: Count = 1
    per_workload: bool = False


class ForecastDocument(Document):
    """Recorded vintages: one array per issue, its first value for the period of issue."""

    issued: Counts = Field(description="periods at whose start a vintage was issued, ascending")
    carbon_intensity_g_per_kwh: dict[str, SkipValidation[list[list[Amount]]]]


class RequestLogDocument(Document):
    """Index of every request's origin and workload, in order of arrival; its histogram equals `requests`."""

    origin: Counts
    workload: Counts


class InstanceDocument(Document):
    """One planning problem (instances/MODEL.md); arrays have one value per period unless said otherwise."""

    schema_: Literal["planner.instance/1"] = Field(alias="schema")
    name: Name
    start: Name = Field(description="start of period 0, ISO 8601 in UTC: 2026-01-01T00:00:00Z")
    step_minutes: Count = Field(default=60, description="length of a period, a divisor of a day")
    times: SkipValidation[list[str]] | None = Field(default=None, description="optional: the start of every period")
    regions: list[RegionDocument] = Field(min_length=1)
    pools: list[PoolDocument] = Field(min_length=1)
    origins: list[Name] = Field(min_length=1)
    workloads: list[WorkloadDocument] = Field(min_length=1)
    carbon_kind: CarbonKindDocument
    carbon_intensity_g_per_kwh: dict[str, Series] = Field(description="by region")
    rtt_ms: dict[str, dict[str, Amount]] = Field(description="by origin, then region")
    requests: dict[str, dict[str, Counts]] = Field(default={}, description="by workload, then origin; absent: none")
    jobs: list[JobDocument] = Field(default=[])
    servers: dict[str, WholeOrCounts] = Field(default={}, description="available by pool; absent: without limit")
    provisioning: bool = Field(default=False, description="servers are switched on and off, and idle ones emit")
    fleet_limit: WholeOrCounts | None = Field(default=None, description="most active servers of all pools (M3b)")
    price_usd_per_kwh: dict[str, Signed] | None = Field(default=None, description="by region")
    network_kwh_per_gb: dict[str, dict[str, Amount]] | None = Field(default=None, description="by origin, then region")
    jitter_sd_ms: Amount = 0.0
    forecast: ForecastDocument | None = None
    request_log: RequestLogDocument | None = None
    weights: WeightsDocument = WeightsDocument()
    grace_periods: Whole = Field(default=0, description="periods after its deadline in which a request may still run")
    caps: CapsDocument = CapsDocument()
    hour_map: HourMapDocument | None = None
    notes: list[str] = Field(default=[], description="assumptions and sources that travel with the file")


class _Untitled(GenerateJsonSchema):
    """Without a title for every key: it would only say the key again."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        """Never."""
        return False


def published(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a document, as it stands under instances/schema/."""
    found = model.model_json_schema(by_alias=True, schema_generator=_Untitled)
    return {"$schema": _Untitled.schema_dialect} | found


def json_schema() -> dict[str, Any]:
    """The published JSON Schema of instance files."""
    return published(InstanceDocument)
