"""Forecast error against gap: a small picture for each policy, all with the same axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from planner.report.results.forecast_error import Effect, ErrorClass, points
from planner.report.results.frame import SIDE, frame, place
from planner.report.results.rows import Results
from planner.report.results.scale import GapScale, Tick
from planner.report.results.words import name, round_percent

PICTURES = 8
MOST_TICKS = 5
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Axes:
    """Forecast error from 0 to `most` on x, gap on y."""

    most: float
    gap: GapScale

    def at(self, wape: float, gap: float) -> tuple[int, int]:
        """A point of the picture."""
        return place(wape / self.most), SIDE - place(self.gap.at(gap))

    def x_ticks(self) -> list[Tick]:
        """At round figures from zero."""
        step = next((step for step in STEPS if self.most / step <= MOST_TICKS), ceil(self.most))
        return [Tick(n * step / self.most, round_percent(n * step)) for n in range(int(self.most / step) + 1)]


def scatters(results: Results, found: Sequence[Effect], classes: Sequence[ErrorClass], scale: GapScale) -> str:
    """HTML of at most eight pictures, of the policies that come first."""
    largest = max(group.high for group in classes)
    axes = Axes(1.1 * largest or 1.0, scale)  # where every forecast is perfect, any axis will do
    return f'<div class="small">{"".join(_one(results, each, classes, axes) for each in found[:PICTURES])}</div>'


def _one(results: Results, effect: Effect, classes: Sequence[ErrorClass], axes: Axes) -> str:
    dots = {axes.at(wape, gap) for wape, gap in points(results, effect.policy, classes)}
    drawn = "".join(f"M{x} {y}h0" for x, y in sorted(dots))
    label = f"{effect.policy}: gap against forecast error, a point for each instance; means in the table below"
    picture = frame(
        f'<path class="dots" d="{drawn}"/>{_means(effect, classes, axes)}',
        label=label,
        x=axes.x_ticks(),
        y=[tick for tick in axes.gap.ticks() if not tick.text.startswith(("0.5", "5"))],
        x_title="",
        y_title="",
    )
    return f"<figure><figcaption>{name(effect.policy)}</figcaption>{picture}</figure>"


def _means(effect: Effect, classes: Sequence[ErrorClass], axes: Axes) -> str:
    """A line through the means of the classes, and their intervals."""
    known = [(group.mean, span) for group, span in zip(classes, effect.means, strict=True) if span]
    if not known:
        return ""
    line = "L".join("{} {}".format(*axes.at(wape, span.mean)) for wape, span in known)
    bars = "".join("M{} {}V{}".format(*axes.at(w, s.low), axes.at(w, s.high)[1]) for w, s in known)
    return f'<path class="mean" d="M{line}"/><path class="interval" d="{bars}"/>'
