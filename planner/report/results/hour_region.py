"""The map of hours by region: a picture a panel, controls for a period and a day, and the figures of the period."""

from collections.abc import Sequence
from html import escape

import numpy as np

from planner.report.calendar_svg import runs
from planner.report.document import Html, table
from planner.report.results.embedded import as_json
from planner.report.results.panels import LEVELS, Day, Panel, Shown, days, panels
from planner.report.results.words import quoted

MANY_DAYS = 9
SAID = '<output id="map-said" for="map-period map-days" aria-live="polite"></output>'


def hour_region_map(shown: Shown) -> str:
    """HTML of the panels, the controls and the data behind them."""
    drawn, dates = panels(shown), days(shown)
    pictures = "".join(_picture(shown, panel) for panel in drawn)
    told = "".join(f"<p>{escape(sentence)}</p>" for sentence in shown.told)
    letters = max(len(region.name) for region in shown.instance.regions)
    return (
        f'<p>{escape(_lead(shown))}</p><div id="map" class="map" style="--letters:{letters}">'
        f"{_controls(shown, dates)}{pictures}"
        f"{_day_axis(shown, dates)}{SAID}{_reading(shown, drawn)}</div>{_data(shown, drawn)}{told}"
    )


def _lead(shown: Shown) -> str:
    whole = shown.instance.periods
    part = "" if shown.periods == whole else f" The first {shown.periods:,} of {whole:,} periods are shown."
    step = shown.instance.step_minutes
    return f"{shown.label}.{part} One row is a region, one column a period of {step} minutes."


def _picture(shown: Shown, panel: Panel) -> str:
    rows = len(shown.instance.regions)
    names = "".join(f"<span>{escape(region.name)}</span>" for region in shown.instance.regions)
    label = quoted(f"{panel.title} by region and hour: the figures of a period stand in the table below")
    box = f'viewBox="0 0 {shown.periods} {rows}" preserveAspectRatio="none" style="height:{max(1.1 * rows, 4):g}rem"'
    svg = f'<svg role="img" aria-label="{label}" {box} shape-rendering="crispEdges">{_marks(panel)}</svg>'
    return (
        f"<figure><figcaption>{escape(panel.title)} {_key(panel)}</figcaption>"
        f'<div class="panel"><div class="names" aria-hidden="true">{names}</div>{svg}</div></figure>'
    )


def _marks(panel: Panel) -> str:
    """A path for each level, and the line of the chosen period."""
    outlines = ((level, runs(panel.level == level)) for level in range(LEVELS))
    drawn = "".join(f'<path class="{panel.style} l{level}" d="{path}"/>' for level, path in outlines if path)
    return f'{drawn}<path class="now" d=""/>'


def _key(panel: Panel) -> str:
    square = '<svg viewBox="0 0 1 1" aria-hidden="true"><path class="{style} l{level}" d="M0 0h1v1h-1z"/></svg>'
    scale = "".join(square.format(style=panel.style, level=level) for level in range(LEVELS))
    return f'<span class="key">{scale} {escape(panel.legend)}</span>'


def _day_axis(shown: Shown, dates: Sequence[Day]) -> str:
    every = 1 + len(dates) // MANY_DAYS
    marks = ((100 * day.first / shown.periods, day.name) for day in dates[::every])
    spans = "".join(f'<span style="left:{at:.2f}%">{text}</span>' for at, text in marks)
    return f'<div class="days" aria-hidden="true"><div>{spans}</div></div>'


def _controls(shown: Shown, dates: Sequence[Day]) -> str:
    options = "".join(f'<option value="{day.first},{day.end}">{day.name}' for day in dates)
    slider = f'<input id="map-period" type="range" min="0" max="{shown.periods - 1}" value="0">'
    menu = f'<select id="map-days"><option value="0,{shown.periods}">all {len(dates)}{options}</select>'
    return f'<form class="filter" hidden><label>Period {slider}</label><label>Days {menu}</label></form>'


def _reading(shown: Shown, drawn: Sequence[Panel]) -> str:
    """The table that the script fills with the figures of one period; without it, the means."""
    head = ["region", *(f"{panel.title}, g/kWh" if panel.intensity else panel.title for panel in drawn)]
    rows = [
        [region.name, *(panel.written(float(panel.values[r].mean())) for panel in drawn)]
        for r, region in enumerate(shown.instance.regions)
    ]
    found = table("Means over all periods shown; with a period chosen, its figures", head, rows)
    return f'<div id="map-reading">{found}</div>'


def _data(shown: Shown, drawn: Sequence[Panel]) -> Html:
    """Tenths of g/kWh and of per cent, as whole numbers."""
    tenths = [np.round(panel.values * (10 if panel.intensity else 1000)).astype(int).tolist() for panel in drawn]
    return as_json(
        "map-data",
        {
            "start": shown.instance.start.strftime("%Y-%m-%dT%H:%M:00Z"),
            "minutes": shown.instance.step_minutes,
            "regions": [region.name for region in shown.instance.regions],
            "titles": [panel.title for panel in drawn],
            "tenths": tenths,
        },
    )
