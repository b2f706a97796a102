"""Where executions ran: a bar per scenario, divided by region."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from planner.plots.canvas import canvas
from planner.plots.palette import OTHER, REGIONS

HATCHES = ("", "//", "..", "\\\\", "xx", "--", "oo")


def plot_places(rows: Sequence[tuple[str, Mapping[str, int]]], *, ax: Axes | None = None) -> Axes:
    """Per (name, {region: executions}): shares; a region keeps its colour and hatching."""
    ax = canvas(ax, width=8.0, height=1.2 + 0.55 * len(rows))
    regions = sorted({region for _, counts in rows for region in counts})
    left = [0.0] * len(rows)
    for n, region in enumerate(regions):
        share = [counts.get(region, 0) / sum(counts.values()) for _, counts in rows]
        colour, hatch = (REGIONS[n], HATCHES[n]) if n < len(REGIONS) else (OTHER, "")
        ax.barh(range(len(rows)), share, 0.6, left, color=colour, hatch=hatch, edgecolor="white", label=region)
        left = [before + more for before, more in zip(left, share, strict=True)]
    ax.set_yticks(range(len(rows)), [name for name, _ in rows])
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    ax.set_xlabel("share of executions")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return ax
