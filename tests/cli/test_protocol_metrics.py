import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Ran
from tests.unit.protocol.fake_monitoring import Fake, credentials_file, distribution, series, serving
from tests.unit.protocol.request_logs import at_once_in, scenario_log

Run = Callable[..., Ran]
HERE = "europe-west1"
DAY = ("--start", "2026-06-01T00:00:00Z", "--end", "2026-06-02T00:00:00Z")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return scenario_log(tmp_path / "a.jsonl", "A", at_once_in(HERE))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    for module in ("httpx", "google.auth", "requests"):
        pytest.importorskip(module, reason="Cloud Monitoring needs planner[serve]")
    fake = Fake(
        {
            "request_count": [series("crypto-key-gen", HERE, [("05", {"int64Value": "3"})], response_code="200")],
            "request_latencies": [series("crypto-key-gen", HERE, [("05", distribution([800.0, 900.0, 1000.0]))])],
        }
    )
    with serving(fake):
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(credentials_file(tmp_path / "adc.json", fake)))
        yield fake


def test_a_table_of_services(planner: Run, log: Path) -> None:
    ran = planner("protocol", "metrics", "--scenario", "A", "--log", log)
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()[1:]] == [
        "api-health-check",
        "crypto-key-gen",
        "image-format-converter",
        "video-transcoder",
    ]
    assert "624 committed executions, 0 repeated, 0 without a result" in ran.err


def test_a_file_is_json(planner: Run, log: Path, tmp_path: Path) -> None:
    ran = planner("protocol", "metrics", "--scenario", "A", "--log", log, "-o", tmp_path / "A.json")
    shown = planner("protocol", "metrics", "--scenario", "A", "--log", log, "--json")
    document = json.loads((tmp_path / "A.json").read_text())
    assert (ran.code, ran.out) == (0, "")
    assert document == json.loads(shown.out)
    assert document["schema"] == "planner.protocol-metrics/1"
    assert sum(service["requests"] for service in document["services"]) == 624


def test_urls_choose_services(planner: Run, log: Path) -> None:
    urls = (
        "--url",
        "https://crypto-key-gen-0123456789-ew.a.run.app",
        "--url",
        f"{HERE}=http://127.0.0.1:1/video-transcoder",
    )
    ran = planner("protocol", "metrics", "--scenario", "A", "--log", log, *urls, "--json")
    assert {s["service"] for s in json.loads(ran.out)["services"]} == {"crypto-key-gen", "video-transcoder"}


def test_a_project_is_read_with_its_credentials(planner: Run, project: Fake) -> None:
    ran = planner(
        "protocol", "metrics", "--scenario", "A", "--project", "fake", "--endpoint", project.url, *DAY, "--json"
    )
    assert ran.code == 0, ran.err
    (service,) = json.loads(ran.out)["services"]
    assert service["requests"] == 3
    assert service["latency_ms"]["mean"] == pytest.approx(900.0)
    assert len(project.assertions) == 1  # one token for all requests


def test_no_credentials_are_a_network_error(
    planner: Run, project: Fake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "adc.json").write_text("{}")
    ran = planner("protocol", "metrics", "--scenario", "A", "--project", "fake", "--endpoint", project.url, *DAY)
    assert ran.code == 7
    assert "gcloud auth application-default login" in ran.err


def test_without_the_extra_it_is_named(planner: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.auth", None)
    ran = planner("protocol", "metrics", "--scenario", "A", "--project", "fake", *DAY)
    assert ran.code == 2
    assert "planner[serve]" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "--log FILE"),
        (("--log", "a.jsonl", "--project", "fake"), 2, "--log FILE"),
        (("--project", "fake"), 2, "--start TIME --end TIME"),
        (("--project", "fake", "--start", "2026-06-01T00:30:00Z", "--end", "2026-06-02T00:00:00Z"), 2, "full hours"),
        (("--log", "a.jsonl", "--url", "http://127.0.0.1:1"), 2, "REGION="),
        (("--log", "a.jsonl", "--start", "yesterday"), 3, "--start"),
        (("--log", "absent.jsonl"), 3, "absent.jsonl"),
    ],
)
def test_what_is_not_understood_is_said(planner: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    ran = planner("protocol", "metrics", "--scenario", "A", *arguments)
    assert ran.code == code
    assert said in ran.err
