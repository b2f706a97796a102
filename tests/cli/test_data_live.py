"""`planner data live|fetch|regions`: exit codes, files, and no secret on any stream."""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from planner.data.carbon.files import series_of
from planner.data.recipe import load_recipe
from planner.io.library import find_recipe
from tests.conftest import Ran

SECRET = "s3cret-t0ken-that-nobody-may-see"
PAST_RANGE = "/v3/carbon-intensity/past-range"
Planner = Callable[..., Ran]


@pytest.fixture
def live(
    planner: Planner, httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ran]:
    """`live("--offline")`: four hours of DE from a local Electricity Maps, into ci.csv."""
    monkeypatch.setenv("ELECTRICITY_MAPS_URL", httpserver.url_for("/"))
    monkeypatch.setenv("ELECTRICITY_MAPS_TOKEN", SECRET)
    given = ("--from", "electricity-maps", "--zone", "DE", "--cache", tmp_path / "cache")
    span = ("--start", "2026-01-01T00:00Z", "--end", "2026-01-01T04:00Z")

    def run(*more: str | Path, span: tuple[str, ...] = span) -> Ran:
        return planner("data", "live", *given, *span, "-o", tmp_path / "ci.csv", *more)

    return run


def hours(*values: float | None) -> dict[str, object]:
    rows = [{"datetime": f"2026-01-01T{h:02}:00:00.000Z", "carbonIntensity": v} for h, v in enumerate(values)]
    return {"zone": "DE", "data": rows}


