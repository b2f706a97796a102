"""Imported carbon series in an instance: the carbon intensity of named regions, over all of its periods."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from planner.data.carbon.series import Series, Times, as_instant, iso, one_kind, said
from planner.domain.instance import CarbonKind, Floats, Instance, Region
from planner.errors import InvalidInput, UsageError

DROPPED = "Recorded forecasts were dropped with the carbon series that they forecast."


def with_carbon(
    instance: Instance, series: Sequence[Series], zones: Mapping[str, str], *, start: datetime | None = None
) -> Instance:
    """The instance with the series as the carbon intensity of their regions, each noted with source and licence.

    `zones` names the series of a region by its zone; the other regions take the series of their own grid zone, and
    keep what they have where there is none; series that no region takes are ignored. `start` moves the instance to
    where the series are, which takes one for every region. A finer series is averaged over a period, a coarser one
    holds. InvalidInput for series of different kinds, of another kind than what stays, or that do not cover the
    instance; UsageError for names that do not exist.
    """
    chosen = _chosen(instance, series, dict(zones))
    moved = instance if start is None else instance.replace(start=start)
    kind = _kind(instance, chosen)
    if start is not None and len(chosen) < len(instance.regions):
        kept = next(region.name for region in instance.regions if region.name not in chosen)
        raise UsageError(f"--start: region '{kept}' keeps its carbon intensity, which is of another time")
    rows = [
        over_periods(chosen[region.name], moved) if region.name in chosen else old
        for region, old in zip(instance.regions, instance.carbon_intensity_g_per_kwh, strict=True)
    ]
    return moved.replace(
        name=f"{instance.name}+carbon",
        carbon_intensity_g_per_kwh=np.array(rows),
        carbon_kind=kind,
        regions=tuple(_renamed(region, chosen) for region in instance.regions),
        vintages=None,
        notes=(*instance.notes, *_notes(instance, chosen)),
    )


def _chosen(instance: Instance, series: Sequence[Series], zones: dict[str, str]) -> dict[str, Series]:
    """The series of every region that gets one."""
    by_zone = {one.zone: one for one in series}
    if len(by_zone) < len(series):
        raise InvalidInput("series", "two of one zone", "one series a zone")
    names = [region.name for region in instance.regions]
    for region, zone in zones.items():
        if region not in names:
            raise UsageError(f"--zone: no region '{region}'; the instance has {', '.join(names)}")
        if zone not in by_zone:
            raise UsageError(f"--zone: no series of zone '{zone}'; there are {', '.join(by_zone)}")
    wanted = {region.name: zones.get(region.name, region.grid_zone) for region in instance.regions}
    found = {name: by_zone[zone] for name, zone in wanted.items() if zone in by_zone}
    if not found:
        own = ", ".join(dict.fromkeys(region.grid_zone for region in instance.regions))
        raise UsageError(f"no series of the regions' grid zones {own}; --zone REGION={series[0].zone} gives one")
    return found


def _kind(instance: Instance, chosen: Mapping[str, Series]) -> CarbonKind:
    """The kind of the series, which must be the instance's where a region keeps what it has."""
    kind = one_kind(list(chosen.values()))
    kept = [region.name for region in instance.regions if region.name not in chosen]
    if kept and kind != instance.carbon_kind:
        found = f"{said(kind)} series beside the {said(instance.carbon_kind)} that '{kept[0]}' keeps"
        raise InvalidInput(
            "carbon kind", found, "one kind: a series for every region, or series of the kind that stays"
        )
    return kind


def over_periods(series: Series, instance: Instance) -> Floats:
    """(T,) the series in the instance's periods. InvalidInput where it does not cover or fit them."""
    step, own = instance.step_minutes, series.step_minutes
    if step % own and own % step:
        raise InvalidInput(f"series of {series.zone}", f"periods of {own} minutes", f"a part or multiple of {step}")
    part = min(step, own)
    minutes = np.arange(0, instance.periods * step, part)
    wanted = as_instant(instance.start) + minutes * np.timedelta64(60, "s")
    at = (wanted - series.times[0]).astype(np.int64) // (own * 60)
    _covered(series, instance, wanted[(at < 0) | (at >= len(series.times))])
    values: Floats = series.values[at].reshape(instance.periods, -1).mean(axis=1)
    return values


def _covered(series: Series, instance: Instance, outside: Times) -> None:
    apart = (as_instant(instance.start) - series.times[0]).astype(np.int64)
    if apart % (60 * min(series.step_minutes, instance.step_minutes)):
        expected = f"periods that begin where the instance's do, at {instance.start}"
        raise InvalidInput(f"series of {series.zone}", f"a start at {series.start}", expected)
    if outside.size:
        found = f"{series.start:%Y-%m-%dT%H:%MZ} to {series.end:%Y-%m-%dT%H:%MZ}, nothing for {iso(outside[0])}"
        last = instance.time(instance.periods)
        expected = f"all of {instance.start:%Y-%m-%dT%H:%MZ} to {last:%Y-%m-%dT%H:%MZ} (or --start)"
        raise InvalidInput(f"series of {series.zone}", found, expected)


def _renamed(region: Region, chosen: Mapping[str, Series]) -> Region:
    return replace(region, grid_zone=chosen[region.name].zone) if region.name in chosen else region


def _notes(instance: Instance, chosen: Mapping[str, Series]) -> list[str]:
    """Source and licence of every series, its kind and how its step was met; and what was dropped."""
    by_source: dict[str, list[str]] = {}
    for region, one in chosen.items():
        how = "" if one.step_minutes == instance.step_minutes else f", {one.step_minutes}-minute values"
        about = f"{said(one.kind)}, {one.unit}{how}: {one.source}; licence {one.licence}."
        by_source.setdefault(about, []).append(region)
    notes = [f"Carbon intensity of {', '.join(regions)}: {about}" for about, regions in by_source.items()]
    return [*notes, DROPPED] if instance.vintages is not None else notes
