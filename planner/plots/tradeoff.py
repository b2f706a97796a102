"""The trade-off of carbon against something else: the exact Pareto front beneath the policies."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from planner.plots.canvas import canvas
from planner.plots.styles import points
from planner.plots.units import scaled_mass

Point = tuple[float, float]
Row = tuple[str, float, float]


def plot_tradeoff(
    front: Sequence[Point], policies: Sequence[Row], *, other: str, convex: bool, ax: Axes | None = None
) -> Axes:
    """`front` holds (other, carbon kg), `policies` (name, other, carbon kg); `other` labels the x axis.

    Between points of a `convex` problem plans can be mixed: the straight line is reached, and the front no higher. Else
    only the points are known, and what is drawn are the stairs that they reach.
    """
    ax = canvas(ax, width=8.5, height=4.8)
    factor, unit = scaled_mass(max([y for _, y in front] + [kg for _, _, kg in policies], default=0.0))
    x, y = ([p[0] for p in sorted(front)], [p[1] * factor for p in sorted(front)])
    ax.plot(
        x,
        y,
        color="black",
        linewidth=1.4,
        marker=".",
        markersize=6,
        drawstyle="default" if convex else "steps-post",
        label="exact Pareto front",
        zorder=2,
    )
    for (name, at, kg), (colour, marker) in zip(policies, points(), strict=False):
        ax.plot(
            [at],
            [kg * factor],
            linestyle="none",
            marker=marker,
            markersize=8,
            color=colour,
            markeredgecolor="black",
            markeredgewidth=0.6,
            label=name,
            zorder=3,
        )
    ax.set_xlabel(other)
    ax.set_ylabel(f"carbon ({unit})")
    ax.set_ylim(bottom=0 if min(y, default=0.0) < 0.3 * max(y, default=0.0) else None)
    ax.grid(color="#DDDDDD", linewidth=0.6, zorder=0)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9 if len(policies) <= 14 else 7)
    return ax
