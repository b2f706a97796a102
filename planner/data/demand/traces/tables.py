"""CSV files of any size, some rows at a time; a cell that does not belong is told by its line."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.data.demand.traces.files import opened
from planner.domain.instance import Bools, Floats
from planner.errors import InvalidInput

CELLS = 2_000_000  # read at a time
LONGEST_LINE = 1 << 20
LARGEST = 1e12  # sums of such stay exact
Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some consecutive rows of a file; the index says which lines (or JSON entries) they are, a missing cell is NaN."""

    frame: pd.DataFrame
    source: str
    counted: str = "line"

    def __len__(self) -> int:
        return len(self.frame)

    def __contains__(self, column: str) -> bool:
        return column in self.frame

    def where(self, keep: Bools) -> "Rows":
        """Some of them."""
        return Rows(self.frame[keep], self.source, self.counted)

    def text(self, column: str) -> Texts:
        """(n,) the cells. InvalidInput where one is empty."""
        self.refuse(column, self.frame[column].isna().to_numpy(), "a name")
        return self.frame[column].astype(str).to_numpy(dtype=object)

    def numbers(self, column: str, *, lowest: float = 0.0, highest: float = LARGEST, gaps: bool = False) -> Floats:
        """(n,) the cells as numbers within bounds; with `gaps` an empty one is NaN, else InvalidInput."""
        cells = self.frame[column]
        values = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        empty = cells.isna().to_numpy()
        bad = ~(empty | (values >= lowest) & (values <= highest))
        most = f" and at most {highest:g}" if (values > highest).any() else ""
        self.refuse(column, bad if gaps else bad | empty, f"a number of at least {lowest:g}{most}")
        return values

    def block(self, columns: Sequence[str]) -> Floats:
        """(n,k) as `numbers` of every column, for tables that are wide."""
        try:
            values = self.frame[list(columns)].to_numpy(dtype=np.float64)
        except ValueError:
            values = np.full((1, 1), np.nan)
        if not ((values >= 0) & (values <= LARGEST)).all():
            return np.stack([self.numbers(column) for column in columns], axis=1)  # it names the cell
        return values

    def refuse(self, column: str, bad: Bools, expected: str) -> None:
        """InvalidInput for the first cell of a column that is bad."""
        if bad.any():
            cell = self.frame[column].iloc[int(bad.argmax())]
            found = "nothing" if pd.isna(cell) else f"'{str(cell)[:60]}'"
            line = self.frame.index[int(bad.argmax())]
            raise InvalidInput(f"{self.counted} {line}, column '{column}'", found, expected, self.source)


def header(path: Path, *, skip: int = 0) -> list[str]:
    """The cells of the first line, or of the one after `skip` others."""
    with opened(path) as file:
        for _ in range(skip):
            file.readline(LONGEST_LINE)
        line = file.readline(LONGEST_LINE).decode("utf-8-sig")
        try:
            return [cell.strip() for cell in next(csv.reader([line]), [])]
        except csv.Error as error:
            raise InvalidInput(f"line {skip + 1}", str(error), "a line of CSV that ends in LF or CRLF") from error


def read_rows(path: Path, columns: Sequence[str], *, names: Sequence[str] = (), skip: int = 0) -> Iterator[Rows]:
    """Some rows at a time, of these columns.

    `names` are the columns of a file that has no header; `skip` is the number of lines before the table. InvalidInput
    where a column or all rows are missing, and for a line with more cells than columns.
    """
    layout = list(names) or header(path, skip=skip)
    begin = skip + (0 if names else 1)
    first = header(path, skip=begin)
    if len(first) > len(layout):  # pandas would cut it or shift it
        raise InvalidInput(f"line {begin + 1}", f"{len(first)} cells", "as many as columns", str(path))
    with opened(path) as file:
        _require(columns, layout)
        for _ in range(begin):
            file.readline(LONGEST_LINE)
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        try:
            for frame in _frames(text, layout):
                frame.index += begin + 1
                yield Rows(frame.loc[frame.notna().any(axis=1), list(columns)], str(path))
        except pd.errors.ParserError as error:
            _refuse_line(error, begin)
        finally:
            text.detach()


def _frames(text: io.TextIOWrapper, layout: list[str]) -> Iterator[pd.DataFrame]:
    some = False
    size = max(1, CELLS // len(layout))
    with pd.read_csv(
        text, header=None, names=layout, index_col=False, chunksize=size, skip_blank_lines=False, low_memory=False
    ) as reader:
        for frame in reader:
            some = some or len(frame) > 0
            yield frame
    if not some:
        raise InvalidInput("file", "no row", "at least one below the header")


def _require(columns: Sequence[str], found: list[str]) -> None:
    missing = [name for name in columns if name not in found]
    if missing:
        shown = ", ".join(found[:12])[:120]
        raise InvalidInput("header", f"no column '{missing[0]}' in '{shown}'", f"the columns {', '.join(columns)}")
    if len(set(found)) < len(found):
        raise InvalidInput("header", "a column twice", "every name once")


def _refuse_line(error: pd.errors.ParserError, before: int) -> NoReturn:
    told = str(error).split("C error: ")[-1].strip()
    if "inside string" in told:
        raise InvalidInput("table", "a quote that is never closed", "quotes in pairs") from error
    line = re.search(r"(?<=line )\d+", told)
    where = f"line {int(line[0]) + before}" if line else "table"
    raise InvalidInput(where, told.rpartition("saw ")[2] + " cells", "as many as columns") from error
