"""Forecast error against gap, in pictures and as a table with intervals."""

from collections.abc import Iterator, Sequence

from planner.report.document import Html, paragraphs, table
from planner.report.results.forecast_error import Effect, ErrorClass, Span, effects, error_classes
from planner.report.results.panels import Shown
from planner.report.results.rows import Results
from planner.report.results.scale import GapScale
from planner.report.results.scatter import scatters
from planner.report.results.standings import Leaderboard
from planner.report.results.words import NONE, name, percent
from planner.report.results.zones import zone_table

NO_FORECAST_ERROR = "The rows do not say how wrong the forecasts were: there is nothing to compare."
CHANGE = "change, first to last"
SCATTER = (
    "Gap (logarithmic) against the error of the carbon forecasts that the instance's forecaster gives on the first "
    "day, as WAPE, mean over its zones: a point for each instance, the line through the means of the table."
)
BY_ERROR = (
    "Instances in one column have a like forecast error; those of two columns are not the same, so that the change "
    "holds what else sets them apart. "
)
BY_FORECASTER = (
    "Each column is a forecaster with the range of its errors. All were given to the same instances, so that the "
    "change, over those on which a policy has a gap in both, is that of the forecast alone. "
)
INTERVALS = (
    "Intervals are 95 % bootstraps over instances (2,000 resamples): they tell how much the mean depends on the "
    "instances drawn, not how another year would turn out."
)


def forecast_section(results: Results, board: Leaderboard, scale: GapScale, shown: Shown | str) -> Iterator[str]:
    """HTML: pictures, the table of mean gaps by forecast error, and the errors in each zone of the map's instance."""
    classes = error_classes(results, board.compared)
    if classes and board.ranked:
        yield from _error_and_gap(results, board, classes, scale)
    else:
        yield paragraphs(NO_FORECAST_ERROR)
    if isinstance(shown, Shown):
        yield zone_table(shown.instance, shown.forecast, shown.seed)


def _error_and_gap(
    results: Results, board: Leaderboard, classes: Sequence[ErrorClass], scale: GapScale
) -> Iterator[str]:
    found = effects(results, board, classes)
    yield paragraphs(SCATTER)
    yield scatters(results, found, classes, scale)
    head = ("policy", "knows", *(_class_name(group) for group in classes), *([CHANGE] if len(classes) > 1 else []))
    yield table(
        "Mean gap by forecast error (WAPE, first 24 h), with 95 % intervals", head, map(_effect, found), names=2
    )
    yield paragraphs((BY_FORECASTER if classes[0].forecast else BY_ERROR) + INTERVALS)


def _class_name(group: ErrorClass) -> str:
    low, high = percent(group.low), percent(group.high)
    error = low if low == high else f"{low} to {high}"
    return f"{group.forecast}, {error}" if group.forecast else f"{error} (n = {len(group.tasks)})"


def _effect(each: Effect) -> list[str]:
    spans = [*each.means, *([each.change] if len(each.means) > 1 else [])]
    return [name(each.policy), knows(each.regime), *map(_interval, spans)]


def _interval(span: Span | None) -> Html:
    if span is None:
        return Html(NONE)
    return Html(f'{percent(span.mean)} <span class="ci">[{_plain(span.low)}, {_plain(span.high)}]</span>')


def _plain(share: float) -> str:
    return percent(share).removesuffix(" %")


def knows(regime: str) -> str:
    """What a policy of this regime is told."""
    return {"none": "the past", "": NONE}.get(regime, regime)
