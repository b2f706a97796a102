"""Time and memory against size, on logarithmic axes."""

from pathlib import Path

from matplotlib.figure import Figure

from planner.plots.save import save_figure
from planner.plots.styles import points

PANELS = {
    "build and translate (s)": lambda r: r["seconds"]["build"] + r["seconds"].get("translate", 0.0),
    "solve (s)": lambda r: r["seconds"]["solve"],
    "whole process (s)": lambda r: r["wall_s"],
    "peak memory (MB)": lambda r: r["peak_rss_mb"],
}


def draw(runs: list[dict], path: Path) -> None:
    """One panel a quantity, one line a model."""
    figure = Figure(figsize=(10, 7), layout="constrained")
    for ax, (title, value) in zip(figure.subplots(2, 2, sharex=True).ravel(), PANELS.items(), strict=True):
        for (colour, marker), name in zip(points(), dict.fromkeys(r["name"] for r in runs), strict=False):
            mine = [r for r in runs if r["name"] == name]
            ax.plot([r["options"] for r in mine], [value(r) for r in mine], color=colour, marker=marker, label=name)
        ax.set(xscale="log", yscale="log", title=title)
        ax.grid(which="major", alpha=0.3)
    figure.supxlabel("options")
    figure.axes[0].legend(frameon=False)
    save_figure(figure, path)
