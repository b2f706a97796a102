"""Options of `planner data` as one handling of a file."""

from typing import TYPE_CHECKING, Any, get_args

from planner.cli.window import utc
from planner.errors import UsageError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from planner.data.carbon.handling import Handling

MARKS = {"point": ".", ".": ".", "comma": ",", ",": ","}


def handling(
    *, decimal: str, unit: str | None, timezone: str | None, start: str | None, end: str | None, **others: Any
) -> "Handling":
    """What the user asks for. UsageError for a word that an option does not know."""
    from planner.data.carbon import handling as words

    _one_of("--decimal", decimal, MARKS)
    for option, known in (("missing", words.Missing), ("duplicates", words.Duplicates), ("negative", words.Negative)):
        _one_of(f"--{option}", others.get(option, "error"), get_args(known))
    if unit is not None:
        words.factor(unit)
    return words.Handling(
        decimal=MARKS[decimal],  # type: ignore[arg-type]
        unit=unit,
        timezone=_clock(timezone),
        start=None if start is None else utc(start, "--start"),
        end=None if end is None else utc(end, "--end"),
        **others,
    )


def _one_of(option: str, given: str, known: Any) -> None:
    if given not in known:
        raise UsageError(f"{option}: '{given}' is none of {', '.join(known)}")


def _clock(name: str | None) -> "ZoneInfo | None":
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return None if name is None else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(f"--timezone: no '{name}'; give a name such as Europe/Berlin, or UTC") from error
