"""Greenup of one scenario against another: the policy's effect, what was measured, and the oracle's limit."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from planner.plots.canvas import canvas
from planner.plots.styles import COLOURS

Row = tuple[str, float, float, tuple[float, float] | None]


def plot_greenup(rows: Sequence[Row], *, bound: float, base: str, ax: Axes | None = None) -> Axes:
    """Per (name, policy's greenup, measured greenup, its interval): a bar, and a point with its whiskers.

    `bound`: no schedule has a greenup above it against `base`.
    """
    ax = canvas(ax, width=8.0, height=1.2 + 0.55 * len(rows))
    for y, (_, policy, measured, interval) in enumerate(rows):
        ax.barh(y, policy, height=0.55, color=COLOURS[0], alpha=0.75, label="policy alone" if y == 0 else None)
        low, high = interval or (measured, measured)
        whiskers = [[max(0.0, measured - low)], [max(0.0, high - measured)]]
        label = "measured, 95 % interval" if y == 0 else None
        ax.errorbar(measured, y, xerr=whiskers, fmt="D", color="#222222", markersize=5, capsize=4, label=label)
    ax.axvline(1.0, color="#222222", linewidth=1.0)
    ax.axvline(bound, color=COLOURS[5], linestyle="--", linewidth=1.6, label=f"most against {base} (oracle)")
    ax.set_yticks(range(len(rows)), [name for name, *_ in rows])
    ax.invert_yaxis()
    ax.set_xlabel("greenup (ratio of E*)")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return ax