def test_a_series_is_written_and_told(live: Planner, httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request(PAST_RANGE).respond_with_json(hours(300, 310, 320, 330))
    ran = live()
    assert (ran.code, ran.err) == (0, f"wrote {tmp_path / 'ci.csv'}\n")
    assert "DE    2026-01-01T00:00:00Z  2026-01-01T04:00:00Z" in ran.out
    assert "Electricity Maps (electricitymaps.com); licence ODbL-1.0; gCO2e/kWh" in ran.out
    (series,) = series_of((tmp_path / "ci.csv").read_text())
    assert list(series.values) == [300, 310, 320, 330]


def test_the_second_time_nobody_is_asked(live: Planner, httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_ordered_request(PAST_RANGE).respond_with_json(hours(300, 310, 320, 330))
    assert [live().code, live().code, live("--offline").code] == [0, 0, 0]
    assert len(httpserver.log) == 1


def test_json_tells_what_was_written(live: Planner, httpserver: HTTPServer) -> None:
    httpserver.expect_request(PAST_RANGE).respond_with_json(hours(300, 310, 320, 330))
    document = json.loads(live("--json", "-q").out)
    assert document["schema"] == "planner.data-live/1"
    (series,) = document["series"]
    assert (series["zone"], series["periods"], series["mean_g_per_kwh"]) == ("DE", 4, 315.0)
    assert series["kind"] == "average direct consumption"


def test_a_forecast_is_written(live: Planner, httpserver: HTTPServer, tmp_path: Path) -> None:
    rows = [{"datetime": f"2026-01-01T{h:02}:00:00.000Z", "carbonIntensity": 100 + h} for h in range(3)]
    httpserver.expect_request("/v3/carbon-intensity/forecast").respond_with_json({"zone": "DE", "forecast": rows})
    assert live("--forecast", span=()).code == 0
    assert list(series_of((tmp_path / "ci.csv").read_text())[0].values) == [100, 101, 102]


def test_a_repair_is_asked_for_and_counted(live: Planner, httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request(PAST_RANGE).respond_with_json(hours(300, None, 320, 330))
    refused, repaired = live(), live("--missing", "interpolate")
    assert refused.code == 3
    assert "/data/1: found 2026-01-01T01:00:00Z: no value (1 period)" in refused.err
    assert repaired.code == 0
    assert "repaired DE: missing: interpolated (1 period)" in repaired.err


def test_a_busy_service_is_waited_for(live: Planner, httpserver: HTTPServer) -> None:
    busy = Response(status=429, headers={"Retry-After": "0"})
    httpserver.expect_ordered_request(PAST_RANGE).respond_with_response(busy)
    httpserver.expect_ordered_request(PAST_RANGE).respond_with_json(hours(300, 310, 320, 330))
    assert live().code == 0


REFUSALS = {
    "401": (Response(SECRET, status=401), 7, "the service refuses the credentials (401)"),
    "403": (Response(SECRET, status=403), 7, "the credentials do not cover this zone or service (403)"),
    "404": (Response(SECRET, status=404), 2, "the service knows no such zone"),
    "429": (Response(status=429, headers={"Retry-After": "3600"}), 7, "asks to come back in 3600 s"),
    "html": (Response("<html>log in</html>", content_type="text/html"), 7, "no JSON (text/html)"),
    "nothing": (Response(""), 7, "with nothing in it"),
    "cut off": (Response('{"zone": "DE", "da'), 3, "no JSON"),
    "no rows": (Response('{"zone": "DE", "data": []}'), 3, "no records"),
    "another zone": (Response(json.dumps(hours(1, 2) | {"zone": "FR"})), 3, "found 'FR'; expected 'DE'"),
    "too few": (Response(json.dumps(hours(1, 2))), 3, "2026-01-01T02:00:00Z to 2026-01-01T03:00:00Z: no row"),
    "the token": (Response(json.dumps({"message": SECRET})), 7, "repeats the credentials"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_goes_wrong_is_named_and_leaves_nothing(
    live: Planner, httpserver: HTTPServer, tmp_path: Path, case: str
) -> None:
    response, code, said = REFUSALS[case]
    httpserver.expect_request(PAST_RANGE).respond_with_response(response)
    ran = live("-v")
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert SECRET not in ran.err
    assert not (tmp_path / "ci.csv").exists()


def test_offline_with_nothing_kept_ends_with_7(live: Planner, httpserver: HTTPServer) -> None:
    ran = live("--offline")
    assert ran.code == 7
    assert "Electricity Maps, zone DE, from 2026-01-01T00:00Z to 2026-01-01T04:00Z: not in the cache" in ran.err
    assert not httpserver.log


def test_no_secret_on_a_stream_or_in_a_file(
    live: Planner, httpserver: HTTPServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    httpserver.expect_request(PAST_RANGE).respond_with_json(hours(300, 310, 320, 330))
    ran = live("-v")
    assert httpserver.log[0][0].headers["auth-token"] == SECRET
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 3
    assert SECRET not in ran.out + ran.err + caplog.text
    assert not any(SECRET.encode() in path.read_bytes() for path in files)


def test_without_a_token_its_variable_is_named(live: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ELECTRICITY_MAPS_TOKEN")
    ran = live()
    assert ran.code == 7
    assert ran.err.endswith("needs credentials: set the environment variable ELECTRICITY_MAPS_TOKEN\n")


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ((), "give either --start and --end, or --forecast"),
        (("--start", "2026-01-01T00:00Z"), "give either"),
        (("--start", "2026-01-01T00:00Z", "--end", "2026-01-02T00:00Z", "--forecast"), "give either"),
        (("--start", "2026-01-02T00:00Z", "--end", "2026-01-01T00:00Z"), "nothing lies between"),
        (("--start", "yesterday", "--end", "2026-01-01T00:00Z"), "--start yesterday: write a time"),
    ],
)
def test_a_span_that_is_none_ends_with_2(live: Planner, span: tuple[str, ...], said: str) -> None:
    ran = live(span=span)
    assert ran.code == 2
    assert said in ran.err


def test_without_the_extra_it_is_named(live: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.extras.find_spec", lambda _: None)
    ran = live()
    assert (ran.code, ran.err) == (
        2,
        "planner: planner data live needs httpx, pooch, tenacity: pip install 'planner[data]'\n",
    )


@pytest.fixture
def own_recipe(tmp_path: Path) -> Path:
    """A recipe one of whose files holds `carbon`."""
    name = "real/six-zone-fortnight"
    text = find_recipe(name).read_text()
    digests = [file.sha256 for file in load_recipe(find_recipe(name)).sources]
    for digest in digests:
        text = text.replace(digest, hashlib.sha256(b"carbon").hexdigest())
    path = tmp_path / "own.toml"
    path.write_text(text)
    return path


def test_the_files_of_a_recipe_are_fetched(
    planner: Planner, httpserver: HTTPServer, own_recipe: Path, tmp_path: Path
) -> None:
    for file in load_recipe(own_recipe).sources:
        httpserver.expect_ordered_request(f"/x/{file.name}").respond_with_data(b"carbon")
    given = ("data", "fetch", own_recipe, "-o", tmp_path / "data")
    ran = planner(*given, "--url", httpserver.url_for("/x"), "--json")
    assert ran.code == 0
    assert [file["downloaded"] for file in json.loads(ran.out)["files"]] == [True] * 6
    again = planner(*given)
    assert (again.code, again.out) == (0, f"6 files in {tmp_path / 'data'}, every byte as it must be\n")
    assert "mini_2023_ci.csv.gz: already there" in again.err


def test_a_file_with_a_wrong_byte_is_refused_by_name(planner: Planner, httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/gcp_regions.csv").respond_with_data(gzip.compress(b"other"))
    ran = planner("data", "fetch", "gcp_regions.csv", "-o", tmp_path, "--url", httpserver.url_for("/"))
    assert ran.code == 3
    assert "gcp_regions.csv: found a download with another SHA-256" in ran.err
    assert not (tmp_path / "gcp_regions.csv").exists()


def test_a_file_is_asked_for_where_no_address_is_given(planner: Planner, tmp_path: Path) -> None:
    ran = planner("data", "fetch", "gcp_regions.csv", "-o", tmp_path)
    assert ran.code == 2
    assert "--url" in ran.err


def test_a_name_that_nothing_has_is_told(planner: Planner, tmp_path: Path) -> None:
    ran = planner("data", "fetch", "gcp_region.csv", "-o", tmp_path)
    assert ran.code == 2
    assert "no recipe and no file 'gcp_region.csv'; give one of real/" in ran.err
    assert "gcp_regions.csv" in ran.err


def test_regions_as_a_table_and_as_json(planner: Planner) -> None:
    ran = planner("data", "regions", "--provider", "gcp")
    assert ran.code == 0
    assert "gcp       europe-west9             FR            Paris" in ran.out
    rows = json.loads(planner("data", "regions", "--json").out)["regions"]
    assert {"gcp", "aws", "azure"} == {row["provider"] for row in rows}


def test_regions_of_nobody(planner: Planner) -> None:
    ran = planner("data", "regions", "--provider", "ibm")
    assert (ran.code, ran.err) == (2, "planner: no provider 'ibm': there are gcp, aws, azure\n")
