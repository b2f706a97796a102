from pathlib import Path

import pytest

from planner.errors import UsageError
from planner.plots.canvas import canvas, figure_of
from planner.plots.save import save_figure

BEGINS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


@pytest.mark.parametrize("kind", BEGINS)
def test_equal_figures_make_equal_files(tmp_path: Path, kind: str) -> None:
    for name in ("one", "two"):
        ax = canvas(None, width=2, height=1)
        ax.plot([0, 1], [0, 1], label="a line")
        save_figure(figure_of(ax), tmp_path / f"{name}.{kind}")
    one, two = ((tmp_path / f"{name}.{kind}").read_bytes() for name in ("one", "two"))
    assert one.startswith(BEGINS[kind])
    assert one == two


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.png, \.svg or \.pdf"):
        save_figure(figure_of(canvas(None, width=1, height=1)), tmp_path / "picture.gif")
    assert not list(tmp_path.iterdir())
