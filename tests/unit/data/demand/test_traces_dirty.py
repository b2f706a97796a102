"""Files that are not what they should be: named errors with the line, or repairs that are counted."""

import gzip
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.data.demand.traces.formats import READERS, read_trace
from planner.data.demand.traces.options import TraceOptions
from planner.errors import InvalidInput, PlannerError, UsageError
from tests.unit.data.demand.test_traces_requests import log_entry, span

PLAIN = "arrival_time,length,cpus\n"
LLM = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
SERVEGEN = "workload,t_s,requests_per_s\n"
HOURLY = "trace,hour_index,jobs,cpu_hours\n"
GOOGLE = "time,type,collection_id,instance_index,collection_type,cpus\n"
PODS = "name,num_gpu,gpu_milli,creation_time,deletion_time,scheduled_time\n"


def spans(*several: dict[str, object]) -> str:
    attributes = [{"key": "service.name", "value": {"stringValue": "chat"}}]
    return json.dumps({"resourceSpans": [{"resource": {"attributes": attributes}, "scopeSpans": [{"spans": several}]}]})


DIRTY = [
    ("plain", "", "file: found nothing"),
    ("plain", PLAIN, "no row"),
    ("plain", "\n\n", "file: found nothing"),
    ("plain", "<!DOCTYPE html>\n<html><body>404</body></html>", "HTML"),
    ("plain", "arrival_time;length;cpus\n0;10;1\n", "no column 'arrival_time' in 'arrival_time;length;cpus'"),
    ("plain", "arrival_time,cpus\n0,1\n", "no column 'length'"),
    ("plain", "arrival_time,length,cpus,cpus\n0,1,1,1\n", "a column twice"),
    ("plain", PLAIN + "0,10,1\n5,-3,1\n", "line 3, column 'length': found '-3.?0?'; expected a number of at least 0"),
    ("plain", PLAIN + "0,10,1\n5,,1\n", "line 3, column 'length': found nothing"),
    ("plain", PLAIN + "0,10,1\n5,null,1\n", "line 3, column 'length': found nothing"),
    ("plain", PLAIN + "0,10,1\n5,ten,1\n", "line 3, column 'length': found 'ten'"),
    ("plain", PLAIN + '0,10,1\n\n5,"1,5",1\n', "line 4, column 'length': found '1,5'"),
    ("plain", PLAIN + "0,10,1\n5,10\n", "line 3, column 'cpus': found nothing"),
    ("plain", PLAIN + "0,10,1,9\n5,10,1\n", "line 2: found 4 cells"),
    ("plain", PLAIN + "0,10,1\n5,10,1,9\n", "line 3: found 4 cells"),
    ("plain", PLAIN + '0,"10,1\n5,10,1\n', "a quote that is never closed"),
    ("plain", PLAIN + "0,10,0\n", "line 2, column 'cpus': found '0.?0?'; expected more than 0"),
    ("plain", PLAIN + "0,inf,1\n", "line 2, column 'length'"),
    (
        "plain",
        PLAIN + "1700000000000,10,1\n",
        r"line 2, column 'arrival_time'.*year 2200 in s \(in ms\? say --unit ms\)",
    ),
    ("plain", PLAIN + "1700000000000000,10,1\n", "in us"),
    ("plain", PLAIN + "0,10,1\n1700000000,10,1\n", "at most 20 years"),
    (
        "plain",
        PLAIN + "2026-01-01T00:00:00Z,10,1\n2026-13-01,10,1\n",
        "line 3, column 'arrival_time': found '2026-13-01'",
    ),
    (
        "plain",
        PLAIN + "2026-01-01T00:00:00Z,10,1\nyesterday,10,1\n",
        "line 3, column 'arrival_time': found 'yesterday'",
    ),
    ("plain", PLAIN + "-5,10,1\n", "line 2, column 'arrival_time'"),
    ("plain", PLAIN + "1850-01-01T00:00:00Z,10,1\n", "between 1970 and 2200"),
    ("azure-llm", LLM + "2023-11-16 18:17:03,,10\n", "line 2, column 'ContextTokens': found nothing"),
    ("azure-llm", LLM + ",1,10\n", "line 2, column 'TIMESTAMP': found nothing"),
    ("azure-llm", "time,tokens\n1,2\n", "no column 'TIMESTAMP'"),
    ("servegen", SERVEGEN + "m,0,1\nm,600,1\nm,0,1\n", "line 4, column 't_s'.*every row once"),
    ("servegen", SERVEGEN + "m,0,-1\n", "line 2, column 'requests_per_s'"),
    ("servegen", SERVEGEN + ",0,1\n", "line 2, column 'workload': found nothing"),
    ("servegen", SERVEGEN + "m,0,0\n", None),
    ("jobs-hourly", HOURLY + "a,0,5,10\na,0,5,10\n", "line 3, column 'hour_index'"),
    ("azure-functions", "HashOwner,HashApp,HashFunction,Trigger,1,2\no,a,f,http,1,2\n", "tells no day"),
    ("google-2019", "time,type,collection_id\n1,2,3\n", "no column of CPUs"),
    ("google-2019", GOOGLE + "600000000,11,1,0,0,0.1\n", "line 2, column 'type'"),
    ("google-2019", GOOGLE + "600000000,0,,0,0,0.1\n", "line 2, column 'collection_id': found nothing"),
    ("google-2019", GOOGLE + "600000000,0,1,0,0,0.1\n", "instances that never ran.*: 1"),
    ("google-2019", '{"time": "600000000"}\n', "line 1, column 'type': found nothing"),
    ("alibaba-2018", "M1,2,j_1,1,Terminated,soon,90000,100.0,0.5\n", "line 1, column 'start_time': found 'soon'"),
    ("alibaba-2018", "M1,2,j_1,1,Terminated,0,0,100.0,0.5\n", "tasks without a start or an end.*: 1"),
    ("alibaba-2018", "M1,2,j_1,1,Terminated,1,2,100.0,0.5,x\n", "line 1: found 10 cells"),
    ("alibaba-gpu", PODS + "p,1,500,100,200,\n", "tasks that never ran.*: 1"),
    ("alibaba-gpu", PODS + "p,1,500,100,50,100\n", "tasks that end before they start.*: 1"),
    ("otlp", "not json\n", "line 1, column 1.*valid JSON"),
    ("otlp", "[1, 2]", "entry 0: found 1; expected a JSON object"),
    ("otlp", "{}\n", "no request"),
    ("otlp", "{}\n{]\n", "line 2"),
    ("otlp", spans(span(2, 1767225600, 5, "1")), "line 1, column 'startTimeUnixNano'.*nanoseconds"),
    ("otlp", spans(span(2, 1767225600 * 10**9, -5, "1")), "an end after the start"),
    ("otlp", spans({"kind": 2, "spanId": "1"}), "line 1, column 'startTimeUnixNano': found nothing"),
    ("otlp", "[" * 100_000, "nested too deeply|valid JSON"),
    ("cloud-run", json.dumps(log_entry("2026-01-01T00:00:00Z", "fast")), "line 1, column 'latency': found 'fast'"),
    ("cloud-run", json.dumps(log_entry("2026-01-01T00:00:00Z", "-1s")), "line 1, column 'latency': found '-1s'"),
    ("cloud-run", json.dumps(log_entry(None)), "line 1, column 'timestamp': found nothing"),  # type: ignore[arg-type]
    ("cloud-run", json.dumps(log_entry("noon")), "line 1, column 'timestamp': found 'noon'"),
    ("cloud-run", json.dumps(log_entry("2026-01-01T00:00:00Z", service=None)), "'service': found nothing"),  # type: ignore[arg-type]
    ("cloud-run", json.dumps(log_entry([])), "line 1, column 'timestamp': found '\\[\\]'"),  # type: ignore[arg-type]
    ("google-2019", "[]", "no event"),
    ("google-2019", '{"time": {}, "type": 0}', "line 1, column 'time': found '{}'"),
    ("cloud-run", '{"message": "quota exceeded"}\n', "no request"),
    ("cloud-run", json.dumps([log_entry("2026-01-01T00:00:00Z"), log_entry("noon")]), "entry 1, column 'timestamp'"),
]


