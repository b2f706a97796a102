"""`planner campaign run|status|collect`: many instances, many policies, one table."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import common
from planner.cli.common import Json, NoProgress, Quiet, Verbose
from planner.cli.windows import Scheduler, Workers
from planner.errors import UsageError

if TYPE_CHECKING:
    from planner.campaign.play import Told
    from planner.campaign.run import Finished
    from planner.campaign.status import Status


def _shipped(incomplete: str) -> list[str]:
    from planner.io.library import shipped_suites

    return [name for name in shipped_suites() if name.startswith(incomplete)]


SuiteName = Annotated[
    str, typer.Argument(metavar="SUITE", help="A TOML file, or a shipped suite such as smoke.", autocompletion=_shipped)
]
Results = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of a campaign.")]
Into = Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where tasks, logs and tables go.")]
ExecutorName = Annotated[
    str, typer.Option("--executor", metavar="NAME", help="Tasks run serial, in processes or on dask.")
]
Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="The series that recipes name.")]
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="AXIS=VALUE", help="Only these tasks of the suite (repeat).")
]
Again = Annotated[bool, typer.Option("--again", help="Run tasks with an error in a row once more.")]
Plans = Annotated[bool, typer.Option("--plans", help="Keep each policy's plan.")]
Parquet = Annotated[bool, typer.Option("--parquet/--no-parquet", help="Write rows.parquet too.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(help="Many instances, many policies, one table of verified rows.", no_args_is_help=True)
    group.command("run")(run)
    group.command("status")(status)
    group.command("collect")(collect)
    app.add_typer(group, name="campaign")


def run(
    suite: SuiteName,
    output: Into,
    executor: ExecutorName = "serial",
    workers: Workers = 2,
    scheduler: Scheduler = None,
    data: Data = None,
    only: Only = None,
    again: Again = False,
    plans: Plans = False,
    no_progress: NoProgress = False,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Run the tasks of a suite that FOLDER does not hold yet; killed at any moment, it goes on from there.

    Exit code 1: a row holds an error, or the judge did not confirm it. 130: Ctrl-C; finished tasks are kept.
    """
    from planner.campaign.run import Wanted
    from planner.campaign.run import run as run_suite
    from planner.solve import executors

    wanted = Wanted(tuple(map(_axis, only or [])), again=again, plans=plans)
    with executors.executor(executor, workers=workers, scheduler=scheduler) as runs:
        done = run_suite(
            suite, output, executor=runs, data=data, wanted=wanted, finished=_progress(no_progress=no_progress)
        )
    document, text = _summary(output, done)
    common.emit(document, text, as_json=json)
    if document["verified"] < document["rows"] or document["errors"]:
        raise typer.Exit(1)


def status(folder: Results, json: Json = False, quiet: Quiet = False, verbose: Verbose = False) -> None:
    """How many tasks are done, with how many rows, and when the rest will be."""
    from planner.campaign.status import status as of_folder
    from planner.campaign.store import Folder

    found = of_folder(Folder(folder))
    common.emit({"schema": "planner.campaign.status/1", **asdict(found)}, _told(found), as_json=json)


def collect(
    folder: Results, parquet: Parquet = True, json: Json = False, quiet: Quiet = False, verbose: Verbose = False
) -> None:
    """All finished tasks as FOLDER/rows.csv and rows.parquet, and what was measured by a clock as timings.csv."""
    from planner.campaign.collect import collect as into_tables
    from planner.campaign.store import Folder

    found, files = into_tables(Folder(folder), parquet=parquet)
    if found.missing:
        common.note(f"{found.missing} tasks are not done yet: `planner campaign run` goes on with them")
    document = {
        "schema": "planner.campaign.collect/1",
        "files": [str(file) for file in files],
        "rows": len(found.rows),
        "verified": found.verified,
        "errors": found.errors,
        "missing": found.missing,
    }
    counts = _rows(len(found.rows), found.verified, found.errors)
    common.emit(document, "\n".join([counts, *(f"wrote {file}" for file in files)]), as_json=json)


def _axis(text: str) -> tuple[str, str]:
    name, equals, label = text.partition("=")
    if not (name and equals and label):
        raise UsageError(f"--only {text}: write AXIS=VALUE, as in --only season=winter")
    return name, label


def _progress(*, no_progress: bool) -> "Finished | None":
    """A line on stderr for each task that is done."""
    if not common.watched(no_progress=no_progress):
        return None
    from planner.campaign.status import seconds_left

    clock, ended = common.Stopwatch(), list[float]()

    def show(told: "Told", done: int, of: int) -> None:
        ended.append(clock.total)
        left = _duration(seconds_left(ended, of - done))
        errors = f", {told.errors} errors: logs/{told.task}.log" if told.errors else ""
        common.note(f"{clock.total:7.1f} s  {done}/{of} tasks, {left} left{errors}")

    return show


def _summary(folder: Path, done: "list[Told]") -> tuple[dict[str, Any], str]:
    rows, verified, errors = (sum(getattr(told, name) for told in done) for name in ("rows", "verified", "errors"))
    document = {
        "schema": "planner.campaign/1",
        "folder": str(folder),
        "tasks": len(done),
        "rows": rows,
        "verified": verified,
        "errors": errors,
    }
    text = f"{len(done)} tasks done: {_rows(rows, verified, errors)}\nnext: planner campaign collect {folder}"
    return document, text


def _told(found: "Status") -> str:
    left = "" if found.done == found.tasks else f", {_duration(found.seconds_left)} left at the pace of the newest run"
    counts = _rows(found.rows, found.verified, found.errors)
    return f"{found.suite}: {found.done} of {found.tasks} tasks done{left}\n{counts}"


def _rows(rows: int, verified: int, errors: int) -> str:
    return f"{rows} rows, {verified} verified, {errors} with an error"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "unknown time"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min {rest:02} s"
