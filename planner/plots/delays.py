"""How long invocations wait before they begin: the share that has begun after so many hours."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from planner.domain.instance import Floats
from planner.plots.canvas import canvas
from planner.plots.styles import lines


def plot_delays(rows: Sequence[tuple[str, Floats]], *, ax: Axes | None = None) -> Axes:
    """A curve per (name, delays in s)."""
    ax = canvas(ax, width=8.0, height=3.8)
    for (name, seconds), (colour, dash) in zip(rows, lines(), strict=False):
        ax.ecdf(seconds / 3600, color=colour, linestyle=dash, linewidth=1.8, label=name)
    ax.set_xlabel("delay (h)")
    ax.set_ylabel("share of invocations that have begun")
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    ax.grid(color="#DDDDDD", linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return ax
