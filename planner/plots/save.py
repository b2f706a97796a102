"""A figure into a file."""

from io import BytesIO
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from planner.errors import UsageError
from planner.io.atomic import write_bytes

UNDATED = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}  # equal pictures are equal files


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a .png (160 dots per inch), .svg or .pdf, atomically; needs no display. UsageError for another ending."""
    kind = Path(path).suffix.lower().removeprefix(".")
    if kind not in UNDATED:
        raise UsageError(f"{path}: a picture ends in .png, .svg or .pdf")
    picture = BytesIO()
    with mpl.rc_context({"svg.hashsalt": "planner"}):
        figure.savefig(picture, format=kind, dpi=160, metadata=UNDATED[kind])
    write_bytes(path, picture.getvalue())
