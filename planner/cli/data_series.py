"""Series of carbon intensity as commands write and show them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.cli import common

if TYPE_CHECKING:
    from planner.data.carbon.series import Series


def save_series(series: "Sequence[Series]", path: Path) -> None:
    """Write series to a file, gzipped where its name ends in .gz; atomically."""
    import gzip

    from planner.data.carbon.files import series_text
    from planner.io.atomic import write_bytes

    data = series_text(series).encode("utf-8")
    write_bytes(path, gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    common.note(f"wrote {path}")


def about(series: "Sequence[Series]") -> list[dict[str, Any]]:
    """What the series are, for JSON."""
    from planner.data.carbon.series import said
    from planner.io.clock import format_utc

    return [
        {
            "zone": one.zone,
            "periods": len(one.times),
            "step_minutes": one.step_minutes,
            "start": format_utc(one.start),
            "end": format_utc(one.end),
            "mean_g_per_kwh": float(one.values.mean()),
            "unit": one.unit,
            "kind": said(one.kind),
            "source": one.source,
            "licence": one.licence,
        }
        for one in series
    ]


def told(series: "Sequence[Series]", *notes: str) -> str:
    """What the series are, for people: a table, the notes, and who published them under which terms."""
    header = ("zone", "start", "end", "periods", "minutes", "mean g/kWh", "kind")
    rows = [
        (a["zone"], a["start"], a["end"], str(a["periods"]),
         str(a["step_minutes"]), f"{a['mean_g_per_kwh']:.4g}", a["kind"])
        for a in about(series)
    ]  # fmt: skip
    sources = sorted({f"{one.source}; licence {one.licence}; {one.unit}" for one in series})
    return "\n".join([common.table(header, rows, left=3), *notes, *sources])
