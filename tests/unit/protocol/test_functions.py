import asyncio
import hashlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image

from planner.errors import UsageError
from planner.protocol.functions import crypto, health, image, video
from planner.protocol.functions.app import create_app
from planner.protocol.functions.gate import MOST_IN_HAND
from planner.protocol.functions.inputs import Inputs, inputs_under
from planner.protocol.functions.outcome import BadInput, Outcome
from planner.protocol.functions.payloads import HealthCheck, ImageConversion, KeyGeneration, Transcoding
from planner.protocol.functions.settings import Settings, from_environment
from planner.protocol.functions.traffic import Traffic
from planner.protocol.functions.workbench import Workbench
from planner.protocol.log import LineLog, read_lines

SETTINGS = Settings(region="here", prefix="gs://bucket/data", token="secret", log="a.jsonl", slow_down=1.5)


@pytest.fixture
def inputs(inputs_folder: Path) -> Inputs:
    return inputs_under(inputs_folder.as_uri())


@pytest.fixture
def own(tmp_path: Path) -> Inputs:
    """Inputs under a folder for a test's own files."""
    return inputs_under(tmp_path.as_uri())


def test_health_answers() -> None:
    assert health.run(HealthCheck(check="ping")) == Outcome(4, facts={"ping": "pong"})


def test_a_key_leaves_its_size_and_a_fingerprint_only() -> None:
    one, other = (crypto.run(KeyGeneration(bits=2048)) for _ in range(2))
    assert one.facts["bits"] == 2048
    assert set(one.facts) == {"bits", "fingerprint"}
    assert len(str(one.facts["fingerprint"])) == hashlib.sha256().digest_size * 2
    assert one.facts != other.facts
    assert one.output_bytes == 294  # SubjectPublicKeyInfo of 2,048 bits and exponent 65,537


@pytest.mark.parametrize("name", ["WEBP", "PNG", "JPEG"])
def test_an_image_is_converted(name: str, inputs: Inputs, inputs_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    monkeypatch.setattr(image, "BytesIO", lambda *data: written.append(BytesIO(*data)) or written[-1])
    payload = ImageConversion(gcs_uri=(inputs_folder / "photo.png").as_uri(), format=name, quality=85)
    outcome = image.run(payload, inputs)
    made = next(file for file in written if file.getvalue() != (inputs_folder / "photo.png").read_bytes())
    with Image.open(made) as converted:
        assert converted.format == name
        assert converted.size == (1280, 960)
    assert outcome.output_bytes == len(made.getvalue())
    assert outcome.input_bytes == (inputs_folder / "photo.png").stat().st_size


@pytest.mark.parametrize("name", ["WEBP", "JPEG"])
def test_lower_quality_is_a_smaller_file(name: str, inputs: Inputs, inputs_folder: Path) -> None:
    uri = (inputs_folder / "photo.png").as_uri()
    sizes = [image.run(ImageConversion(gcs_uri=uri, format=name, quality=q), inputs).output_bytes for q in (10, 90)]
    assert 0 < sizes[0] < sizes[1]


def test_every_pass_is_an_encode_of_its_own(inputs: Inputs, inputs_folder: Path) -> None:
    uri = (inputs_folder / "clip.y4m").as_uri()
    one, two = (video.run(Transcoding(gcs_uri=uri, passes=passes), inputs) for passes in (1, 2))
    assert two.output_bytes == 2 * one.output_bytes > 0
    assert one.input_bytes == (inputs_folder / "clip.y4m").stat().st_size


def test_too_many_pixels_are_not_unpacked(inputs: Inputs, inputs_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "MAX_PIXELS", 1000)
    monkeypatch.setattr(video, "MAX_PIXELS", 1000)
    with pytest.raises(BadInput, match="pixels"):
        image.run(ImageConversion(gcs_uri=(inputs_folder / "photo.png").as_uri(), format="PNG"), inputs)
    with pytest.raises(BadInput, match="pixels"):
        video.run(Transcoding(gcs_uri=(inputs_folder / "clip.y4m").as_uri(), passes=1), inputs)


def test_too_many_frames_are_not_encoded(inputs: Inputs, inputs_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "MAX_FRAMES", 3)
    with pytest.raises(BadInput, match="frames"):
        video.run(Transcoding(gcs_uri=(inputs_folder / "clip.y4m").as_uri(), passes=1), inputs)


PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{clip}\n#EXT-X-ENDLIST\n"


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"YUV4MPEG2 W9 H9\nFRAME\n", bytes(5000), PLAYLIST])
def test_what_is_no_picture_is_the_clients_fault(
    content: bytes | str, own: Inputs, tmp_path: Path, inputs_folder: Path
) -> None:
    data = content if isinstance(content, bytes) else content.format(clip=inputs_folder / "clip.y4m").encode()
    path = tmp_path / "input"
    path.write_bytes(data)
    with pytest.raises(BadInput):
        image.run(ImageConversion(gcs_uri=path.as_uri(), format="WEBP"), own)
    with pytest.raises(BadInput):
        video.run(Transcoding(gcs_uri=path.as_uri(), passes=1), own)


