import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar
from urllib.parse import unquote, urlsplit

import pytest

from planner.errors import UsageError
from planner.protocol.functions import inputs
from planner.protocol.functions.inputs import inputs_under
from planner.protocol.functions.outcome import BadInput, StorageUnavailable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """`tmp/data` may be read, `tmp/data-not` and `tmp/secret` not."""
    data = tmp_path / "data"
    (data / "below").mkdir(parents=True)
    (data / "a b.bin").write_bytes(b"inside")
    (data / "below" / "deep.bin").write_bytes(b"deep")
    (tmp_path / "data-not").mkdir()
    (tmp_path / "data-not" / "x.bin").write_bytes(b"outside")
    (tmp_path / "secret").write_bytes(b"outside")
    (data / "out").symlink_to(tmp_path / "secret")
    (data / "out-folder").symlink_to(tmp_path / "data-not")
    (data / "in").symlink_to(data / "a b.bin")
    (data / "loop").symlink_to(data / "loop")
    os.mkfifo(data / "pipe")
    return data


@pytest.mark.parametrize("name", ["a%20b.bin", "a b.bin", "in", "below/../a b.bin"])
def test_a_file_inside_is_read(name: str, folder: Path) -> None:
    assert inputs_under(folder.as_uri()).read(f"file://{folder}/{name}") == b"inside"
    assert inputs_under(folder.as_uri() + "/").read(f"file://{folder}/below/deep.bin") == b"deep"


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc/passwd",
        "file://localhost/etc/passwd",
        "/etc/passwd",
        "file:a.bin",
        "{folder}/../secret",
        "{folder}/%2e%2e/secret",
        "{folder}/below/../../secret",
        "{folder}-not/x.bin",
        "{folder}/out",
        "{folder}/out-folder/x.bin",
        "{folder}/loop",
        "{folder}/pipe",
        "{folder}/below",
        "{folder}",
        "{folder}/missing",
        "{folder}/a b.bin/x",
        "{folder}/a b.bin%00.png",
        "{folder}/a b.bin?x",
        "{folder}/" + 900 * "x",
        "gs://other-bucket/a.bin",
        "http://127.0.0.1/a.bin",
        "file://[/a.bin",
    ],
)
def test_nothing_else_is_read(uri: str, folder: Path) -> None:
    with pytest.raises(BadInput) as refused:
        inputs_under(folder.as_uri()).read(uri.format(folder=folder.as_uri()))
    assert str(folder) not in str(refused.value)


def test_whether_a_file_outside_exists_does_not_show(folder: Path) -> None:
    reader, said = inputs_under(folder.as_uri()), set()
    for name in ("secret", "nothing"):
        with pytest.raises(BadInput) as refused:
            reader.read((folder.parent / name).as_uri())
        said.add(str(refused.value))
    assert said == {inputs.FORBIDDEN}


def test_a_folder_behind_a_link_is_the_folder(folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    for name in (link, folder):
        assert inputs_under(link.as_uri()).read((name / "a b.bin").as_uri()) == b"inside"


def test_a_file_that_is_too_large_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "MAX_BYTES", 5)
    with pytest.raises(BadInput, match="more than 5 bytes"):
        inputs_under(folder.as_uri()).read(f"file://{folder}/in")


@pytest.mark.parametrize("prefix", ["", "gs://", "s3://bucket/x", "file:///no/such/folder", "file://host/", "data"])
def test_a_prefix_that_is_none_is_refused(prefix: str) -> None:
    with pytest.raises(UsageError, match="prefix"):
        inputs_under(prefix)


class FakeStorage(BaseHTTPRequestHandler):
    """Cloud Storage's JSON API as far as reading one object needs it."""

    objects: ClassVar = {"bucket/data/a.bin": b"from the bucket", "bucket/other/a.bin": b"outside"}

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        bucket, _, name = unquote(parts.path).partition("/b/")[2].partition("/o/")
        key = f"{bucket}/{name}"
        if key not in self.objects:
            self.answer(404, b'{"error": {"code": 404, "message": "none"}}')
        elif "alt=media" in parts.query or "/download/" in parts.path:
            self.answer(200, self.objects[key])
        else:
            about = f'{{"name": "{name}", "bucket": "{bucket}", "size": "{len(self.objects[key])}", "generation": "1"}}'
            self.answer(200, about.encode())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeStorage)
    thread = Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("FSSPEC_GCS_TOKEN", "anon")
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_object_under_the_prefix_is_read(bucket: None) -> None:
    assert inputs_under("gs://bucket/data").read("gs://bucket/data/a.bin") == b"from the bucket"
    with pytest.raises(BadInput, match="no such object"):
        inputs_under("gs://bucket/data").read("gs://bucket/data/missing.bin")


def test_a_store_that_fails_is_told_from_an_object_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(uri: str) -> bytes:
        raise ConnectionError(uri)

    monkeypatch.setattr(inputs, "_object", refused)
    with pytest.raises(StorageUnavailable):
        inputs_under("gs://bucket/data").read("gs://bucket/data/a.bin")


@pytest.mark.parametrize(
    "uri",
    [
        "gs://other-bucket/data/a.bin",
        "gs://bucket/other/a.bin",
        "gs://bucket/data-not/a.bin",
        "gs://bucket/data/../other/a.bin",
        "gs://bucket/data//a.bin",
        "gs://bucket/data/./a.bin",
        "gs://bucket/data/*.bin",
        "gs://bucket/data/a.bin#1",
        "gs://bucket/data/a\n.bin",
        "gs://bucket/data/",
        "gs://bucket/data",
        "GS://bucket/data/a.bin",
        "gcs://bucket/data/a.bin",
        "file:///etc/passwd",
    ],
)
def test_no_other_object_is_asked_for(uri: str) -> None:
    with pytest.raises(BadInput, match="not under"):  # the network is not reached: there is none
        inputs_under("gs://bucket/data").read(uri)
