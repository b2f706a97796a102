"""Traces of requests: what the published files hold, and small ones counted by hand."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from planner.data.demand.series import DemandSeries
from planner.data.demand.traces.formats import read_trace
from planner.data.demand.traces.options import TraceOptions
from planner.errors import InvalidInput, UsageError


def totals(series: DemandSeries) -> dict[str, int]:
    return dict(zip(series.workloads, series.requests.sum(axis=1).tolist(), strict=True))


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_azure_llm_has_28185_requests(shared_data: Path) -> None:
    files = [shared_data / f"azure_llm_2023_{name}_requests.csv.gz" for name in ("code", "conv")]
    found = read_trace("azure-llm", files, TraceOptions(step_minutes=10))
    assert totals(found) == {"code": 8819, "conv": 19366}
    assert found.requests.sum() == 28185
    assert found.requests[:, 0].tolist() == [1482, 2867]
    assert "conv: generated tokens mean 211.126" in found.notes[3]
    assert found.licence == "CC-BY-4.0"


def test_azure_llm_as_published(tmp_path: Path) -> None:
    text = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 19:00:00,110,27\n"
    found = read_trace("azure-llm", [written(tmp_path / "AzureLLMInferenceTrace_code.csv", text)], TraceOptions())
    assert found.start == datetime(2023, 11, 16, 18, tzinfo=UTC)
    assert found.workloads == ("code",)
    assert found.requests.tolist() == [[1, 1]]


def test_servegen_totals(shared_data: Path) -> None:
    found = read_trace("servegen", [shared_data / "servegen_rate_10min_14d.csv.gz"], TraceOptions())
    assert totals(found) == {
        "deepseek-r1": 1383669,
        "m-large": 236892826,
        "m-mid": 2165253970,
        "m-small": 1420558786,
        "mm-image": 818610,
    }
    assert len(found.times) == 14 * 24
    large = found.requests[found.workloads.index("m-large")]
    with gzip.open(shared_data / "servegen_rate_10min_14d.csv.gz", "rt") as file:
        rows = [line.split(",") for line in file if line.startswith("m-large,")]
    first_hour = sum(float(row[2]) for row in rows[:6]) * 600
    assert large[0] == round(first_hour)


def test_servegen_deepseek_agrees_with_the_requests_of_its_tokens(shared_data: Path) -> None:
    rows = (shared_data / "servegen_token_means_6h.csv").read_text(encoding="utf-8").splitlines()
    counted = sum(int(r.split(",")[4]) for r in rows if r.startswith("deepseek-r1,") and ",input_tokens," in r)
    found = read_trace("servegen", [shared_data / "servegen_rate_10min_14d.csv.gz"], TraceOptions())
    assert totals(found)["deepseek-r1"] == counted == 1383669


def test_servegen_clients_add_up(tmp_path: Path) -> None:
    folder = tmp_path / "m-large"
    folder.mkdir()
    one = written(folder / "chunk-0-trace.csv", "0,1.0,2.5,Gamma,0.16,6.25\n600,0.5,1.0,Weibull,1.0,2000000\n")
    two = written(folder / "chunk-1-trace.csv", "600,2.0,2.5,Gamma,0.16,6.25\n")
    found = read_trace("servegen", [one, two], TraceOptions(step_minutes=10))
    assert found.workloads == ("m-large",)
    assert found.requests.tolist() == [[600, 300 + 1200]]
    with pytest.raises(UsageError, match="multiple"):
        read_trace("servegen", [one], TraceOptions(step_minutes=5))


def test_azure_batch_jobs_by_the_hour(shared_data: Path) -> None:
    files = [shared_data / "jobs_azure-100k_hourly.csv.gz"]
    assert totals(read_trace("jobs-hourly", files, TraceOptions())) == {"azure-100k": 99988}
    hours = read_trace("jobs-hourly", files, TraceOptions(jobs_as="unit-hours"))
    assert totals(hours) == {"azure-100k": 1407948}
    assert hours.requests[0, 0] == round(3529.5)
    day = read_trace("jobs-hourly", files, TraceOptions(step_minutes=1440))
    assert day.requests[0, 0] == read_trace("jobs-hourly", files, TraceOptions()).requests[0, :24].sum()


def functions_day(path: Path, *rows: str) -> Path:
    minutes = ",".join(map(str, range(1, 1441)))
    return written(path, f"HashOwner,HashApp,HashFunction,Trigger,{minutes}\n" + "".join(f"{r}\n" for r in rows))


def test_azure_functions_counts_minutes_by_trigger(tmp_path: Path) -> None:
    first = ["0"] * 1440
    first[0], first[59], first[60] = "3", "4", "5"
    rows = [f"o,a,f{i},{trigger},{','.join(first)}" for i, trigger in enumerate(("http", "timer", "http"))]
    one = functions_day(tmp_path / "invocations_per_function_md.anon.d01.csv", *rows)
    two = functions_day(tmp_path / "invocations_per_function_md.anon.d03.csv", rows[0])
    found = read_trace("azure-functions", [one, two], TraceOptions())
    assert found.start == datetime(2019, 7, 15, tzinfo=UTC)
    assert len(found.times) == 3 * 24
    assert found.workloads == ("http", "timer")
    assert found.requests[:, :2].tolist() == [[14, 10], [7, 5]]
    assert found.requests[:, 24:48].sum() == 0
    assert found.requests[:, 48:50].tolist() == [[7, 5], [0, 0]]


def test_azure_functions_day_is_in_the_name(tmp_path: Path) -> None:
    day = functions_day(tmp_path / "day.csv", "o,a,f,http," + ",".join(["1"] * 1440))
    with pytest.raises(InvalidInput, match="tells no day"):
        read_trace("azure-functions", [day], TraceOptions())
    (tmp_path / "other").mkdir()
    twice = [functions_day(p / "x.d01.csv", "o,a,f,http" + ",1" * 1440) for p in (tmp_path, tmp_path / "other")]
    with pytest.raises(InvalidInput, match="another file"):
        read_trace("azure-functions", twice, TraceOptions())


def log_entry(time: str, latency: str | None = "0.25s", service: str = "chat", **more: object) -> dict[str, object]:
    request = {"requestMethod": "POST", "status": 200} | ({} if latency is None else {"latency": latency})
    labels = {"service_name": service, "location": "europe-west1", "revision_name": f"{service}-1"}
    resource = {"type": "cloud_run_revision", "labels": labels}
    return {"timestamp": time, "httpRequest": request, "resource": resource, **more}


CLOUD_RUN = [
    log_entry("2026-01-01T00:59:59.999999999Z", "0.1s", insertId="a"),
    log_entry("2026-01-01T00:10:00Z", "0.3s", insertId="b"),
    log_entry("2026-01-01T00:10:00Z", "0.3s", insertId="b"),  # delivered twice
    log_entry("2026-01-01T02:00:00+01:00", None, insertId="c"),
    log_entry("2026-01-01T01:00:00Z", "2s", "images", insertId="d"),
    {"timestamp": "2026-01-01T00:00:00Z", "textPayload": "started", "resource": {"labels": {"service_name": "chat"}}},
]


@pytest.mark.parametrize("as_lines", [True, False])
def test_cloud_run_logs(tmp_path: Path, as_lines: bool) -> None:
    text = "".join(json.dumps(e) + "\n" for e in CLOUD_RUN) if as_lines else json.dumps(CLOUD_RUN, indent=2)
    found = read_trace("cloud-run", [written(tmp_path / "log.json", text)], TraceOptions())
    assert found.workloads == ("chat", "images")
    assert found.requests.tolist() == [[2, 1], [0, 1]]
    assert found.notes == (
        "entries seen before, left out: 1",
        "entries that are no request, left out: 1",
        "chat: latency in ms mean 200, standard deviation 100 over 2 requests",
        "images: latency in ms mean 2000, standard deviation 0 over 1 requests",
    )


def span(kind: object, start: int, milliseconds: int, identity: str) -> dict[str, object]:
    end = start + milliseconds * 10**6
    return {
        "traceId": "t",
        "spanId": identity,
        "kind": kind,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(end),
    }


def export(service: str, *spans: dict[str, object]) -> dict[str, object]:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {}, "spans": list(spans)}]}]}


NOON = int(datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp()) * 10**9


def test_otlp_counts_the_spans_that_come_in(tmp_path: Path) -> None:
    lines = [
        export("chat", span(2, NOON, 100, "1"), span(3, NOON, 50, "2"), span("SPAN_KIND_SERVER", NOON, 300, "3")),
        export("queue", span(5, NOON + 3600 * 10**9, 10, "4"), span(1, NOON, 10, "5")),
        export("chat", span(2, NOON, 100, "1")),
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    found = read_trace("otlp", [written(tmp_path / "traces.json", text)], TraceOptions())
    assert found.start == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert found.workloads == ("chat", "queue")
    assert found.requests.tolist() == [[2, 0], [0, 1]]
    assert found.notes[:2] == ("spans inside a request, left out: 2", "spans seen before, left out: 1")
    assert "chat: latency in ms mean 200" in found.notes[2]
    whole = written(tmp_path / "one.json", json.dumps(lines[0], indent=1))
    assert totals(read_trace("otlp", [whole], TraceOptions())) == {"chat": 2}


def test_a_part_of_a_trace(shared_data: Path) -> None:
    files = [shared_data / "servegen_rate_10min_14d.csv.gz"]
    whole = read_trace("servegen", files, TraceOptions(epoch=datetime(2024, 4, 1, tzinfo=UTC)))
    start = datetime(2024, 4, 3, tzinfo=UTC)
    part = read_trace("servegen", files, TraceOptions(epoch=datetime(2024, 4, 1, tzinfo=UTC), start=start, hours=24))
    assert part.start == start
    np.testing.assert_array_equal(part.requests.sum(axis=1), whole.requests[:, 48:72].sum(axis=1))
    with pytest.raises(InvalidInput, match="2024-04-01T00:00:00Z to 2024-04-15T00:00:00Z"):
        read_trace("servegen", files, TraceOptions(start=start, hours=999, epoch=datetime(2024, 4, 1, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("zone", "times", "hours"),
    [
        ("Europe/Berlin", ["2023-07-01 02:00:00"], ["2023-07-01T00"]),
        ("America/New_York", ["2023-01-01 00:00:00", "2023-01-01T00:00:00Z"], ["2023-01-01T05", "2023-01-01T00"]),
        ("Europe/Berlin", ["2023-10-29 02:30:00", "2023-10-29 03:30:00"], ["2023-10-29T00", "2023-10-29T02"]),
    ],
)
def test_times_without_a_zone_are_read_on_the_clock_that_is_given(
    tmp_path: Path, zone: str, times: list[str], hours: list[str]
) -> None:
    text = "TIMESTAMP,ContextTokens,GeneratedTokens\n" + "".join(f"{time},1,1\n" for time in times)
    found = read_trace("azure-llm", [written(tmp_path / "llm.csv", text)], TraceOptions(time_zone=zone))
    busy = found.times[found.requests[0] > 0]
    assert sorted(np.datetime_as_string(busy, unit="h").tolist()) == sorted(hours)
    told = "times in an hour that clocks repeat, taken as the earlier: 1"
    assert (told in found.notes) == ("2023-10-29 02:30:00" in times)
