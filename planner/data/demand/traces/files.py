"""A trace's file, opened: gunzipped where it is gzipped, and every way it can be damaged told as one."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from planner.errors import InvalidInput

GZIP = b"\x1f\x8b"
HEAD = 512
TAR = slice(257, 262)
FAULTS: dict[type[Exception], tuple[str, str]] = {
    FileNotFoundError: ("nothing at this path", "an existing file"),
    IsADirectoryError: ("a folder", "a file"),
    gzip.BadGzipFile: ("damaged gzip data", "an intact gzip file"),
    zlib.error: ("damaged gzip data", "an intact gzip file"),
    EOFError: ("a truncated gzip file", "a complete one: download it again"),
    UnicodeDecodeError: ("bytes that are not UTF-8", "text in UTF-8"),
}


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, read as they are asked for. InvalidInput for whatever is wrong with it, also later on."""
    try:
        with path.open("rb") as raw:
            yield _content(raw, named_gzip=path.suffix == ".gz")
    except InvalidInput as error:
        raise error.in_file(error.source or str(path)) from error.__cause__
    except tuple(FAULTS) as error:
        found, expected = next(said for kind, said in FAULTS.items() if isinstance(error, kind))
        raise InvalidInput("file", found, expected, str(path)) from error


def _content(raw: IO[bytes], *, named_gzip: bool) -> IO[bytes]:
    zipped = raw.read(len(GZIP)) == GZIP
    raw.seek(0)
    if named_gzip and not zipped:
        raise InvalidInput("file", "no gzip data", "gzip data, as the name ends in .gz")
    file = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if zipped else raw
    _no_stranger(file.read(HEAD))
    file.seek(0)
    return file


def _no_stranger(head: bytes) -> None:
    """What servers and archives put in place of a table."""
    if not head.strip():
        raise InvalidInput("file", "nothing", "a trace")
    if head.lstrip()[:1] == b"<":
        raise InvalidInput("file", "a page of HTML or XML", "a trace: what the server sent is not the data")
    if head[TAR] == b"ustar":
        raise InvalidInput("file", "a tar archive", "a file taken out of it (tar -xf)")
    if b"\0" in head:
        raise InvalidInput("file", "binary data", "text in UTF-8 (CSV or JSON)")
