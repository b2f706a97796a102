"""One policy's gaps in a line: a stroke each, a box from quartile to quartile, a whisker to the 95th percentile."""

from planner.report.document import Html
from planner.report.results.frame import SIDE, canvas, place
from planner.report.results.scale import GapScale
from planner.report.results.standings import Standing
from planner.report.results.words import percent


def strip(standing: Standing, scale: GapScale) -> Html:
    """A cell of the leaderboard; the same figures stand beside it."""
    grid = "".join(f"M{place(tick.at)} 0V{SIDE}" for tick in scale.ticks())
    strokes = "".join(f"M{x} 620V930" for x in sorted({place(scale.at(gap)) for gap in standing.gaps.tolist()}))
    marks = f'<path class="grid" d="{grid}"/>{_box(standing, scale)}<path class="rug" d="{strokes}"/>'
    median, largest = (percent(standing.quantile(share)) for share in (0.5, 1.0))
    label = f"gaps of {standing.policy}: median {median}, largest {largest}"
    return Html(f'<div class="strip">{canvas(marks, label)}</div>')


def _box(standing: Standing, scale: GapScale) -> str:
    """Quantiles that fall on a broken rule lie at the end of the scale."""

    def at(share: float) -> int:
        gap = standing.quantile(share)
        return SIDE if gap is None else place(scale.at(gap))

    if not len(standing.gaps):
        return ""
    low, middle, high, far = (at(share) for share in (0.25, 0.5, 0.75, 0.95))
    median = "" if standing.quantile(0.5) is None else f'<path class="median" d="M{middle} 90V560"/>'
    whisker = f'<path class="whisker" d="M{high} 325H{far}M{far} 200V450"/>'
    return f'{whisker}<path class="box" d="M{low} 130H{high}V520H{low}z"/>{median}'


def strip_head(scale: GapScale) -> Html:
    """The column's head: its name and the scale's ticks."""
    ticks = "".join(f'<span style="left:{100 * tick.at:.2f}%">{tick.text}</span>' for tick in scale.ticks())
    return Html(f'gaps<div class="strip-ticks" aria-hidden="true">{ticks}</div>')
