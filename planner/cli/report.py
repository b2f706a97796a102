"""`report`: the results of a campaign -> a page, tables for a paper, a leaderboard on the terminal."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import common
from planner.cli.common import Json, Quiet, Verbose, number, share
from planner.cli.outputs import PICTURES, save
from planner.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from planner.report.results.panels import Shown
    from planner.report.results.rows import Results
    from planner.report.results.standings import Leaderboard, Standing

SCHEMA = "planner.report/1"
ENDINGS = (".html", ".tex", ".csv", *PICTURES)

Folder = Annotated[
    Path, typer.Argument(metavar="RESULTS", help="A campaign's folder, or its rows.csv or rows.parquet.")
]
Files = Annotated[
    list[Path] | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write .html (page), .tex, .csv or .png, .svg, .pdf (leaderboard); repeat.",
    ),
]
Title = Annotated[str | None, typer.Option("--title", metavar="TEXT", help="Of the page and the table.")]
Map = Annotated[bool, typer.Option("--map/--no-map", help="Solve one instance anew to show its hours by region.")]
TaskName = Annotated[
    str | None, typer.Option("--task", metavar="HASH", help="The task that the map shows: how its name begins.")
]
OnMap = Annotated[
    list[str] | None, typer.Option("--policy", metavar="SPEC", help="On the map, beside the oracle (repeat).")
]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("report")(report)


def report(
    folder: Folder,
    output: Files = None,
    title: Title = None,
    on_map: Map = True,
    task: TaskName = None,
    policies: OnMap = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """What a campaign found, as one self-contained page, as LaTeX or CSV; the leaderboard on stdout.

    The page's map shows one task with the plans of the oracle and of the best policy, which are made anew.
    """
    from planner.cli import report_map
    from planner.report.results.reading import read_results
    from planner.report.results.standings import leaderboard

    files = [_known(path) for path in output or ()]
    results = read_results(folder)
    board = leaderboard(results)
    name = title or _title(results)
    asked = partial(report_map.shown, results, Path(results.source).parent, task=task, policies=policies or ())
    tables = [path for path in files if path.suffix.lower() not in PICTURES]
    texts = [(path, _text(path, results, board, name, asked if on_map else _no_map)) for path in tables]
    for path, text in texts:  # only once all of them are made
        _write(path, text)
    for path in (path for path in files if path not in tables):
        save(_picture(board), path, title=title)
    common.emit(_document(results, board), _table(board), as_json=json)


def _no_map() -> str:
    return "The map was not asked for (--no-map)."


def _known(path: Path) -> Path:
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(f"-o {path}: the name must end in one of {', '.join(ENDINGS)}")
    return path


def _title(results: "Results") -> str:
    suites = dict.fromkeys(row.suite for row in results.rows if row.suite)
    return f"Campaign {', '.join(suites)}" if suites else "Campaign"


def _text(path: Path, results: "Results", board: "Leaderboard", title: str, on_map: "Callable[[], Shown | str]") -> str:
    from planner.report.results.page import results_page
    from planner.report.results.tables import csv_table, latex_table

    match path.suffix.lower():
        case ".csv":
            return csv_table(board)
        case ".tex":
            return latex_table(board, title)
    shown = on_map()
    if isinstance(shown, str):
        common.note(shown)
    return results_page(results, title=title, shown=shown)


def _picture(board: "Leaderboard") -> "Axes":
    from planner.plots.gap_strips import Strip, plot_gap_strips

    return plot_gap_strips([Strip(each.policy, each.gaps, each.quantile(0.5)) for each in board.ranked])


def _write(path: Path, text: str) -> None:
    from planner.io.atomic import write_text

    write_text(path, text)
    common.note(f"wrote {path}")


def _table(board: "Leaderboard") -> str:
    head = ("policy", "median gap", "p95", "max", "rule broken", "failed", "µs/request")
    rows = [(each.policy, *_cells(each)) for each in (*board.ranked, *board.unranked, *board.anchors)]
    given = f", all with the forecaster {board.forecast}" if board.elsewhere else ""
    said = f"gaps on the {len(board.compared):,} of {board.tasks:,} tasks that every ranked policy finished{given}"
    return f"{said}\n{common.table(head, rows)}"


def _cells(each: "Standing") -> list[str]:
    gaps = (share(each.quantile(q)) for q in (0.5, 0.95, 1.0))
    return [*gaps, f"{each.broken}", f"{each.failed}", number(each.decision_us, 3)]


def _document(results: "Results", board: "Leaderboard") -> dict[str, Any]:
    from planner.report.results.tables import SHARES, standings

    return {
        "schema": SCHEMA,
        "source": results.source,
        "forecast": board.forecast,
        "tasks": board.tasks,
        "compared": board.compared,
        "rows": len(results.rows),
        "verified": sum(row.verified for row in results.rows),
        "leaderboard": [
            {
                "policy": each.policy,
                "role": role,
                "rank": board.rank(each),
                "clairvoyant": each.clairvoyant,
                "gap": {name: each.quantile(q) for name, q in SHARES.items()},
                "compared": each.compared,
                "rule_broken": each.broken,
                "finished": each.finished,
                "failed": each.failed,
                "decision_us_per_request": each.decision_us,
            }
            for role, each in standings(board)
        ],
    }
