"""One JSON document from a file, strictly: bounded size, UTF-8, no key twice."""

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from planner.errors import InvalidInput
from planner.io.pointer import describe, pointer

MAX_BYTES = 256 * 2**20  # uncompressed: some 40 million numbers, which take ten times as much memory once parsed
CHUNK = 2**20


def read_document(path: str | Path, *, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """The JSON object in a `.json` or `.json.gz` file. InvalidInput for whatever is wrong with the file."""
    try:
        return parse_document(_read_bounded(Path(path), max_bytes))
    except InvalidInput as error:
        raise error.in_file(str(path)) from error.__cause__


def read_text(path: str | Path, *, max_bytes: int = MAX_BYTES) -> str:
    """The text of a UTF-8 file, gzipped or not. InvalidInput for whatever is wrong with the file."""
    try:
        return _decode(_read_bounded(Path(path), max_bytes))
    except InvalidInput as error:
        raise error.in_file(str(path)) from error.__cause__


def parse_document(data: bytes) -> dict[str, Any]:
    """The JSON object that the bytes spell. NaN and infinities pass: whoever checks the numbers knows their place."""
    repeated: list[_Repeated] = []

    def unique(pairs: list[tuple[str, Any]]) -> Any:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        repeated.append(_Repeated([key for key, _ in pairs], found))
        return repeated[-1]

    try:
        text = _decode(data)
        del data  # a year's plan: as much again as the text
        document = _parse(text, unique)
        if repeated:
            raise next(_repeated_keys(document, ()))
        if "\\ud" in text or "\\uD" in text:
            _require_whole_characters(document)
    except RecursionError as error:
        raise InvalidInput("file", "objects or arrays nested too deeply to read", "a flat document") from error
    if not isinstance(document, dict):
        raise InvalidInput("/", describe(document), "a JSON object")
    return document


class _Repeated:
    """An object in which a key stands twice, kept in the tree until its place is known."""

    def __init__(self, keys: list[str], values: dict[str, Any]) -> None:
        self.key = next(k for i, k in enumerate(keys) if k in keys[:i])
        self.values = values


def _repeated_keys(value: Any, path: tuple[str | int, ...]) -> Iterator[InvalidInput]:
    if isinstance(value, _Repeated):
        yield InvalidInput(pointer(*path, value.key), f"the key '{value.key}' twice", "every key once")
        value = value.values
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _repeated_keys(child, (*path, key))


def _parse(text: str, unique: Any) -> Any:
    if not text.strip():
        raise InvalidInput("file", "nothing", "a JSON object")
    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"line {error.lineno} column {error.colno}", error.msg, "valid JSON") from error
    except ValueError as error:  # an integer of more digits than Python converts
        raise InvalidInput("file", str(error).split(";")[0], "numbers of a sensible size") from error


def _require_whole_characters(document: Any) -> None:
    """JSON can spell half of a surrogate pair, which no file or terminal takes."""
    try:
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        found = f"the escape \\u{ord(error.object[error.start]):04x}, half a character"
        raise InvalidInput("file", found, "whole characters") from error


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"byte {error.start}", f"0x{data[error.start]:02x}, which is not UTF-8", "UTF-8") from error


def _read_bounded(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as raw:
            return _bounded(raw, limit) if path.suffix != ".gz" else _unzipped(raw, limit)
    except FileNotFoundError as error:
        raise InvalidInput("file", "nothing at this path", "an existing file") from error
    except IsADirectoryError as error:
        raise InvalidInput("file", "a folder", "a file") from error
    except OSError as error:
        raise InvalidInput("file", error.strerror or str(error), "a file that can be read") from error


def _unzipped(raw: IO[bytes], limit: int) -> bytes:
    try:
        with gzip.open(raw) as file:
            return _bounded(cast(IO[bytes], file), limit)
    except EOFError as error:
        raise InvalidInput("file", "a truncated gzip file", "a complete one: copy or download it again") from error
    except gzip.BadGzipFile as error:
        raise InvalidInput("file", str(error), "gzip data, as the name ends in .gz") from error
    except zlib.error as error:
        raise InvalidInput("file", f"damaged gzip data ({error})", "an intact gzip file") from error


def _bounded(file: IO[bytes], limit: int) -> bytes:
    """All of the file, a chunk at a time, so that a bomb costs no more memory than the limit."""
    kept = io.BytesIO()
    while chunk := file.read(CHUNK):
        if kept.tell() + len(chunk) > limit:
            raise InvalidInput("file", f"more than {limit} bytes (uncompressed)", f"at most {limit} bytes")
        kept.write(chunk)
    return kept.getvalue()