def asked(settings: Settings, traffic: Traffic, log: Path, **headers: str) -> tuple[int, int]:
    """Status of a call and of a look at the health of an instance in this process."""
    lines = LineLog(log)

    async def calls() -> tuple[int, int]:
        transport = httpx.ASGITransport(create_app(settings, traffic, lines))
        async with httpx.AsyncClient(transport=transport, base_url="http://here", headers=headers) as http:
            call = await http.post("/api-health-check", json={"check": "ping"})
            return call.status_code, (await http.get("/healthz")).status_code

    try:
        return asyncio.run(calls())
    finally:
        lines.close()


def test_what_cannot_be_logged_is_not_answered(inputs_folder: Path) -> None:
    settings = replace(SETTINGS, prefix=inputs_folder.as_uri())
    assert asked(settings, Traffic(), Path("/dev/full"), Authorization="Bearer secret") == (503, 200)


def test_who_drains_takes_nothing_new(inputs_folder: Path, tmp_path: Path) -> None:
    settings, traffic = replace(SETTINGS, prefix=inputs_folder.as_uri()), Traffic()
    assert asked(settings, traffic, tmp_path / "log", Authorization="Bearer secret") == (200, 200)
    traffic.draining = True
    assert asked(settings, traffic, tmp_path / "log", Authorization="Bearer secret") == (503, 200)
    assert [line["status"] for line in read_lines(tmp_path / "log")] == [200, 503]


def test_who_has_too_much_in_hand_takes_nothing_new(inputs_folder: Path, tmp_path: Path) -> None:
    settings, traffic = replace(SETTINGS, prefix=inputs_folder.as_uri()), Traffic()
    traffic.in_flight = MOST_IN_HAND
    assert asked(settings, traffic, tmp_path / "log", Authorization="Bearer secret") == (503, 200)


def test_the_cloud_has_asked_for_the_token_already(inputs_folder: Path, tmp_path: Path) -> None:
    settings = replace(SETTINGS, prefix=inputs_folder.as_uri(), token=None)
    assert asked(settings, Traffic(), tmp_path / "log") == (200, 200)


def test_settings_pass_through_the_environment() -> None:
    assert from_environment(SETTINGS.environment()) == SETTINGS


def test_only_who_says_so_runs_without_a_token() -> None:
    given = SETTINGS.environment()
    del given["PLANNER_TOKEN"]
    with pytest.raises(UsageError, match="PLANNER_TOKEN"):
        from_environment(given)
    assert from_environment({**given, "PLANNER_AUTH": "iam"}).token is None


@pytest.mark.parametrize(
    "change",
    [
        {"PLANNER_REGION": ""},
        {"PLANNER_CONCURRENCY": "0"},
        {"PLANNER_CONCURRENCY": "many"},
        {"PLANNER_SLOW_DOWN": "0.5"},
        {"PLANNER_SLOW_DOWN": "nan"},
    ],
)
def test_settings_that_are_none_are_refused(change: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=next(iter(change))):
        from_environment({**SETTINGS.environment(), **change})


def test_a_slow_machine_takes_longer_and_no_more_processor_time(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    done = Workbench(1, 3.0)._slowed(lambda: Outcome(sum(range(100_000))))
    assert done.seconds == pytest.approx(1.5 * waited[0])
    assert done.cpu_seconds <= done.seconds