@pytest.mark.parametrize(("name", "text", "told"), DIRTY)
def test_what_does_not_belong_is_told(tmp_path: Path, name: str, text: str, told: str | None) -> None:
    path = tmp_path / "trace.csv"
    path.write_text(text, encoding="utf-8")
    if told is None:
        assert read_trace(name, [path], TraceOptions()).requests.sum() == 0
        return
    with pytest.raises(InvalidInput, match=told) as error:
        read_trace(name, [path], TraceOptions())
    assert error.value.exit_code == 3


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "nothing"),
        (b"PK\x03\x04\0\0\0\0", "binary data"),
        ("café,1,2,3".encode("latin-1") * 3, "UTF-8|no column|tells no day|valid JSON"),
        (b"name\0" + b"0" * 252 + b"ustar" + b"0" * 250, "tar archive"),
        (b"\x1f\x8b\x08\x00damaged", "gzip"),
        (gzip.compress((PLAIN + "0,10,1\n" * 9000).encode())[:-20], "truncated gzip|no column|no day|valid JSON"),
        (b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", "HTML or XML"),
    ],
)
def test_no_reader_takes_another_kind_of_file(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    path = tmp_path / "trace.d01.csv"
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match=told):
        read_trace(name, [path], TraceOptions())


@pytest.mark.parametrize("name", READERS)
def test_what_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    for path, told in (
        (tmp_path / "none.d01.csv", "nothing at this path|an existing file"),
        (tmp_path, "folder|no day"),
    ):
        with pytest.raises(InvalidInput, match=told):
            read_trace(name, [path], TraceOptions())


