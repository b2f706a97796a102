import hashlib
import json
from itertools import pairwise
from pathlib import Path

import av
import pytest
from PIL import Image

from planner.errors import InvalidInput
from planner.protocol import dataset
from planner.protocol.trace import PAYLOADS

# As first generated: every machine and version must make the same bytes.
PUBLISHED = {
    "photo.png": "94561c38d85e22970820f27754bd2c030dfe0c3b4dc2795baebc226d441c281a",
    "clip.y4m": "3c120abfac59e1f9d40e755b829899b6f190213145f555a315fa8d333601a6b4",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset") / "new"
    dataset.generate(folder)
    return folder


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_every_generation_is_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = dataset.generate(tmp_path)
    assert again == dataset.check(folder)
    assert {name: file["sha256"] for name, file in again["files"].items()} == PUBLISHED
    for name, sha256 in PUBLISHED.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes()


def test_the_image_is_a_photograph_for_pillow(folder: Path) -> None:
    with Image.open(folder / "photo.png") as image:
        image.load()
        assert image.format == "PNG"
        assert image.mode == "RGB"
        assert image.size == dataset.PHOTO
        colours = image.getcolors(maxcolors=2**20)
    assert colours is None or len(colours) > 10_000


def test_the_clip_moves(folder: Path) -> None:
    with av.open(str(folder / "clip.y4m"), "r") as clip:
        frames = [frame.to_ndarray(format="gray") for frame in clip.decode(video=0)]
    assert len(frames) == dataset.FRAMES
    assert frames[0].shape == dataset.CLIP[::-1]
    assert all((one != other).mean() > 0.5 for one, other in pairwise(frames))


def test_a_changed_file_is_found(copy: Path) -> None:
    path = copy / "clip.y4m"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match=r"clip\.y4m"):
        dataset.check(copy)


def test_a_missing_file_is_found(copy: Path) -> None:
    (copy / "photo.png").unlink()
    with pytest.raises(InvalidInput, match="no file"):
        dataset.check(copy)


@pytest.mark.parametrize("manifest", [None, "{", "[]", json.dumps({"schema": "other", "files": {}})])
def test_a_manifest_that_is_none_is_refused(manifest: str | None, tmp_path: Path) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(InvalidInput, match=r"manifest\.json"):
        dataset.check(tmp_path)


@pytest.mark.parametrize("prefix", ["gs://bucket/data", "gs://bucket/data/"])
def test_payloads_name_the_data_set_where_it_lies(prefix: str) -> None:
    found = {function: dataset.resolved(payload, prefix) for function, payload in PAYLOADS.items()}
    assert found["image-format-converter"] == {
        "gcs_uri": "gs://bucket/data/photo.png",
        "format": "WEBP",
        "quality": 85,
    }
    assert found["video-transcoder"] == {"gcs_uri": "gs://bucket/data/clip.y4m", "passes": 4}
    assert found["crypto-key-gen"] == {"bits": 4096}
