"""Carbon intensity of production: generation by fuel, weighted by emission factors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from planner.data.carbon.cells import amounts, read_commas, timed
from planner.data.carbon.factors import FactorTable
from planner.data.carbon.handling import Handling
from planner.data.carbon.readings import Finding, Publication, Readings, Repair
from planner.data.carbon.tables import Rows
from planner.domain.instance import CarbonKind, Floats
from planner.errors import InvalidInput, UsageError

SCANT = 0.1  # eight US grids never fell below 0.42 of their median in 2022, but to 0.003 where fuels were not reported
Generation = Mapping[str, tuple[str, Sequence[object]]]


def mix_readings(
    rows: Rows,
    generation: Generation,
    *,
    kind: CarbonKind,
    factors: FactorTable,
    published: tuple[str, str],
    handling: Handling,
    parse: Callable[[str], datetime] = datetime.fromisoformat,
) -> Readings:
    """Readings of sum(factor x energy) / sum(energy); `generation` maps each column to its fuel and its cells.

    A column without any number is a fuel that the zone does not have. A period without generation, with hardly any of
    what is usual, or with a hole in a column that has numbers elsewhere, has no value. UsageError for a unit:
    generation needs none.
    """
    if handling.unit is not None:
        raise UsageError("--unit: this format holds generation, whose unit cancels out")
    emitted, total = np.zeros(len(rows.where)), np.zeros(len(rows.where))
    wrong: list[Finding] = []
    done: list[Repair] = []
    for column, (fuel, cells) in generation.items():
        energy, unread = amounts(cells, rows.where, rows.zone, handling, thousands=True)
        wrong += [replace(f, where=f"{f.where}, {column}") for f in unread]
        done += read_commas(rows.zone, cells, handling)
        if not np.isnan(energy).all():
            emitted, total = emitted + factors.of(fuel) * energy, total + energy
    source, licence = published
    publication = Publication(f"{source}; {factors.source}", licence, factors.unit)
    usual = _usual(total, rows.zone)
    values = np.divide(emitted, total, out=np.full(len(total), np.nan), where=total > SCANT * usual)
    found = timed(rows, values, kind=kind, publication=publication, handling=handling, parse=parse)
    scant = np.flatnonzero((total > 0) & (total <= SCANT * usual))
    unusable = {rows.where[i]: f"generation of {total[i]:g}, where {usual:.5g} is usual" for i in scant.tolist()}
    findings, repairs = (*found.findings, *wrong), (*found.repairs, *done)
    return replace(found, findings=findings, repairs=repairs, computed=True, unusable=unusable)


def _usual(total: Floats, zone: str) -> float:
    """The median of the periods with generation. InvalidInput where there are none."""
    some = total > 0
    if not some.any():
        raise InvalidInput(zone, "no generation at all", "generation by fuel")
    return float(np.median(total[some]))
