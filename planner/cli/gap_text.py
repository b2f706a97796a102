"""Tables of policies for people, and as CSV."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from planner.cli.common import number, share, table
from planner.cli.outputs import csv_text
from planner.domain.instance import Instance
from planner.metrics.gaps import GapRow
from planner.metrics.intervals import Interval, interval

COLUMNS = (
    "policy",
    "regime",
    "uses_future",
    "bound",
    "bound_kind",
    "gap_to_bound",
    "gap_to_best",
    "position",
    "slo_violation_rate",
    "missed_rate",
    "decision_us_per_request",
    "error",
)
PARTS = ("forecast", "provisioning", "waiting", "space", "proof")
OF_OBJECTIVE = ("total", "carbon_kg", "sla", "cost_usd", "energy_kwh", "sci_g_per_request")


def as_csv(rows: Iterable[GapRow]) -> str:
    """One line a policy; `violations` counts broken rules; the parts of a gap are shares of the bound."""
    rows = list(rows)
    split = any(row.attribution for row in rows)
    lines: list[list[Any]] = [[*COLUMNS, *OF_OBJECTIVE, "violations", *(PARTS if split else ())]]
    for row in rows:
        of_objective = [getattr(row.objective, name, None) for name in OF_OBJECTIVE]
        parts = row.attribution.parts if row.attribution else dict.fromkeys(PARTS)
        cells = [*(getattr(row, name) for name in COLUMNS), *of_objective, len(row.violations)]
        lines.append([*cells, *(parts[name] for name in PARTS if split)])
    return csv_text(lines)


def measured(instance: Instance, rows: list[GapRow], spread: Mapping[str, Interval] | None = None) -> str:
    """The table of gaps, with what --seeds and --attribute add."""
    header = ["policy", "objective", "gap to bound", "gap to best", "position", *COMMON]
    cells = [
        [row.policy, _total(row), share(row.gap_to_bound), share(row.gap_to_best), share(row.position), *_common(row)]
        for row in rows
    ]
    fair = [FAIR] if any(row.bound_kind == "equal-violation-rate" for row in rows) else []
    told = [instance.name, table(header, cells), *_faults(rows), *fair]
    return "\n".join([*told, *_spread(spread or {}), *_causes(rows)])


def over_seeds(rows: Iterable[GapRow], drawn: Iterable[GapRow]) -> dict[str, Interval]:
    """95 % intervals of the gaps of policies replayed with several seeds; a plan without a gap is left out."""
    others = [row for row in drawn if row.gap_to_bound is not None]
    names = {row.policy for row in others} - {"optimum", "worst"}
    gaps = {
        name: [r.gap_to_bound for r in [*rows, *others] if r.policy == name and r.gap_to_bound is not None]
        for name in sorted(names)
    }
    return {name: interval(values) for name, values in gaps.items()}


def _spread(spread: Mapping[str, Interval]) -> list[str]:
    cells = [[name, share(found.mean), f"+-{share(found.half_width)}"] for name, found in spread.items()]
    return ["", table(["over all seeds", "mean gap", "95 % interval"], cells)] if cells else []


CAUSES = (*PARTS, "space first", "then waiting")
WORTH_SAYING = 1e-3
UNSURE = "the plans in between are within {} of their bounds; a longer --time-limit tells the causes apart more sharply"


def _causes(rows: list[GapRow]) -> list[str]:
    cells = []
    for row in rows:
        if row.attribution:
            parts, turned = row.attribution.parts, row.attribution.reversed_parts
            told = [*(parts[name] for name in PARTS), turned["space"], turned["waiting"]]
            cells.append([row.policy, share(row.gap_to_bound), *map(share, told)])
    worst = max((row.attribution.unproven or 0.0 for row in rows if row.attribution), default=0.0)
    unsure = [UNSURE.format(share(worst))] if worst > WORTH_SAYING else []
    return ["", table(["gap by cause", "gap", *CAUSES], cells), *unsure] if cells else []


def replayed(instance: Instance, rows: list[GapRow], places: Iterable[Mapping[str, Any]]) -> str:
    """The table of replays, with what each region served."""
    regions = [region.name for region in instance.regions]
    cells = [
        [
            row.policy,
            _total(row),
            number(place.get("mean_carbon_intensity_g_per_kwh"), 4),
            number(row.requests_per_g, 4),
            *_common(row),
            *_served(place, regions),
        ]
        for row, place in zip(rows, places, strict=True)
    ]
    header = ["policy", "objective", "mean CI", "requests/g", *COMMON, *regions]
    return "\n".join([instance.name, table(header, cells), *_faults(rows)])


COMMON = ("SLO violated", "missed", "us/request", "regime")
FAIR = "violations are free here: each gap is to the bound, and the best plan, at the policy's own violation rate"


def _common(row: GapRow) -> list[str]:
    regime = "clairvoyant" if row.uses_future else row.regime or "-"
    rates = [share(row.slo_violation_rate), share(row.missed_rate)]
    return [*rates, number(row.decision_us_per_request, 3), regime]


def _total(row: GapRow) -> str:
    return number(row.objective.total if row.objective else None, 8)


def _served(place: Mapping[str, Any], regions: list[str]) -> list[str]:
    counts = place.get("requests_by_region", {})
    return [number(counts.get(name), 8) for name in regions]


def _faults(rows: Iterable[GapRow]) -> list[str]:
    """Why a row has no gap."""
    broken = [
        f"{row.policy}: breaks " + ", ".join(f"({rule}) {n} time{'s' * (n > 1)}" for rule, n in _rules(row).items())
        for row in rows
        if row.violations
    ]
    return [*broken, *(row.error for row in rows if row.error)]


def _rules(row: GapRow) -> Counter[str]:
    return Counter(violation.rule for violation in row.violations)
