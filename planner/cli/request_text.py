"""Tables of the request-level replay for people."""

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from planner.cli.common import number, share, table

if TYPE_CHECKING:
    from planner.domain.instance import Instance
    from planner.metrics.request_level import Anchor, RequestRow
    from planner.replay.latency import Met, Spread

FAIR = """each gap is to the request-level bound with the policy's own number of violations by workload
CI: carbon intensity where requests ran, g/kWh; least: the bound's; reduction: of the mean CI, against latency-first"""


def replayed(instance: "Instance", rows: Sequence["RequestRow"]) -> str:
    """Latency, violations, carbon and places; then violations by workload and, where pools have limits, the queues."""
    parts = [_title(instance, rows), _overall(instance, rows), "", _by_workload(instance, rows)]
    if any(isfinite(busy) for row in rows if row.run for busy in row.run.utilisation.tolist()):
        parts += ["", _queues(instance, rows)]
    return "\n".join([*parts, *faults(rows)])


def measured(instance: "Instance", rows: Sequence["RequestRow"], anchors: Iterable["Anchor"]) -> str:
    """Each policy beside the least that its own violations allow."""
    header = ["policy", "objective", "bound", "gap", "mean CI", "least CI", "reduction", "SLO violated", "regime"]
    cells = [
        [
            row.row.policy,
            number(row.row.objective.total if row.row.objective else None, 8),
            number(row.row.bound, 8),
            share(row.row.gap_to_bound),
            _tenths(row.run.overall.mean_carbon_intensity if row.run else None),
            _tenths(row.least_intensity),
            _reduction(row),
            _percent(row.row.slo_violation_rate),
            _regime(row),
        ]
        for row in rows
    ]
    bounds = [
        [
            f"bound, {anchor.name}",
            "-",
            number(anchor.bound.total, 8),
            "-",
            "-",
            _tenths(anchor.least_intensity),
            "-",
            "-",
            "clairvoyant",
        ]
        for anchor in anchors
    ]
    return "\n".join([_title(instance, rows), table(header, cells + bounds), *faults(rows), FAIR])


def faults(rows: Iterable["RequestRow"]) -> list[str]:
    """Why a row has no figures, or breaks a rule."""
    broken = [
        f"{row.row.policy}: breaks " + ", ".join(sorted({f"({v.rule})" for v in row.row.violations}))
        for row in rows
        if row.row.violations
    ]
    return [*broken, *(row.row.error for row in rows if row.row.error)]


def _title(instance: "Instance", rows: Sequence["RequestRow"]) -> str:
    ran = [row.run.overall.requests for row in rows if row.run]
    return f"{instance.name}, {ran[0]:,} requests, seed {rows[0].seed}" if ran else instance.name


def _overall(instance: "Instance", rows: Sequence["RequestRow"]) -> str:
    regions = [region.name for region in instance.regions]
    header = ["policy", "mean ms", "P50", "P95", "P99", "SLO violated", "mean CI", "reduction", "us/request", "regime"]
    return table([*header, *regions], [_line(row, len(regions)) for row in rows])


def _line(row: "RequestRow", regions: int) -> list[str]:
    if row.run is None:
        return [row.row.policy, *["-"] * (9 + regions)]
    met = row.run.overall
    return [
        row.row.policy,
        *_times(met.latency_ms),
        _percent(row.row.slo_violation_rate),
        _tenths(met.mean_carbon_intensity),
        _reduction(row),
        number(row.row.decision_us_per_request, 3),
        _regime(row),
        *(str(count) for count in row.run.requests_by_region.tolist()),
    ]


def _by_workload(instance: "Instance", rows: Iterable["RequestRow"]) -> str:
    def cells(met: "Met") -> list[str]:
        return [_percent(met.violation_rate), _tenths(met.latency_ms.p95 if met.latency_ms else None)]

    header = [cell for work in instance.workloads for cell in (f"{work.name} violated", "P95 ms")]
    lines = [[row.row.policy, *(c for met in row.run.by_workload for c in cells(met))] for row in rows if row.run]
    return table(["policy", *header], lines)


def _queues(instance: "Instance", rows: Iterable["RequestRow"]) -> str:
    pools = [f"{pool.name} busy" for pool in instance.pools]
    lines = [
        [row.row.policy, *_times(row.run.overall.queueing_ms), *(share(u) for u in row.run.utilisation.tolist())]
        for row in rows
        if row.run
    ]
    return table(["policy", "mean wait ms", "P50", "P95", "P99", *pools], lines)


def _times(spread: "Spread | None") -> list[str]:
    if spread is None:
        return ["-"] * 4
    return [_tenths(ms) for ms in (spread.mean, spread.p50, spread.p95, spread.p99)]


def _tenths(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2f} %"


def _reduction(row: "RequestRow") -> str:
    return "-" if row.reduction is None else f"{100 * row.reduction:.1f} %"


def _regime(row: "RequestRow") -> str:
    return "clairvoyant" if row.row.uses_future else row.row.regime or "-"