def test_a_file_named_gz_must_be_one(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv.gz"
    path.write_text(PLAIN + "0,10,1\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="no gzip data"):
        read_trace("plain", [path], TraceOptions())
    other = tmp_path / "jobs.csv"
    other.write_bytes(gzip.compress((PLAIN + "0,10,1\n").encode()))
    assert len(read_trace("plain", [other], TraceOptions()).jobs) == 1


def test_bytes_that_are_no_text_far_down_are_told(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    path.write_bytes((PLAIN + "0,10,1\n" * 2000).encode() + b"0,1\xff0,1\n")
    with pytest.raises(InvalidInput, match="not UTF-8"):
        read_trace("plain", [path], TraceOptions())


def test_a_file_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text(PLAIN + "0,10,1\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="given before"):
        read_trace("plain", [path, tmp_path / "." / "jobs.csv"], TraceOptions())


def test_a_time_that_the_clocks_skip_is_told(tmp_path: Path) -> None:
    path = tmp_path / "llm.csv"
    path.write_text(LLM + "2023-03-26 01:30:00,1,1\n2023-03-26 02:30:00,1,1\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"line 3, column 'TIMESTAMP'.*clocks of Europe/Berlin"):
        read_trace("azure-llm", [path], TraceOptions(time_zone="Europe/Berlin"))
    with pytest.raises(UsageError, match="no time zone 'Mars/Base'"):
        read_trace("azure-llm", [path], TraceOptions(time_zone="Mars/Base"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"step_minutes": 7},
        {"step_minutes": 0},
        {"hours": 0},
        {"deadline_factor": 0.9},
        {"deadline_factor": float("nan")},
        {"unit": "h"},
        {"jobs_as": "cows"},
    ],
)
def test_options_that_make_no_sense_are_told(wrong: dict) -> None:
    with pytest.raises(UsageError):
        TraceOptions(**wrong)


def test_an_unknown_format_is_told(tmp_path: Path) -> None:
    with pytest.raises(PlannerError, match="no trace format 'borg'"):
        read_trace("borg", [tmp_path], TraceOptions())


WELL = {
    "plain": PLAIN + "0.0,6302.0,1\n2026,1000.0,1\n",
    "azure-llm": LLM + "2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 19:00:00,110,27\n",
    "alibaba-2018": "M1,2,j_1,1,Terminated,86400,90000,100.0,0.5\nM2,2,j_1,1,Failed,86400,,100.0,0.5\n",
    "google-2019": GOOGLE + "600000000,0,1,0,0,0.25\n610000000,3,1,0,0,0.25\n670000000,6,1,0,0,0.25\n",
    "cloud-run": json.dumps(log_entry("2026-01-01T00:00:00Z")) + "\n" + json.dumps(log_entry("2026-01-01T01:00:00Z")),
    "otlp": spans(span(2, 1767225600 * 10**9, 5, "1"), span(3, 1767225600 * 10**9, 5, "2")),
}
PIECES = [b"", b",", b"\n", b'"', b"\r", b"-", b"null", b"1e400", b"9" * 25, b"\xff", b"\0", b"{", b"]", b"true", b" "]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(WELL)), st.floats(0, 1), st.integers(0, 8), st.sampled_from(PIECES))
def test_any_damage_is_taken_or_told(tmp_path: Path, name: str, place: float, cut: int, piece: bytes) -> None:
    text = WELL[name].encode()
    at = int(place * len(text))
    path = tmp_path / "trace"
    path.write_bytes(text[:at] + piece + text[at + cut :])
    with suppress(InvalidInput):
        assert read_trace(name, [path], TraceOptions()).requests.min() >= 0


def places(value: object, path: tuple = ()) -> Iterator[tuple]:
    """Where anything stands in a document."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def changed(document: object, path: tuple, value: object) -> object:
    """The document with another value at a place."""
    if not path:
        return value
    copy = json.loads(json.dumps(document))
    holder = copy
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return copy


EVENT = {"time": "600000000", "type": 0, "collection_id": "1", "instance_index": 0, "resource_request": {"cpus": 0.1}}
DOCUMENTS = {
    "cloud-run": [log_entry("2026-01-01T00:00:00Z", insertId="1"), log_entry("2026-01-01T00:00:00Z", insertId="2")],
    "otlp": json.loads(WELL["otlp"]),
    "google-2019": [EVENT, EVENT | {"type": 3}, EVENT | {"type": 6, "time": "700000000"}],
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("value", [None, True, -1, 10**30, "", "x", [], {"a": 1}, float("nan")])
def test_any_value_in_json_is_taken_or_told(tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / "trace.json"
    for place in places(DOCUMENTS[name]):
        path.write_text(json.dumps(changed(DOCUMENTS[name], place, value)), encoding="utf-8")
        with suppress(InvalidInput):
            assert read_trace(name, [path], TraceOptions()).requests.min() >= 0
