"""Results in files: tables and pictures."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli import common
from planner.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PICTURES = (".png", ".svg", ".pdf")
TABLES = (".csv", ".json")


def require_table_or_picture(output: Path | None) -> None:
    """UsageError: the name ends in neither."""
    known = (*TABLES, *PICTURES)
    if output and output.suffix not in known:
        raise UsageError(f"-o {output}: the name must end in one of {', '.join(known)}")


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Rows, the header first, as CSV without the last line's end."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().rstrip("\n")


def save(axes: "Axes", output: Path, *, title: str | None = None) -> None:
    """Write the figure that axes stand in, under a title of its own where one is given."""
    from planner.plots.canvas import figure_of
    from planner.plots.save import save_figure

    if title is not None:
        axes.set_title(title)
    save_figure(figure_of(axes), output)
    common.note(f"wrote {output}")
