"""What `replay --requests` and `gap --requests` share: options, documents, answers."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import common, policy, request_text
from planner.cli.rows import row_document
from planner.errors import UsageError

if TYPE_CHECKING:
    from planner.domain.instance import Floats, Instance
    from planner.metrics.gaps import GapRow
    from planner.metrics.request_level import Anchor, RequestRow
    from planner.replay.latency import Met, Spread

GAP_SCHEMA = "planner.gap/1"

Requests = Annotated[bool, typer.Option("--requests", help="Replay single requests: latency, queueing, violations.")]
AnySeed = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", help="Seed of everything random.  [default: 0; with --requests 42]"),
]


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows, and the same as JSON and as text; the latencies (ms) that each policy's requests met."""

    rows: list["GapRow"]
    document: dict[str, Any]
    text: str
    latency_ms: list[tuple[str, "Floats"]]


def seed_of(seed: int | None, *, requests: bool) -> int:
    """The seed asked for, else 0, or that of the published study where single requests are drawn."""
    from planner.replay.draws import STUDY_SEED

    return seed if seed is not None else STUDY_SEED if requests else 0


def specs(instance: "Instance", given: list[str] | None, *, all_policies: bool = False) -> list[str]:
    """The policies asked for, else the study's rules. UsageError: an unknown policy or parameter."""
    from planner.metrics.request_level import STUDY

    if given and all_policies:
        raise UsageError("--policy and --all: name policies or take all of them")
    everything = [*policy.every(instance), *policy.request_only()] if all_policies else list(STUDY)
    # Rules for single requests say nothing of jobs and servers: they are asked for by name only where there are any.
    odd = policy.request_only() if instance.jobs or instance.provisioning else []
    return policy.known(instance, given or [spec for spec in everything if spec not in odd])


def gap_answer(
    instance: "Instance", given: list[str] | None, *, all_policies: bool, forecast: str, seed: int | None
) -> Answer:
    """Policies beside the request-level bound; no oracle is asked."""
    from planner.metrics.request_level import request_gaps

    clock = common.Stopwatch()
    used = seed_of(seed, requests=True)
    rows, anchors = request_gaps(
        instance, specs(instance, given, all_policies=all_policies), forecast=forecast, seed=used
    )
    clock.lap("replay")
    document = common.envelope(
        GAP_SCHEMA,
        instance,
        status="infeasible" if any(row.row.violations for row in rows) else "feasible",
        seconds={**clock.laps, "total": clock.total},
        versions=common.versions(),
        forecast=forecast,
        seed=used,
        bound_information="request",
        request_bounds=[_anchor(instance, anchor) for anchor in anchors],
        rows=[document_of(instance, row) for row in rows],
    )
    latency_ms = [(row.row.policy, row.run.latency_ms) for row in rows if row.run is not None]
    return Answer([row.row for row in rows], document, request_text.measured(instance, rows, anchors), latency_ms)


def document_of(instance: "Instance", row: "RequestRow") -> dict[str, Any]:
    """A row of planner.replay/1 with --requests; a policy that failed has only its error."""
    flat = row_document(row.row) | {"seed": row.seed, "information": "request"}
    if row.run is None:
        return flat
    met = row.run.overall
    regions = (region.name for region in instance.regions)
    pools = (pool.name for pool in instance.pools)
    works = (work.name for work in instance.workloads)
    return flat | {
        **_met(met),
        "reduction_vs_latency_first": row.reduction,
        "least_mean_carbon_intensity_g_per_kwh": row.least_intensity,
        "requests_by_region": dict(zip(regions, row.run.requests_by_region.tolist(), strict=True)),
        "by_workload": {
            name: {**_met(each), "slo_violation_rate": each.violation_rate}
            for name, each in zip(works, row.run.by_workload, strict=True)
        },
        "utilisation": dict(zip(pools, row.run.utilisation.tolist(), strict=True)),
    }


def _met(met: "Met") -> dict[str, Any]:
    return {
        "requests": met.requests,
        "latency_ms": _spread(met.latency_ms),
        "queueing_ms": _spread(met.queueing_ms),
        "mean_carbon_intensity_g_per_kwh": met.mean_carbon_intensity,
    }


def _spread(spread: "Spread | None") -> dict[str, float] | None:
    return None if spread is None else asdict(spread)


def _anchor(instance: "Instance", anchor: "Anchor") -> dict[str, Any]:
    names = [work.name for work in instance.workloads]
    return {
        "name": anchor.name,
        "total": anchor.bound.total,
        "least_mean_carbon_intensity_g_per_kwh": anchor.least_intensity,
        "violations": dict(zip(names, anchor.bound.allowed.tolist(), strict=True)),
        "multipliers": dict(zip(names, anchor.bound.multipliers.tolist(), strict=True)),
    }
