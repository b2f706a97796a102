"""Inputs by URI, from one configured folder or bucket prefix only."""

import os
import stat
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from planner.errors import MissingExtra, UsageError
from planner.protocol.functions.outcome import BadInput, StorageUnavailable

MAX_BYTES = 64 * 2**20
FORBIDDEN = "the URI is not under the configured prefix"
ABSENT = "there is no such object under the configured prefix"
UNUSUAL = frozenset('*?[]{}#\\"<>|')  # what object stores and their clients read as patterns or generations


class Inputs(Protocol):
    """Where functions read from."""

    def read(self, uri: str) -> bytes:
        """The bytes of an object. BadInput: outside the prefix, absent or too large. StorageUnavailable: try again."""


def inputs_under(prefix: str) -> Inputs:
    """Objects under `gs://BUCKET[/FOLDER]` or `file:///FOLDER`. UsageError: no such prefix. MissingExtra."""
    parts = urlsplit(prefix)
    if parts.scheme == "gs" and parts.netloc:
        return BucketInputs(prefix)
    if parts.scheme == "file" and not parts.netloc and Path(unquote(parts.path)).is_dir():
        return FolderInputs(Path(unquote(parts.path)))
    raise UsageError(f"the data prefix must be gs://BUCKET/FOLDER or file:// and a folder that exists, not {prefix!r}")


class FolderInputs:
    """Files in a folder or below; links that lead out of it are not followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve(strict=True)
        self._named = Path(os.path.normpath(folder.absolute()))  # the same where the folder lies behind a link

    def read(self, uri: str) -> bytes:
        """The bytes of a file (see `Inputs`)."""
        try:
            return _file(self._inside(uri))
        except FileNotFoundError:
            raise BadInput(ABSENT) from None
        except (OSError, RuntimeError, ValueError):  # a name too long, no permission; a loop of links; a null byte
            raise BadInput(FORBIDDEN) from None

    def _inside(self, uri: str) -> Path:
        parts = urlsplit(uri)
        path = Path(unquote(parts.path))
        if parts.scheme != "file" or parts.netloc or parts.query or parts.fragment or not path.is_absolute():
            raise BadInput(FORBIDDEN)
        # As written first: whether a file outside exists must not show in the answer.
        written = Path(os.path.normpath(path))
        if not (written.is_relative_to(self._folder) or written.is_relative_to(self._named)):
            raise BadInput(FORBIDDEN)
        path = path.resolve(strict=True)
        if not path.is_relative_to(self._folder):
            raise BadInput(FORBIDDEN)
        return path


def _file(path: Path) -> bytes:
    # O_NONBLOCK: opening a pipe must not wait for somebody to write. O_NOFOLLOW: a link put here since `resolve`.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise BadInput(ABSENT)
        _limited(found.st_size)
        return file.read(MAX_BYTES)


class BucketInputs:
    """Objects of one Google Cloud Storage bucket under a prefix, through fsspec."""

    def __init__(self, prefix: str) -> None:
        if find_spec("gcsfs") is None:
            raise MissingExtra("gs:// needs gcsfs: pip install 'planner[serve]'")
        self._prefix = prefix.rstrip("/") + "/"

    def read(self, uri: str) -> bytes:
        """The bytes of an object (see `Inputs`)."""
        parts = uri.removeprefix(self._prefix).split("/")
        if not uri.startswith(self._prefix) or not all(map(_plain, parts)):
            raise BadInput(FORBIDDEN)
        try:
            return _object(uri)
        except FileNotFoundError:
            raise BadInput(ABSENT) from None
        except BadInput:
            raise
        except Exception as error:  # aiohttp, google-auth and gcsfs each raise their own
            raise StorageUnavailable("the object store did not answer") from error


def _object(uri: str) -> bytes:
    from gcsfs.core import GCSFileSystem  # type: ignore[import-untyped]

    store = GCSFileSystem()  # of `core`: the default one first asks another service, with other rights, for its kind
    _limited(store.info(uri)["size"])
    data: bytes = store.cat_file(uri)
    return data


def _plain(part: str) -> bool:
    return part not in {"", ".", ".."} and part.isprintable() and UNUSUAL.isdisjoint(part)


def _limited(size: int) -> None:
    if size > MAX_BYTES:
        raise BadInput(f"the input has more than {MAX_BYTES:,} bytes")
