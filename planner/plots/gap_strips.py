"""Gaps of policies on many instances: a stroke each, a box from quartile to quartile, the median in words."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from planner.domain.instance import Floats
from planner.plots.canvas import canvas
from planner.plots.palette import REGIONS

LEAST = 1e-3  # a gap below this is drawn at it


class Strip(NamedTuple):
    """A policy's `gaps` (G,) as shares of the bound, and its median, None where that is a broken rule."""

    policy: str
    gaps: Floats
    median: float | None


def plot_gap_strips(strips: Sequence[Strip], ax: Axes | None = None) -> Axes:
    """A line a policy in the given order, gaps in per cent on a logarithmic axis."""
    ax = canvas(ax, width=8.0, height=1.2 + 0.3 * len(strips))
    most = max((float(strip.gaps.max(initial=LEAST)) for strip in strips), default=LEAST)
    for y, strip in enumerate(strips):
        _draw(ax, y, strip)
    ax.set_xscale("log")
    ax.set_xlim(90 * LEAST, 100 * max(10 * LEAST, most) * 1.3)
    ax.xaxis.set_major_formatter(lambda gap, _: f"{gap:g}")
    ax.set_yticks(range(len(strips)), [strip.policy for strip in strips])
    ax.set_ylim(len(strips) - 0.4, -0.6)
    ax.set_xlabel("gap to the lower bound (%)")
    ax.grid(axis="x", color="#DDDDDD", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.annotate("median", (1, 1), xycoords="axes fraction", xytext=(5, 0), textcoords="offset points", fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _draw(ax: Axes, y: int, strip: Strip) -> None:
    percents = 100 * np.maximum(strip.gaps, LEAST)
    ax.vlines(percents, y - 0.32, y + 0.32, color=REGIONS[0], alpha=0.25, linewidth=0.8)
    if len(percents):
        low, high = np.quantile(percents, [0.25, 0.75])
        ax.barh(y, high - low, left=low, height=0.5, color=REGIONS[4], alpha=0.7)
    if strip.median is not None:
        at = 100 * max(strip.median, LEAST)
        ax.plot([at, at], [y - 0.32, y + 0.32], color="black", linewidth=1.8)
    words = "a rule broken" if strip.median is None else f"{100 * strip.median:.3g} %"
    ax.annotate(
        words,
        (1, y),
        xycoords=("axes fraction", "data"),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
    )
