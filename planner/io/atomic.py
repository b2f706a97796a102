"""Files that are either written whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_bytes(path: str | Path, data: bytes) -> None:
    """Replace `path` by `data` in one step; a crash leaves the old file. OSError where the folder cannot be written."""
    target = Path(path)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(_ordinary_mode())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_text(path: str | Path, text: str) -> None:
    """Replace `path` by `text` in UTF-8, in one step."""
    write_bytes(path, text.encode("utf-8"))


def _ordinary_mode() -> int:
    """What `open` would have given: mkstemp makes files only their owner can read."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
