"""`planner`: all commands, and the one place where errors become exit codes."""

import logging
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer

from planner import __version__
from planner.cli import (
    bound,
    campaign,
    check,
    data,
    doctor,
    forecast,
    instance,
    library,
    protocol,
    replay,
    report,
    solve,
    submission,
)
from planner.cli import map as maps
from planner.cli.common import log
from planner.cli.streams import stdout_of_our_own
from planner.errors import LimitReached, PlannerError

INTERNAL_ERROR = 6
UNREADABLE = 3
ADVICE = "this is a defect of planner: please report it with the command and, from -v, the traceback"

app = typer.Typer(
    name="planner",
    help="Plan where and when AI inference runs so that it emits the least carbon, and prove how good the plan is.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help, and rich stays unimported
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        print(__version__)
        raise typer.Exit


@app.callback()
def _planner(
    version: Annotated[
        bool, typer.Option("--version", help="The version, then exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Plan where and when AI inference runs so that it emits the least carbon, and prove how good the plan is."""


for _group in (
    solve,
    bound,
    check,
    replay,
    forecast,
    maps,
    instance,
    data,
    protocol,
    library,
    submission,
    campaign,
    report,
    doctor,
):
    _group.register(app)


def command() -> int:
    """The command of this process: `main`, with stdout kept for data."""
    with stdout_of_our_own():
        return main()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the answer is its exit code (see planner.errors)."""
    with _told_on_stderr():
        try:
            app(args=argv, prog_name="planner")
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 0
        except PlannerError as error:
            return _failed(str(error), error.exit_code)
        except MemoryError:
            return _failed("out of memory; `planner solve --windows` takes less", LimitReached.exit_code)
        except OSError as error:
            return _failed(f"{error.filename or 'file'}: {error.strerror or error}", UNREADABLE)
        except Exception as error:  # noqa: BLE001 - the last resort: a defect of ours, told as one
            return _failed(f"internal error: {type(error).__name__}: {error}; {ADVICE}", INTERNAL_ERROR)
    return 0


@contextmanager
def _told_on_stderr() -> Iterator[None]:
    """What the library logs reaches people; -q and -v change the level until the command ends."""
    handler = logging.StreamHandler(sys.stderr)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(logging.NOTSET)


def _failed(message: str, code: int) -> int:
    # A file may name half a character (a lone surrogate), which no stream can write.
    log.error("planner: %s", message.encode("utf-8", "backslashreplace").decode("utf-8"))
    if log.isEnabledFor(logging.DEBUG):
        traceback.print_exc()
    return code
