"""The services behind one interface, against local servers that speak the documented shapes."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from planner.data.carbon.handling import Handling
from planner.data.carbon.live.service import Service
from planner.data.carbon.live.services import service
from planner.domain.instance import CarbonKind
from planner.errors import InvalidInput, MissingExtra, NetworkError, UsageError
from tests.unit.data.carbon.live_server import SECRET, holds, web

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
VARIABLES = {
    "electricity-maps": "ELECTRICITY_MAPS_URL",
    "watttime": "WATTTIME_URL",
    "uk": "UK_CARBON_INTENSITY_URL",
}
CREDENTIALS = ("ELECTRICITY_MAPS_TOKEN", "WATTTIME_USER", "WATTTIME_PASSWORD")


@pytest.fixture
def reach(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Service]:
    """`reach("uk", offline=True)`: a service at the local server, with its credentials set."""
    for variable in VARIABLES.values():
        monkeypatch.setenv(variable, httpserver.url_for("/"))
    for variable in CREDENTIALS:
        monkeypatch.setenv(variable, SECRET)

    def reached(name: str, handling: Handling | None = None, **options: object) -> Service:
        return service(name, web(tmp_path / "cache", **options), handling)

    return reached


def times(start: datetime, end: datetime, step: timedelta) -> list[datetime]:
    return [start + i * step for i in range(int((end - start) / step))]


def asked_span(request: Request) -> tuple[datetime, datetime]:
    start, end = (datetime.fromisoformat(request.args[name]) for name in ("start", "end"))
    return start, end


def electricity_maps(request: Request) -> Response:
    """`/v3/carbon-intensity/past-range`, whose value is the day of the month."""
    assert request.headers["auth-token"] == SECRET
    assert asked_span(request)[1] - asked_span(request)[0] <= timedelta(days=10)
    zone, scope = request.args["zone"], request.args["emissionFactorType"]
    rows = [
        {"zone": zone, "carbonIntensity": t.day, "datetime": f"{t:%Y-%m-%dT%H:%M:%S}.000Z", "emissionFactorType": scope}
        for t in times(*asked_span(request), HOUR)
    ]
    return answer({"zone": zone, "temporalGranularity": "hourly", "data": rows})


def watttime(request: Request) -> Response:
    """`/v3/historical`, which includes the end, in pounds."""
    assert request.headers["Authorization"] == f"Bearer token of {SECRET[:3]}"
    start, end = asked_span(request)
    step = timedelta(minutes=5)
    rows = [{"point_time": t.isoformat(), "value": 1000.0} for t in times(start, end + step, step)]
    return answer({"data": rows, "meta": {"region": request.args["region"], "signal_type": "co2_moer", "units": LBS}})


LBS = "lbs_co2_per_mwh"


def uk(request: Request) -> Response:
    """`/intensity/FROM/TO`, which begins with the half-hour before."""
    start, end = (datetime.fromisoformat(part) for part in request.path.split("/")[2:4])
    assert end - start <= timedelta(days=14)
    half = timedelta(minutes=30)
    return answer({"data": [half_hour(t, {"forecast": 200, "actual": 190}) for t in times(start - half, end, half)]})


def half_hour(time: datetime, intensity: dict[str, Any]) -> dict[str, Any]:
    end = time + timedelta(minutes=30)
    return {"from": f"{time:%Y-%m-%dT%H:%MZ}", "to": f"{end:%Y-%m-%dT%H:%MZ}", "intensity": intensity}


def answer(document: Any) -> Response:
    return Response(json.dumps(document), content_type="application/json")


@pytest.fixture
def speaking(httpserver: HTTPServer) -> HTTPServer:
    """A server that speaks for all three services."""
    httpserver.expect_request("/v3/carbon-intensity/past-range").respond_with_handler(electricity_maps)
    httpserver.expect_request("/v3/historical").respond_with_handler(watttime)
    login = base64.b64encode(f"{SECRET}:{SECRET}".encode()).decode()
    expected = httpserver.expect_request("/login", headers={"Authorization": f"Basic {login}"})
    expected.respond_with_json({"token": f"token of {SECRET[:3]}"})
    httpserver.expect_request(re.compile("/intensity/.*Z/.*Z")).respond_with_handler(uk)
    return httpserver


@dataclass(frozen=True)
class Case:
    """A zone of a service, a span that takes `pieces` answers, and what comes of it."""

    name: str
    zone: str
    days: int
    pieces: int
    step: int
    signal: str

    @property
    def span(self) -> tuple[datetime, datetime]:
        return START, START + timedelta(days=self.days)


CASES = [
    Case("electricity-maps", "DE", 25, 3, 60, "average"),
    Case("watttime", "CAISO_NORTH", 31, 2, 5, "marginal"),
    Case("uk", "GB", 30, 3, 30, "average"),
]


def by_path(server: HTTPServer, path: str) -> int:
    return len([request for request, _ in server.log if request.path.startswith(path)])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_long_history_comes_in_pieces_and_is_whole(
    speaking: HTTPServer, reach: Callable[..., Service], case: Case
) -> None:
    series = reach(case.name).history(case.zone, *case.span)
    assert (series.zone, series.start, series.end) == (case.zone, *case.span)
    assert series.step_minutes == case.step
    assert series.kind == CarbonKind(case.signal, "direct", "consumption")
    logins = by_path(speaking, "/login")
    assert logins == (case.name == "watttime")
    assert len(speaking.log) - logins == case.pieces


def test_pieces_are_put_together_in_order(speaking: HTTPServer, reach: Callable[..., Service]) -> None:
    series = reach("electricity-maps").history("DE", START, START + timedelta(days=25))
    assert np.array_equal(series.values, np.repeat(np.arange(1.0, 26.0), 24))


def test_pounds_become_grams_which_is_told_once(
    speaking: HTTPServer, reach: Callable[..., Service], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "planner")
    series = reach("watttime").history("CAISO_NORTH", START, START + timedelta(days=31))
    assert series.values == pytest.approx(453.59237)
    assert [m for m in caplog.messages if "repaired" in m] == [
        "repaired CAISO_NORTH: converted from lbs/MWh to g/kWh (8928 periods)"
    ]


def test_the_actual_values_of_britain_are_its_history(speaking: HTTPServer, reach: Callable[..., Service]) -> None:
    assert set(reach("uk").history("GB", START, START + HOUR).values) == {190.0}


def test_life_cycle_is_asked_for_and_said(speaking: HTTPServer, reach: Callable[..., Service]) -> None:
    series = reach("electricity-maps", Handling(kind="lifecycle")).history("DE", START, START + 2 * HOUR)
    assert series.kind.scope == "lifecycle"
    assert speaking.log[0][0].args["emissionFactorType"] == "lifecycle"


@pytest.mark.parametrize(
    ("name", "kind"), [("uk", "lifecycle"), ("watttime", "average"), ("electricity-maps", "marginal")]
)
def test_a_kind_that_a_service_does_not_publish_is_refused(
    speaking: HTTPServer, reach: Callable[..., Service], name: str, kind: str
) -> None:
    with pytest.raises(UsageError, match="--kind"):
        reach(name, Handling(kind=kind)).history("GB", START, START + 2 * HOUR)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_kept_answers_again_without_a_request_or_credentials(
    speaking: HTTPServer, reach: Callable[..., Service], monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    first = reach(case.name).history(case.zone, *case.span)
    requests = len(speaking.log)
    for variable in CREDENTIALS:
        monkeypatch.delenv(variable)
    for again in (reach(case.name), reach(case.name, offline=True)):
        assert np.array_equal(again.history(case.zone, *case.span).values, first.values)
    assert len(speaking.log) == requests


def test_hours_that_may_still_be_revised_are_asked_for_again(
    speaking: HTTPServer, reach: Callable[..., Service]
) -> None:
    today = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for _ in range(2):
        reach("electricity-maps").history("DE", today - timedelta(days=14), today)
    assert len(speaking.log) == 3  # the first ten days once, the last four twice
    reach("electricity-maps", offline=True).history("DE", today - timedelta(days=14), today)


@pytest.mark.parametrize("name", VARIABLES)
def test_no_secret_reaches_the_cache(
    speaking: HTTPServer, reach: Callable[..., Service], tmp_path: Path, name: str
) -> None:
    reach(name).history("GB", START, START + 2 * HOUR)
    assert holds(tmp_path, "2026-01-01T00:00")
    assert not holds(tmp_path, SECRET)
    assert not holds(tmp_path, f"token of {SECRET[:3]}")


def test_an_answer_that_repeats_the_token_is_neither_shown_nor_kept(
    httpserver: HTTPServer, reach: Callable[..., Service], tmp_path: Path
) -> None:
    httpserver.expect_request("/v3/carbon-intensity/past-range").respond_with_json({"error": f"no access for {SECRET}"})
    with pytest.raises(NetworkError, match="repeats the credentials") as raised:
        reach("electricity-maps").history("DE", START, START + 2 * HOUR)
    assert SECRET not in str(raised.value)
    assert not holds(tmp_path, SECRET)


@pytest.mark.parametrize(
    ("name", "variable"), [*zip(("electricity-maps", "watttime", "watttime"), CREDENTIALS, strict=True)]
)
@pytest.mark.parametrize("value", ["", "  ", f"{SECRET}\nX-Evil: 1", f"{SECRET}é"])
def test_credentials_that_are_absent_or_cannot_be_sent_are_named_by_their_variable(
    reach: Callable[..., Service], monkeypatch: pytest.MonkeyPatch, name: str, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(NetworkError, match=variable) as raised:
        reach(name).history("DE", START, START + 2 * HOUR)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("body", ['{"user": "none"}', "[]", '{"token": "two\\nlines"}'])
def test_a_login_without_a_token(httpserver: HTTPServer, reach: Callable[..., Service], body: str) -> None:
    httpserver.expect_request("/login").respond_with_data(body)
    with pytest.raises(NetworkError, match="token"):
        reach("watttime").history("CAISO_NORTH", START, START + 2 * HOUR)


def test_a_login_that_is_refused(httpserver: HTTPServer, reach: Callable[..., Service]) -> None:
    httpserver.expect_request("/login").respond_with_data(SECRET, status=401)
    with pytest.raises(NetworkError, match="WattTime, login: the service refuses the credentials") as raised:
        reach("watttime").history("CAISO_NORTH", START, START + 2 * HOUR)
    assert SECRET not in str(raised.value)


FORECASTS = {
    "electricity-maps": ("/v3/carbon-intensity/forecast", "DE", {
        "zone": "DE",
        "forecast": [{"carbonIntensity": 300 + h, "datetime": f"2026-01-01T{h:02}:00:00.000Z"} for h in range(4)],
        "updatedAt": "2026-01-01T00:10:00.000Z",
    }),
    "watttime": ("/v3/forecast", "CAISO_NORTH", {
        "data": [{"point_time": f"2026-01-01T00:{m:02}:00+00:00", "value": 700} for m in range(0, 60, 5)],
        "meta": {"region": "CAISO_NORTH", "signal_type": "co2_moer", "units": LBS},
    }),
}  # fmt: skip


@pytest.mark.parametrize("name", FORECASTS)
def test_forecasts_are_asked_for_each_time_and_kept_for_offline(
    speaking: HTTPServer, reach: Callable[..., Service], name: str
) -> None:
    path, zone, document = FORECASTS[name]
    speaking.expect_request(path).respond_with_json(document)
    for _ in range(2):
        told = reach(name).forecast(zone)
    assert told.start == START
    assert by_path(speaking, path) == 2
    assert np.array_equal(reach(name, offline=True).forecast(zone).values, told.values)


@pytest.mark.parametrize(
    ("zone", "before", "after"), [("GB", "/intensity", ""), ("GB-13", "/regional/intensity", "/regionid/13")]
)
def test_forecasts_of_britain_and_its_regions(
    httpserver: HTTPServer, reach: Callable[..., Service], zone: str, before: str, after: str
) -> None:
    rows = [half_hour(START + timedelta(minutes=30 * i), {"forecast": 150 + i, "actual": None}) for i in range(4)]
    data: Any = rows if zone == "GB" else {"regionid": 13, "shortname": "London", "data": rows}
    httpserver.expect_request(re.compile(f"{before}/[^/]*Z/fw48h{after}")).respond_with_json({"data": data})
    for options in ({}, {"offline": True}):
        told = reach("uk", **options).forecast(zone)
        assert list(told.values) == [150, 151, 152, 153]
        assert told.zone == zone


@pytest.mark.parametrize("zone", ["DE", "GB-18", "gb"])
def test_the_service_of_britain_knows_no_other_zone(reach: Callable[..., Service], zone: str) -> None:
    with pytest.raises(UsageError, match=f"no zone '{zone}': give GB"):
        reach("uk").history(zone, START, START + 2 * HOUR)
    with pytest.raises(UsageError, match=f"no zone '{zone}': give GB"):
        reach("uk").forecast(zone)


def test_an_answer_for_another_zone_is_refused_and_not_kept(
    httpserver: HTTPServer, reach: Callable[..., Service], tmp_path: Path
) -> None:
    document = {"zone": "FR", "data": [{"datetime": f"2026-01-01T0{h}:00:00Z", "carbonIntensity": 30} for h in (0, 1)]}
    httpserver.expect_request("/v3/carbon-intensity/past-range").respond_with_json(document)
    with pytest.raises(
        InvalidInput,
        match=r"Electricity Maps, zone DE, from .*Z to .*Z: zone: found 'FR'; expected 'DE', which was asked for",
    ):
        reach("electricity-maps").history("DE", START, START + 2 * HOUR)
    assert not (tmp_path / "cache").exists()


def test_an_answer_for_another_time_is_refused_and_not_kept(
    httpserver: HTTPServer, reach: Callable[..., Service], tmp_path: Path
) -> None:
    document = {"zone": "DE", "data": [{"datetime": f"2025-01-01T0{h}:00:00Z", "carbonIntensity": 30} for h in (0, 1)]}
    httpserver.expect_request("/v3/carbon-intensity/past-range").respond_with_json(document)
    with pytest.raises(InvalidInput, match="DE, times: found 2025-01-01T00:00:00Z"):
        reach("electricity-maps").history("DE", START, START + 2 * HOUR)
    assert not (tmp_path / "cache").exists()


def test_an_answer_of_another_scope_is_refused(httpserver: HTTPServer, reach: Callable[..., Service]) -> None:
    row = {"zone": "DE", "datetime": "2026-01-01T00:00:00Z", "carbonIntensity": 30, "emissionFactorType": "lifecycle"}
    httpserver.expect_request("/v3/carbon-intensity/past-range").respond_with_json({"zone": "DE", "data": [row]})
    with pytest.raises(InvalidInput, match="/data/0/emissionFactorType: found lifecycle; expected direct"):
        reach("electricity-maps").history("DE", START, START + 2 * HOUR)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"zone": "DE", "data": []}, "no records"),
        ({"zone": "DE", "rows": []}, "expected an array data, history, forecast"),
        ([1], "expected an array"),
        ({"zone": "DE", "data": [{"datetime": "2026-01-01T00:00:00Z"}]}, "no 'carbonIntensity'"),
        ({"data": [{"datetime": "2026-01-01T00:00:00Z", "carbonIntensity": 1}]}, "no zone"),
        ({"message": "out of order"}, "out of order"),
    ],
)
def test_an_answer_of_another_shape_is_named(
    httpserver: HTTPServer, reach: Callable[..., Service], document: Any, said: str
) -> None:
    httpserver.expect_request("/v3/carbon-intensity/past-range").respond_with_json(document)
    with pytest.raises(InvalidInput, match=said):
        reach("electricity-maps").history("DE", START, START + 2 * HOUR)


def holed(request: Request) -> Response:
    """An hour of the day is null."""
    document = json.loads(electricity_maps(request).data)
    document["data"][3]["carbonIntensity"] = None
    return answer(document)


def late(request: Request) -> Response:
    """The last two hours are not there yet."""
    document = json.loads(electricity_maps(request).data)
    return answer(document | {"data": document["data"][:-2]})


def test_a_hole_is_an_error_that_names_where_it_is(httpserver: HTTPServer, reach: Callable[..., Service]) -> None:
    httpserver.expect_request("/v3/carbon-intensity/past-range").respond_with_handler(holed)
    with pytest.raises(
        InvalidInput, match=r"answer from 2026-01-01T00:00Z on, /data/3: found 2026-01-01T03:00:00Z: no val"
    ):
        reach("electricity-maps").history("DE", START, START + timedelta(days=1))


def test_a_hole_is_filled_where_that_is_said_and_told(
    httpserver: HTTPServer, reach: Callable[..., Service], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "planner")
    httpserver.expect_request("/v3/carbon-intensity/past-range").respond_with_handler(holed)
    series = reach("electricity-maps", Handling(missing="interpolate")).history(
        "DE", START, START + timedelta(hours=20)
    )
    assert len(series.values) == 20
    assert "repaired DE: missing: interpolated (1 period)" in caplog.text


def test_hours_that_the_service_does_not_have_yet_are_missing(
    httpserver: HTTPServer, reach: Callable[..., Service]
) -> None:
    httpserver.expect_request("/v3/carbon-intensity/past-range").respond_with_handler(late)
    handling = Handling(missing="interpolate")
    with pytest.raises(InvalidInput, match="2026-01-01T22:00:00Z to 2026-01-01T23:00:00Z: no row"):
        reach("electricity-maps", handling).history("DE", START, START + timedelta(days=1))


def test_an_empty_span_is_refused(reach: Callable[..., Service]) -> None:
    with pytest.raises(UsageError, match="nothing lies between"):
        reach("uk").history("GB", START, START)


def test_an_unknown_service_is_named(reach: Callable[..., Service]) -> None:
    with pytest.raises(UsageError, match="no service 'entsoe': there are electricity-maps, watttime, uk"):
        reach("entsoe")


def test_an_address_with_a_password_is_refused(reach: Callable[..., Service], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UK_CARBON_INTENSITY_URL", f"http://me:{SECRET}@localhost")
    with pytest.raises(UsageError, match="UK_CARBON_INTENSITY_URL") as raised:
        reach("uk")
    assert SECRET not in str(raised.value)


def test_without_the_libraries_the_extra_is_named(
    reach: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planner.extras.find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"needs httpx, tenacity: pip install 'planner\[data\]'"):
        reach("uk")
