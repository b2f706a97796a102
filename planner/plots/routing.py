"""Where policies send requests."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from planner.domain.instance import Floats
from planner.plots.canvas import canvas
from planner.plots.palette import OTHER, REGIONS

Row = tuple[str, Floats]
WIDE_ENOUGH = 0.06  # a share this large has room for its figure
PALE = ("#E69F00", "#56B4E9", "#F0E442", OTHER)  # black letters can be read on these


def plot_routing(rows: Sequence[Row], regions: Sequence[str], ax: Axes | None = None) -> Axes:
    """One stacked bar per (name, requests by region (R,)), as shares of what is served; the first row on top.

    The regions that serve most have colours of their own, what is left beyond seven shares one grey.
    """
    ax = canvas(ax, width=9.0, height=1.2 + 0.36 * len(rows))
    shares = np.array([requests / max(float(requests.sum()), 1e-300) for _, requests in rows])
    left = np.zeros(len(rows))
    for colour, label, part in _parts(shares, regions):
        ax.barh(range(len(rows)), part, left=left, color=colour, height=0.74, edgecolor="white", label=label)
        _say_shares(ax, left, part, colour)
        left = left + part
    ax.set_yticks(range(len(rows)), [name for name, _ in rows])
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    ax.set_xlabel("share of the requests served")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _parts(shares: Floats, regions: Sequence[str]) -> list[tuple[str, str, Floats]]:
    """(colour, label, (rows,) shares): the most used regions first, in the order of the instance."""
    busiest = np.argsort(-shares.sum(axis=0), kind="stable")
    own = np.sort(busiest[: len(REGIONS)])
    named = [(colour, regions[r], shares[:, r]) for colour, r in zip(REGIONS, own.tolist(), strict=False)]
    rest = busiest[len(REGIONS) :]
    return [*named, (OTHER, f"{len(rest)} others", shares[:, rest].sum(axis=1))] if len(rest) else named


def _say_shares(ax: Axes, left: Floats, part: Floats, colour: str) -> None:
    for y, (start, share) in enumerate(zip(left.tolist(), part.tolist(), strict=True)):
        if share >= WIDE_ENOUGH:
            ink = "black" if colour in PALE else "white"
            ax.text(start + share / 2, y, f"{100 * share:.0f}", ha="center", va="center", fontsize=8, color=ink)
