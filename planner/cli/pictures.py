"""Results as pictures."""

from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli import common

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PICTURES = (".png", ".svg", ".pdf")


def save(axes: "Axes", output: Path, *, title: str | None = None) -> None:
    """Write the figure that axes stand in, under a title of its own where one is given."""
    from planner.plots.canvas import figure_of
    from planner.plots.save import save_figure

    if title is not None:
        axes.set_title(title)
    save_figure(figure_of(axes), output)
    common.note(f"wrote {output}")
