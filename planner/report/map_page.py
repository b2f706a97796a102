"""The page of an hour map: summary, calendars, every hour in a table, and how the map came about."""

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from string import Template

import numpy as np

from planner.domain.instance import Instance
from planner.domain.plan import HourMap
from planner.maps.summary import MapSummary, chosen_carbon_intensity, summarise
from planner.plots.palette import region_colours
from planner.report.calendar_svg import calendars

TIME = "%Y-%m-%d %H:%M"


def map_page(instance: Instance, hour_map: HourMap, *, method: Sequence[str], provenance: str = "") -> str:
    """One self-contained HTML document; `method`: paragraphs on how the map was found, `provenance`: its last line."""
    summaries = summarise(instance, hour_map)
    used = sorted(region_colours(hour_map))
    template = Template(files("planner.report").joinpath("map_page.html").read_text(encoding="utf-8"))
    return template.substitute(
        name=escape(instance.name),
        lead=escape(_lead(instance, summaries)),
        summary=_summary(summaries),
        pictures="".join(_picture(instance, hour_map, m, summary) for m, summary in enumerate(summaries)),
        choices="".join(f"<option>{escape(instance.regions[r].name)}" for r in used),
        hours=_hours(instance, hour_map, summaries),
        method="".join(f"<p>{escape(sentence)}</p>" for sentence in method),
        notes=_notes(instance),
        provenance=escape(provenance),
    )


def _lead(instance: Instance, summaries: Sequence[MapSummary]) -> str:
    end = instance.time(instance.periods)
    size = f"{instance.periods} periods of {instance.step_minutes} minutes"
    mean = float(np.mean([s.carbon_intensity for s in summaries]))
    saved = summaries[0].below_best_fixed if len(summaries) == 1 else None
    beside = f", {saved:.1%} below always {summaries[0].best_fixed}" if saved is not None else ""
    return f"{instance.start:{TIME}} to {end:{TIME}} UTC, {size}. Mean carbon intensity {mean:.4g} g CO2e/kWh{beside}."


def _summary(summaries: Sequence[MapSummary]) -> str:
    """One row per map: its mean, the best region to stay in, switches."""
    head = ["map", "mean g/kWh", "best fixed region", "its mean g/kWh", "switches"]
    rows = "".join(
        f"<tr><th scope=row>{escape(s.workload or 'all workloads')}<td>{s.carbon_intensity:.4g}"
        f"<td>{escape(s.best_fixed or 'none may serve always')}<td>{_figure(s.best_fixed_carbon_intensity)}"
        f"<td>{s.switches}"
        for s in summaries
    )
    return f"<table><thead><tr>{''.join(f'<th scope=col>{x}' for x in head)}<tbody>{rows}</table>"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _picture(instance: Instance, hour_map: HourMap, index: int, summary: MapSummary) -> str:
    """Legend and calendars of one map."""
    colours = region_colours(hour_map)
    hours = summary.periods * instance.step_hours
    legend = "".join(
        f'<li><span class="swatch" style="background:{colour}"></span>{escape(instance.regions[r].name)} '
        f"{hours[r] / hours.sum():.1%}, {hours[r]:,.0f} h"
        for r, colour in colours.items()
        if hours[r] > 0
    )
    title = summary.workload or instance.name
    head = f"<h3>{escape(summary.workload)}</h3>" if summary.workload else ""
    return f'{head}<ul class="legend">{legend}</ul>{calendars(instance, hour_map.region[index], colours, title)}'


def _hours(instance: Instance, hour_map: HourMap, summaries: Sequence[MapSummary]) -> str:
    """Head and body of the table: per period the region and its intensity, for each map; class s marks a switch."""
    names = np.array([f"<td class=name>{escape(r.name)}" for r in instance.regions])
    chosen = chosen_carbon_intensity(instance, hour_map)
    switched = (np.diff(hour_map.region, axis=1, prepend=hour_map.region[:, :1]) != 0).any(axis=0)
    body = "".join(
        f"<tr{' class=s' if switched[t] else ''}><td>{instance.time(t):{TIME}}"
        + "".join(f"{names[r]}<td>{ci:.1f}" for r, ci in zip(hour_map.region[:, t], chosen[:, t], strict=True))
        for t in range(instance.periods)
    )
    prefix = [f"{escape(s.workload)}: " if s.workload else "" for s in summaries]
    columns = "".join(f"<th scope=col class=name>{p}region<th scope=col>{p}g/kWh" for p in prefix)
    return f"<thead><tr><th scope=col>time (UTC){columns}<tbody>{body}"


def _notes(instance: Instance) -> str:
    items = "".join(f"<li>{escape(note)}" for note in instance.notes)
    return f"<h3>Notes of the instance</h3><ul>{items}</ul>" if items else ""
