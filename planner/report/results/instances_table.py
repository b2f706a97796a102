"""Every instance in a line: what it is, its bound, and who came nearest."""

from html import escape
from statistics import median

from planner.report.document import Html, table
from planner.report.results.rows import Outcome, Results, Row
from planner.report.results.words import NONE, name, number, percent

FEW = 24  # values of an axis that a menu can hold


def instances_table(results: Results) -> str:
    """HTML of a filter and the table; the script of the page makes both work."""
    head = [
        "instance",
        *results.axes,
        "best policy",
        "its gap",
        "median gap",
        "worst",
        "bound",
        "forecast error",
        "broken",
        "failed",
    ]
    rows = [_line(results, task, n) for n, task in enumerate(results.tasks)]
    found = table(
        "Gaps to the bound; worst is the gap of the worst schedule. A name opens the instance's rows below",
        head,
        rows,
        names=2 + len(results.axes),
    )
    return f'{_filter(results)}<div id="all-instances">{found}</div>'


def _line(results: Results, task: str, n: int) -> list[str]:
    rows = [row for policy in results.policies if (row := results.of.get((task, policy)))]
    gaps = [(row.gap, row.policy) for row in rows if row.gap is not None and not row.clairvoyant]
    best = min(gaps, default=None)
    first, axes = results.first[task], dict(results.first[task].axes)
    return [
        _button(results, task, n),
        *(axes.get(axis) or NONE for axis in results.axes),
        name(best[1]) if best else NONE,
        percent(best[0] if best else None),
        percent(median(gap for gap, _ in gaps) if gaps else None),
        percent(_of(results, task, "worst")),
        number(_bound(results, task)),
        percent(first.forecast_wape),
        _count(rows, Outcome.BROKEN),
        _count(rows, Outcome.FAILED, Outcome.UNVERIFIED),
    ]


def _of(results: Results, task: str, policy: str) -> float | None:
    row = results.of.get((task, policy))
    return row.gap if row else None


def _bound(results: Results, task: str) -> float | None:
    optimum = results.of.get((task, "optimum"))
    return optimum.bound if optimum else None


def _count(rows: list[Row], *outcomes: Outcome) -> str:
    return str(sum(row.outcome in outcomes for row in rows))


def _button(results: Results, task: str, n: int) -> Html:
    """The instance's name; it opens the rows of the task."""
    return Html(f'<button type="button" class="link" data-task="{n}">{name(results.first[task].instance)}</button>')


def _filter(results: Results) -> str:
    menus = "".join(_menu(results, axis, column) for column, axis in enumerate(results.axes, start=1))
    search = '<label>Contains <input type="search" autocomplete="off"></label>'
    return (
        f'<form class="filter" id="instances-filter" hidden>{search}{menus}<output aria-live="polite"></output></form>'
    )


def _menu(results: Results, axis: str, column: int) -> str:
    values = dict.fromkeys(dict(results.first[task].axes).get(axis) or NONE for task in results.tasks)
    if len(values) > FEW:
        return ""
    options = "".join(f'<option value="{escape(v, quote=True)}">{escape(v)}' for v in values)
    return f'<label>{escape(axis)} <select data-column="{column}"><option value="">any{options}</select></label>'
