"""The plan file (pydantic), also published as JSON Schema: what other software writes to have its plan judged.

Columns hold indices into the file's own `names`, so their order is the writer's choice.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, SkipValidation

from planner.io.schema import Counts, Document, Name, Signed, Whole, published

Periods = SkipValidation[list[int]]
JobNames = SkipValidation[list[Name | None]]
Stretches = SkipValidation[list[float] | dict[str, list[float]]]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class InstanceReference(Document):
    """The instance that the plan is for; the hash is `planner instance hash`'s."""

    name: Name
    sha256: Sha256


class NamesDocument(Document):
    """What the indices of the columns mean."""

    workloads: list[Name]
    origins: list[Name]
    pools: list[Name] = Field(default=[])
    variants: dict[str, list[Name]] = Field(default={}, description="by workload")


class MissedDocument(Document):
    """Batches not served, wholly or in part: columns of one length."""

    workload: Counts
    origin: Counts
    release: Counts = Field(description="period")
    job: JobNames | None = Field(default=None, description="name of an explicit job, else null; absent: no row is one")
    share: Signed = Field(description="of the batch")


class ServedDocument(MissedDocument):
    """Shares of batches and the options that serve them: columns of one length."""

    pool: Counts
    variant: Counts = Field(description="index into names.variants of the row's workload")
    period: Periods = Field(description="of execution; the start, for a contiguous job")


class ObjectiveDocument(Document):
    """The claimed objective and its parts."""

    total: float
    carbon_kg: float
    sla: float
    cost_usd: float
    energy_kwh: float
    parts: dict[str, float] = Field(description="O1, O2, O4, O5 in kg, O6, O7 in USD")
    sci_g_per_request: float | None = Field(description="null without requests")
    requests: float
    slo_violations: float = Field(description="expected, of requests on time")
    missed: float
    late: float


class BoundsDocument(Document):
    """Lower bounds: `certified` follows from the multipliers, `solver` is the solver's word."""

    certified: float | None = None
    solver: float | None = None


class CutDocument(Document):
    """An interval rounding cut (C1) and its multiplier."""

    regions: list[Name]
    first: Whole
    last: Whole
    multiplier: float


class MultipliersDocument(Document):
    """The certificate of the bound: prices per unit of each constraint; what is absent is 0.

    A series is one number a period, or its stretches without zeros by the period in which they begin.
    """

    capacity: dict[str, Stretches] = Field(default={}, description="(M2) by pool, per server-second")
    slo: dict[str, float] = Field(default={}, description="(M11) by workload")
    fleet: Stretches | None = Field(default=None, description="(M3b)")
    caps: dict[str, float] = Field(default={}, description="(M12) by name of the cap")
    cuts: list[CutDocument] = Field(default=[])
    batches: dict[str, dict[str, Stretches]] | None = Field(
        default=None, description="(M1) by workload and origin, per whole batch; absent: (M2) is priced only"
    )


class SizeDocument(Document):
    """Options of the time-indexed problem, and the model that was solved."""

    options: Whole
    columns: Whole
    rows: Whole
    nonzeros: Whole


class PlanDocument(Document):
    """A plan and where it comes from; only `schema`, `instance`, `names` and `served` are required."""

    schema_: Literal["planner.plan/1"] = Field(alias="schema")
    instance: InstanceReference
    status: str | None = Field(default=None, description="optimal or feasible")
    termination: str | None = None
    objective: ObjectiveDocument | None = None
    bounds: BoundsDocument = BoundsDocument()
    gap: BoundsDocument | None = Field(default=None, description="to each bound (MODEL.md 7)")
    formulation: str = ""
    size: SizeDocument | None = None
    seconds: dict[str, float] = Field(default={})
    peak_rss_mb: float | None = None
    versions: dict[str, str] = Field(default={})
    solver_options: dict[str, float | int | str | bool | None] = Field(default={})
    warnings: list[str] = Field(default=[])
    notes: list[str] = Field(default=[])
    names: NamesDocument
    served: ServedDocument
    missed: MissedDocument | None = None
    servers: dict[str, Signed] | None = Field(default=None, description="active servers by pool, under provisioning")
    started: dict[str, Signed] | None = Field(default=None, description="servers started, by pool")
    hour_map: dict[str, SkipValidation[list[Name]]] | None = Field(
        default=None, description="(M10) region of every period under the key 'all', or by workload"
    )
    multipliers: MultipliersDocument | None = None


class CertificateDocument(Document):
    """A lower bound and the multipliers that prove it, without a plan."""

    schema_: Literal["planner.certificate/1"] = Field(alias="schema")
    instance: InstanceReference
    bounds: BoundsDocument
    multipliers: MultipliersDocument


def json_schema() -> dict[str, Any]:
    """The published JSON Schema of plan files."""
    return published(PlanDocument)


def certificate_schema() -> dict[str, Any]:
    """The published JSON Schema of certificates."""
    return published(CertificateDocument)
