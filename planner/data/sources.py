"""Tables that a user downloads: read only if they are, byte for byte, the ones the recipe was written for."""

import csv
import gzip
import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from planner.data.recipe import SourceFile
from planner.domain.instance import Floats
from planner.errors import InvalidInput

Table = Mapping[str, Sequence[str]]


def read_table(folder: Path, source: SourceFile) -> Table:
    """The columns of a CSV file, gzipped or not. InvalidInput for a missing file or one with another SHA-256."""
    header, *rows = csv.reader(io.StringIO(read_source(folder, source)))
    return dict(zip(header, zip(*rows, strict=True), strict=True))


def read_source(folder: Path, source: SourceFile) -> str:
    """The text of a file, gzipped or not. InvalidInput for a missing file or one with another SHA-256."""
    path = source_path(folder, source)
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")


def source_path(folder: Path, source: SourceFile) -> Path:
    """Where a file is. InvalidInput for a missing file or one with another SHA-256."""
    path = folder / source.name
    if not path.is_file():
        raise InvalidInput("file", "nothing at this path", f"'{source.name}' in the data folder", str(path))
    require_sha256(path.read_bytes(), source, path)
    return path


def require_sha256(data: bytes, source: SourceFile, path: Path) -> None:
    """InvalidInput, naming the file: these are not the bytes that it must hold."""
    digest = hashlib.sha256(data).hexdigest()
    if digest != source.sha256:
        raise InvalidInput("file", f"SHA-256 {digest}", f"SHA-256 {source.sha256}", str(path))


def column(table: Table, name: str, source: SourceFile) -> Sequence[str]:
    """A column by name. InvalidInput where the file has none."""
    if name not in table:
        raise InvalidInput("header", f"no column '{name}'", f"one of {', '.join(table)}", source.name)
    return table[name]


def hourly_rows(times: Sequence[str], start: datetime, hours: int, source: SourceFile) -> slice:
    """The rows of `hours` hours from `start`, UTC. InvalidInput where an hour is not in its place."""
    known = {_utc(text): row for row, text in enumerate(times)}
    first = known.get(start, 0)
    for h in range(hours):
        time = start + timedelta(hours=h)
        if known.get(time) != first + h:
            found = "no such row" if time not in known else f"row {known[time]}"
            raise InvalidInput(f"hour {time:%Y-%m-%dT%H:%MZ}", found, f"row {first + h}, hours in order", source.name)
    return slice(first, first + hours)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)


def numbers(values: Sequence[str]) -> Floats:
    """A column as floats."""
    return np.array(values, dtype=np.float64)
