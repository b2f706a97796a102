"""The fixed inputs (protocol 3.2): a photograph-like PNG and a raw clip, the same bytes wherever they are made.

Every byte comes from SHAKE-256 and integer arithmetic; both files are uncompressed, because encoders and compression
libraries change what they write from version to version.
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.errors import InvalidInput
from planner.io.atomic import write_bytes, write_text
from planner.protocol.trace import IMAGE, VIDEO

SCHEMA = "planner.protocol-dataset/1"
MANIFEST = "manifest.json"
IMAGE_FILE, VIDEO_FILE = "photo.png", "clip.y4m"
PHOTO = 1280, 960  # width, height
CLIP = 320, 240
FRAMES, RATE = 60, 30
OCTAVES = {128: 5, 32: 3, 8: 2, 2: 1}  # cell (px): weight; coarse shapes, fine texture, grain
WEIGHTS: int = sum(OCTAVES.values())

Pixels = NDArray[np.int64]


def generate(folder: Path) -> dict[str, Any]:
    """Write both files and their manifest; the manifest. OSError: the folder cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {IMAGE_FILE: photograph(), VIDEO_FILE: clip()}
    for name, data in files.items():
        write_bytes(folder / name, data)
    manifest = {"schema": SCHEMA, "files": {name: _entry(data) for name, data in files.items()}}
    write_text(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")
    return manifest


def check(folder: Path) -> dict[str, Any]:
    """The manifest, after a look at every file. InvalidInput: there is none, or a file is not what it says."""
    manifest = _manifest(folder / MANIFEST)
    for name, expected in manifest["files"].items():
        path = folder / name
        found = _entry(path.read_bytes()) if path.is_file() else "no file"
        if found != expected:
            raise InvalidInput(name, str(found), str(expected), str(folder))
    return manifest


def resolved(payload: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """A payload of the trace with the URIs of the data set under `prefix`, gs:// or file://."""
    uris = {IMAGE: f"{prefix.rstrip('/')}/{IMAGE_FILE}", VIDEO: f"{prefix.rstrip('/')}/{VIDEO_FILE}"}
    return {key: uris.get(value, value) if isinstance(value, str) else value for key, value in payload.items()}


def photograph() -> bytes:
    """The image: PNG, RGB, stored without compression."""
    width, height = PHOTO
    light = _texture("photo-light", height, width)
    planes = [(3 * light + _texture(f"photo-{colour}", height, width)) // 4 for colour in "rgb"]
    rgb = np.stack(planes, axis=-1).astype(np.uint8)
    rows = b"".join(b"\x00" + row.tobytes() for row in rgb)  # filter 0: bytes as they are
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", _stored(rows)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def clip() -> bytes:
    """The video: raw YUV 4:2:0 frames in Y4M; the camera moves over a scene, and each frame has grain of its own."""
    width, height = CLIP
    header = f"YUV4MPEG2 W{width} H{height} F{RATE}:1 Ip A1:1 C420jpeg\n".encode()
    return header + b"".join(b"FRAME\n" + frame for frame in _frames(width, height))


def _frames(width: int, height: int) -> Iterator[bytes]:
    scene = _texture("clip-y", height + FRAMES, width + 2 * FRAMES)
    colours = [96 + _texture(f"clip-{name}", height // 2 + FRAMES, width // 2 + FRAMES) // 4 for name in "uv"]
    for number in range(FRAMES):
        grain = _noise(f"clip-grain-{number}", height, width) // 32 - 4
        luma = scene[number : number + height, 2 * number : 2 * number + width] + grain
        chroma = [plane[number // 2 :, number:][: height // 2, : width // 2] for plane in colours]
        yield b"".join(np.clip(plane, 0, 255).astype(np.uint8).tobytes() for plane in (luma, *chroma))


def _texture(name: str, height: int, width: int) -> Pixels:
    """(height,width) in 0..255: noise of several scales, as in a photograph."""
    total = np.zeros((height, width), np.int64)
    for cell, weight in OCTAVES.items():
        total += weight * _smooth(f"{name}-{cell}", height, width, cell)
    # Contrast is doubled: a sum of noises crowds around the middle.
    return (2 * total // WEIGHTS - 128).clip(0, 255)


def _smooth(name: str, height: int, width: int, cell: int) -> Pixels:
    """Noise on a lattice of `cell` pixels, in between by bilinear interpolation in whole numbers."""
    lattice = _noise(name, height // cell + 2, width // cell + 2)
    rows, columns = np.arange(height, dtype=np.int64), np.arange(width, dtype=np.int64)
    y, x = rows // cell, columns // cell
    down, right = (rows % cell)[:, None], columns % cell
    top = lattice[y][:, x] * (cell - right) + lattice[y][:, x + 1] * right
    bottom = lattice[y + 1][:, x] * (cell - right) + lattice[y + 1][:, x + 1] * right
    between: Pixels = np.floor_divide(top * (cell - down) + bottom * down, cell * cell)
    return between


def _noise(name: str, height: int, width: int) -> Pixels:
    """(height,width) bytes of SHAKE-256."""
    stream = hashlib.shake_256(name.encode()).digest(height * width)
    return np.frombuffer(stream, np.uint8).reshape(height, width).astype(np.int64)


def _stored(data: bytes, block: int = 65_535) -> bytes:
    """A zlib stream of stored blocks (RFC 1950, RFC 1951 3.2.4)."""
    pieces = [data[at : at + block] for at in range(0, len(data), block)]
    last = len(pieces) - 1
    blocks = (struct.pack("<BHH", n == last, len(p), len(p) ^ 0xFFFF) + p for n, p in enumerate(pieces))
    return b"\x78\x01" + b"".join(blocks) + struct.pack(">I", zlib.adler32(data))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _entry(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise InvalidInput(MANIFEST, "no file", "one from `planner protocol dataset`", str(path.parent)) from None
    except ValueError as error:
        raise InvalidInput(MANIFEST, str(error), "JSON", str(path.parent)) from error
    match manifest:
        case {"schema": schema, "files": {}} if schema == SCHEMA:
            return dict(manifest)
    raise InvalidInput(MANIFEST, "another document", f"one of schema {SCHEMA}", str(path.parent))
