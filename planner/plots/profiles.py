"""Performance profiles as steps."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from planner.metrics.profiles import Profile
from planner.plots.canvas import canvas
from planner.plots.styles import lines

LEAST = 1e-4  # a gap below this is as good as none


def plot_profiles(profiles: Sequence[Profile], ax: Axes | None = None) -> Axes:
    """A step line per policy: the share of instances (y) on which its gap is at most x per cent, logarithmic."""
    ax = canvas(ax, width=9.0, height=4.6)
    gaps = np.concatenate([p.gaps for p in profiles]) if profiles else np.zeros(0)
    most = max(10 * LEAST, float(gaps.max(initial=0.0))) * 1.5
    least = max(LEAST, min(float(gaps.min(initial=most)), most / 10) / 1.5)
    for profile, (colour, dash) in zip(profiles, lines(), strict=False):
        at = np.concatenate([[least], np.maximum(profile.gaps, least), [most]])
        share = np.concatenate([[0.0], np.arange(1, len(profile.gaps) + 1), [len(profile.gaps)]]) / profile.instances
        ax.step(100 * at, share, where="post", color=colour, linestyle=dash, linewidth=1.6, label=profile.policy)
    ax.set_xscale("log")
    ax.set_xlim(100 * least, 100 * most)
    ax.set_ylim(0, 1.02)
    ax.xaxis.set_major_formatter(lambda gap, _: f"{gap:g}")
    ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    ax.set_xlabel("gap to the bound, at most (%)")
    count = max((p.instances for p in profiles), default=0)
    ax.set_ylabel(f"share of the {count} instances")
    ax.grid(color="#DDDDDD", linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9 if len(profiles) <= 14 else 7)
    return ax
