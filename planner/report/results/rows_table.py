"""Every row of the campaign, as data from which the page's script draws the table that is asked for."""

from planner.report.results.embedded import as_json
from planner.report.results.rows import Outcome, Results, Row
from planner.report.results.standings import labels
from planner.report.results.words import quoted

COLUMNS = (
    *(
        "instance",
        "policy",
        "gap",
        "gap to best",
        "position",
        "objective",
        "carbon kg",
        "SLO violated",
        "missed",
        "result",
    ),
)
DIGITS = 6
MOST_WORDS = 200  # of an error


def rows_table(results: Results) -> str:
    """HTML of the filter, an empty table and the data; without a script the sentence that says where the rows are."""
    names = labels(results)
    policies = [*results.policies, *dict.fromkeys(row.policy for row in results.rows if row.anchor)]
    tasks = {task: n for n, task in enumerate(results.tasks)}
    data = {
        "tasks": [names[task] for task in results.tasks],
        "policies": policies,
        "outcomes": list(Outcome),
        "columns": COLUMNS,
        "rows": [_cells(row, tasks[row.task], policies.index(row.policy)) for row in results.rows],
    }
    return (
        f"{_filter()}<noscript><p>The rows stand in the campaign's rows.csv.</p></noscript>"
        f'<div id="all-rows"></div><p><button type="button" id="rows-more" hidden>Show more</button></p>'
        f"{as_json('rows-data', data)}"
    )


def _cells(row: Row, task: int, policy: int) -> list[object]:
    """Numbers of the task, the policy and the outcome among them, so that no name is written twice."""
    note = row.error[:MOST_WORDS] if row.error else ", ".join(row.violations)
    figures = (row.gap, row.gap_to_best if row.gap is not None else None, row.position if row.gap is not None else None)
    more = (row.total, row.carbon_kg, row.slo_violation_rate, row.missed_rate)
    return [task, policy, *map(_short, (*figures, *more)), list(Outcome).index(row.outcome), *([note] if note else [])]


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")


def _filter() -> str:
    menus = "".join(
        f'<label>{quoted(name)} <select data-key="{column}"><option value="">any</select></label>'
        for name, column in (("Instance", 0), ("Policy", 1), ("Result", 9))
    )
    return f'<form class="filter" id="rows-filter" hidden>{menus}<output aria-live="polite"></output></form>'
