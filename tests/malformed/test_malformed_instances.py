"""Broken instance files: exit code 3, the JSON pointer, what was expected; never a traceback."""

import copy
import gzip
import json

import pytest

from planner.cli.main import main

GOOD = {
    "schema": "planner.instance/1",
    "name": "good",
    "start": "2026-01-01T00:00:00Z",
    "step_minutes": 60,
    "times": ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z"],
    "regions": [
        {"name": "GB", "grid_zone": "GB", "pue": 1.1, "latitude": 51.5, "longitude": -0.1},
        {"name": "DE/x", "grid_zone": "DE"},
    ],
    "pools": [
        {"name": "p", "region": "GB", "hardware": "gpu", "idle_w": 100, "peak_w": 400, "startup_wh": 5},
        {"name": "q", "region": "DE/x", "hardware": "gpu"},
    ],
    "origins": ["London", "Berlin"],
    "workloads": [
        {
            "name": "chat",
            "slo_ms": 200,
            "max_violation": 0.05,
            "slack_periods": 1,
            "allowed_regions": ["GB", "DE/x"],
            "variants": [
                {
                    "name": "8b",
                    "profiles": {
                        "gpu": {
                            "service_ms_mean": 40,
                            "service_ms_sd": 5,
                            "server_seconds_per_request": 0.05,
                            "energy_j_per_request": 10,
                        }
                    },
                }
            ],
        }
    ],
    "carbon_kind": {"signal": "average", "scope": "direct", "basis": "consumption"},
    "carbon_intensity_g_per_kwh": {"GB": [200, 180.5, 190], "DE/x": [400, 350, 300]},
    "rtt_ms": {"London": {"GB": 5, "DE/x": 25}, "Berlin": {"GB": 25, "DE/x": 5}},
    "requests": {"chat": {"London": [3, 0, 1], "Berlin": [0, 2, 0]}},
    "jobs": [{"name": "j", "workload": "chat", "origin": "London", "release": 0, "deadline": 2, "length": 2}],
    "servers": {"p": 4, "q": [2, 3, 2]},
    "provisioning": True,
    "fleet_limit": 6,
    "price_usd_per_kwh": {"GB": [0.1, -0.1, 0.2], "DE/x": [0.3, 0.2, 0.1]},
    "network_kwh_per_gb": {"London": {"GB": 0, "DE/x": 0.01}, "Berlin": {"GB": 0.01, "DE/x": 0}},
    "jitter_sd_ms": 3,
    "forecast": {
        "issued": [0, 2],
        "carbon_intensity_g_per_kwh": {"GB": [[200, 190], [191, 185]], "DE/x": [[400, 340], [310, 300]]},
    },
    "request_log": {"origin": [0, 0, 0, 1, 1, 0], "workload": [0, 0, 0, 0, 0, 0]},
    "weights": {"miss_weight": 1},
    "grace_periods": 1,
    "caps": {"carbon_kg": 1000},
    "hour_map": {"max_switches": 2},
    "notes": ["made up"],
}

MISSING = object()
PROFILE = "/workloads/0/variants/0/profiles/gpu"
CARBON = "/carbon_intensity_g_per_kwh"
HUGE = 10**400

# what stands at a place instead (or MISSING), the pointer of the error, what the message says
CASES = {
    # keys
    "missing key": ("/rtt_ms", MISSING, "/rtt_ms", "found nothing; expected the key 'rtt_ms'"),
    "missing nested key": ("/jobs/0/deadline", MISSING, "/jobs/0/deadline", "expected the key 'deadline'"),
    "unknown key": ("/region", [], "/region", "did you mean 'regions'?"),
    "unknown nested key": (PROFILE + "/energy", 1, PROFILE + "/energy", "'energy_j_per_request'"),
    "wrong unit": (
        "/carbon_intensity_lbs_per_mwh",
        {},
        "/carbon_intensity_lbs_per_mwh",
        "'carbon_intensity_g_per_kwh', in g per kwh: wrong unit, multiply by 0.453592",
    ),
    "wrong unit of power": ("/pools/0/idle_kw", 0.1, "/pools/0/idle_kw", "multiply by 1000"),
    "wrong unit of energy": (PROFILE + "/energy_wh_per_request", 1, PROFILE + "/energy_wh_per_request", "3600"),
    # the schema
    "no schema": ("/schema", MISSING, "/schema", "expected 'planner.instance/1'"),
    "a plan": ("/schema", "planner.plan/1", "/schema", "expected 'planner.instance/1'"),
    "newer schema": ("/schema", "planner.instance/9", "/schema", "upgrade planner"),
    # types
    "number as text": (CARBON + "/GB/1", "180", CARBON + "/GB/1", "the text '180'; expected a number"),
    "boolean as number": (CARBON + "/GB/1", True, CARBON + "/GB/1", "found true; expected a number"),
    "null in a series": (CARBON + "/GB/1", None, CARBON + "/GB/1", "found null; expected a number"),
    "series as text": (CARBON + "/GB", "1,2,3", CARBON + "/GB", "expected an array"),
    "series as number": (CARBON + "/DE~1x", 7, CARBON + "/DE~1x", "found 7; expected an array of numbers"),
    "scalar as text": ("/jitter_sd_ms", "3", "/jitter_sd_ms", "found the text '3'; expected a number"),
    "scalar as boolean": ("/jitter_sd_ms", True, "/jitter_sd_ms", "found true; expected a number"),
    "flag as number": ("/provisioning", 1, "/provisioning", "found 1; expected true or false"),
    "half a period": ("/grace_periods", 1.5, "/grace_periods", "found 1.5; expected a whole number"),
    "list as object": ("/regions", {"GB": {}}, "/regions", "found an object; expected an array"),
    "empty list": ("/regions", [], "/regions", "at least 1 item"),
    "empty name": ("/pools/0/name", "", "/pools/0/name", "at least 1 character"),
    # numbers that are none
    "NaN": (CARBON + "/GB/2", float("nan"), CARBON + "/GB/2", "found NaN; expected a number"),
    "infinite": (CARBON + "/GB/2", float("inf"), CARBON + "/GB/2", "found Infinity"),
    "NaN scalar": ("/rtt_ms/London/GB", float("nan"), "/rtt_ms/London/GB", "found NaN; expected a finite number"),
    "huge integer": (CARBON + "/GB/0", HUGE, CARBON + "/GB/0", "more than 20 digits; expected a number"),
    "huge scalar": ("/jitter_sd_ms", HUGE, "/jitter_sd_ms", "more than 20 digits; expected"),
    "huge count": ("/requests/chat/London/0", 2**60, "/requests/chat/London/0", "expected a whole number"),
    "huge servers": ("/servers/p", HUGE, "/servers/p", "expected a whole number"),
    "huge step": ("/step_minutes", HUGE, "/step_minutes", "expected less than or equal to"),
    "huge slack": ("/workloads/0/slack_periods", HUGE, "/workloads/0/slack_periods", "expected"),
    "huge grace": ("/grace_periods", HUGE, "/grace_periods", "expected"),
    "huge job": ("/jobs/0/requests", HUGE, "/jobs/0/requests", "expected"),
    # ranges
    "negative intensity": (CARBON + "/GB/0", -3, CARBON + "/GB/0", "clip negative intensities to 0"),
    "negative servers": ("/servers/q/1", -1, "/servers/q/1", "found -1; expected a whole number of at least 0"),
    "negative constant servers": ("/servers/p", -1, "/servers/p", "found -1; expected a whole number of at least 0"),
    "half a server": ("/servers/q/1", 2.5, "/servers/q/1", "found 2.5; expected a whole number"),
    "half a request": ("/requests/chat/London/2", 0.5, "/requests/chat/London/2", "expected a whole number"),
    "negative requests": ("/requests/chat/Berlin/1", -2, "/requests/chat/Berlin/1", "at least 0"),
    "negative delay": ("/rtt_ms/London/GB", -1, "/rtt_ms/London/GB", "greater than or equal to 0"),
    "efficiency below one": ("/regions/0/pue", 0.9, "/regions/0/pue", "greater than or equal to 1"),
    "utilisation above one": ("/pools/0/target_utilisation", 1.2, "/pools/0/target_utilisation", "less than or equal"),
    "latitude": ("/regions/0/latitude", 91, "/regions/0/latitude", "less than or equal to 90"),
    "job without length": ("/jobs/0/length", 0, "/jobs/0/length", "greater than or equal to 1"),
    "job without requests": ("/jobs/0/requests", 0, "/jobs/0/requests", "greater than or equal to 1"),
    # lengths
    "short carbon": (CARBON + "/DE~1x", [1, 2], CARBON + "/DE~1x", "2 values; expected 3 values, as many as"),
    "no periods": (CARBON + "/GB", [], CARBON + "/GB", "found no values; expected one value per period"),
    "long requests": ("/requests/chat/London", [1] * 4, "/requests/chat/London", "4 values; expected 3 values"),
    "short servers": ("/servers/q", [2], "/servers/q", "1 values; expected 3 values"),
    "short price": ("/price_usd_per_kwh/GB", [0.1], "/price_usd_per_kwh/GB", "expected 3 values"),
    "short fleet limit": ("/fleet_limit", [5, 5], "/fleet_limit", "expected 3 values"),
    # names
    "duplicate region": ("/regions/1/name", "GB", "/regions/1/name", "the name 'GB' again"),
    "duplicate pool": ("/pools/1/name", "p", "/pools/1/name", "the name 'p' again"),
    "duplicate origin": ("/origins/1", "London", "/origins/1", "the name 'London' again"),
    "unknown region of a pool": ("/pools/1/region", "FR", "/pools/1/region", "expected one of 'GB', 'DE/x'"),
    "unknown region of a series": (CARBON + "/FR", [1, 2, 3], CARBON + "/FR", "the region 'FR'"),
    "region without a series": (CARBON + "/DE~1x", MISSING, CARBON, "no key 'DE/x'"),
    "unknown allowed region": (
        "/workloads/0/allowed_regions/1",
        "DEx",
        "/workloads/0/allowed_regions/1",
        "did you mean 'DE/x'?",
    ),
    "no allowed region": ("/workloads/0/allowed_regions", [], "/workloads/0/allowed_regions", "at least 1 item"),
    "unknown hardware": (
        "/workloads/0/variants/0/profiles/cpu",
        GOOD["workloads"][0]["variants"][0]["profiles"]["gpu"],
        "/workloads/0/variants/0/profiles/cpu",
        "the hardware 'cpu'; expected one of 'gpu'",
    ),
    "unknown workload": ("/requests/chatt", {}, "/requests/chatt", "did you mean 'chat'?"),
    "unknown origin": ("/requests/chat/Paris", [1, 1, 1], "/requests/chat/Paris", "the origin 'Paris'"),
    "unknown pool": ("/servers/r", 1, "/servers/r", "the pool 'r'; expected one of 'p', 'q'"),
    "unknown workload of a job": ("/jobs/0/workload", "x", "/jobs/0/workload", "the workload 'x'"),
    "unknown origin of a job": ("/jobs/0/origin", "x", "/jobs/0/origin", "the origin 'x'"),
    "origin without delays": ("/rtt_ms/Berlin", MISSING, "/rtt_ms", "no key 'Berlin'"),
    "pair without a delay": ("/rtt_ms/Berlin/DE~1x", MISSING, "/rtt_ms/Berlin", "no key 'DE/x'"),
    "pair without network energy": ("/network_kwh_per_gb/London/GB", MISSING, "/network_kwh_per_gb/London", "'GB'"),
    # time
    "gap in time": ("/times/2", "2026-01-01T03:00:00Z", "/times/2", "a gap in time; expected '2026-01-01T02:00:00Z'"),
    "repeated time": ("/times/2", "2026-01-01T01:00:00Z", "/times/2", "repeats or goes back"),
    "too few times": ("/times", ["2026-01-01T00:00:00Z"], "/times", "expected 3 times"),
    "times that are none": ("/times/1", 1, "/times/1", "ISO 8601"),
    "local start": ("/start", "2026-01-01T00:00:00", "/start", "add Z if it is UTC"),
    "start in another zone": ("/start", "2026-01-01T02:00:00+02:00", "/start", "this one is 2026-01-01T00:00:00Z"),
    "start that is no time": ("/start", "new year", "/start", "ISO 8601"),
    "start before all zones": ("/start", "0001-01-01T00:00:00+02:00", "/start", "in a year from 1900 to 2200"),
    "start at the end of time": ("/start", "9999-12-31T23:00:00Z", "/start", "in a year from 1900 to 2200"),
    "step that does not divide a day": ("/step_minutes", 7, "/step_minutes", "a divisor of a day"),
    # what contradicts another
    "budget without a share": ("/workloads/0/slo_mode", "budget", "/workloads/0/slo_budget", "slo_mode is 'budget'"),
    "limit of an SLO that is not hard": (
        "/workloads/0/slo_mode",
        "priced",
        "/workloads/0/max_violation",
        "slo_mode 'hard'",
    ),
    "unknown SLO mode": ("/workloads/0/slo_mode", "soft", "/workloads/0/slo_mode", "'hard', 'budget' or 'priced'"),
    "energy that includes idle": (
        PROFILE + "/energy_j_per_request",
        16,
        PROFILE + "/energy_j_per_request",
        "at most 15 J, as pool 'p' has 300 W above idle (give the energy above idle)",
    ),
    "peak below idle": ("/pools/0/peak_w", 50, "/pools/0/peak_w", "at least idle_w"),
    "provisioning without servers": ("/servers/q", MISSING, "/servers/q", "as provisioning is true"),
    "fleet limit without provisioning": ("/provisioning", False, "/fleet_limit", "provisioning true"),
    "deadline after the end": ("/jobs/0/deadline", 3, "/jobs/0/deadline", "at most 2, the last period"),
    "release after the deadline": ("/jobs/0/release", 3, "/jobs/0/release", "found 3, after the deadline"),
    "job that does not fit": ("/jobs/0/length", 4, "/jobs/0/length", "at most 3, from release to deadline"),
    "log that is too short": ("/request_log/origin", [0], "/request_log/origin", "1 values; expected 6 values"),
    "log of another origin": ("/request_log/origin/0", 2, "/request_log/origin/0", "at most 1"),
    "log with another histogram": (
        "/request_log/origin",
        [0, 0, 1, 1, 1, 0],
        "/request_log",
        "2 requests of workload 0 from origin 0 in period 0; expected 3",
    ),
    "forecast issued after the end": ("/forecast/issued/1", 3, "/forecast/issued/1", "at most 2"),
    "forecasts out of order": ("/forecast/issued", [2, 0], "/forecast/issued", "ascending order"),
    "forecast of fewer issues": (
        "/forecast/carbon_intensity_g_per_kwh/GB",
        [[1, 2]],
        "/forecast/carbon_intensity_g_per_kwh/GB",
        "2 arrays",
    ),
    "forecast of another horizon": (
        "/forecast/carbon_intensity_g_per_kwh/DE~1x/1",
        [1],
        "/forecast/carbon_intensity_g_per_kwh/DE~1x/1",
        "expected 2 values, the horizon of the first issue",
    ),
    "negative forecast": (
        "/forecast/carbon_intensity_g_per_kwh/GB/1/0",
        -1,
        "/forecast/carbon_intensity_g_per_kwh/GB/1/0",
        "clip",
    ),
    "forecast without a region": (
        "/forecast/carbon_intensity_g_per_kwh/GB",
        MISSING,
        "/forecast/carbon_intensity_g_per_kwh",
        "no key 'GB'",
    ),
}


def changed(place, value):
    """A copy of the good document with another value at a place, or none."""
    document = copy.deepcopy(GOOD)
    *path, last = [part.replace("~1", "/") for part in place.split("/")[1:]]
    target = document
    for key in path:
        target = target[int(key) if isinstance(target, list) else key]
    key = int(last) if isinstance(target, list) else last
    if value is MISSING:
        del target[key]
    else:
        target[key] = value
    return document


def validate(path, capsys):
    code = main(["instance", "validate", str(path)])
    captured = capsys.readouterr()
    assert captured.out == "" or code == 0
    assert "Traceback" not in captured.err
    return code, captured.err


def test_the_document_that_the_cases_break_is_valid(tmp_path, capsys):
    path = tmp_path / "good.json"
    path.write_text(json.dumps(GOOD), encoding="utf-8")
    assert validate(path, capsys)[0] == 0


@pytest.mark.parametrize("case", CASES)
def test_a_broken_document(case, tmp_path, capsys):
    place, value, where, said = CASES[case]
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(changed(place, value)), encoding="utf-8")
    code, message = validate(path, capsys)
    assert code == 3
    assert f"{path}: {where}: found " in message
    assert said in message


def _gzipped(document):
    return gzip.compress(json.dumps(document).encode())


def _bomb(gigabytes):
    """JSON that begins well and goes on as spaces, as many small gzip members: a megabyte for a gigabyte."""
    return gzip.compress(b'{"schema": ') + gzip.compress(b" " * 2**24) * (64 * gigabytes)


FILES = {
    "empty": ("a.json", b"", "file", "found nothing; expected a JSON object"),
    "spaces": ("a.json", b" \n", "file", "found nothing"),
    "not JSON": ("a.json", b'{"schema": planner}', "line 1 column 12", "expected valid JSON"),
    "cut off": ("a.json", json.dumps(GOOD).encode()[:-40], "line 1 column", "expected valid JSON"),
    "an array": ("a.json", b"[1]", "/", "found an array of 1 values; expected a JSON object"),
    "a number": ("a.json", b"7", "/", "found 7; expected a JSON object"),
    "not UTF-8": ("a.json", '{"name": "Zürich"}'.encode("latin-1"), "byte 11", "expected UTF-8"),
    "UTF-16": ("a.json", '{"name": "x"}'.encode("utf-16"), "byte 0", "expected UTF-8"),
    "half a character": ("a.json", b'{"name": "\\uD83D"}', "file", "half a character; expected whole characters"),
    "half a character in a key": ("a.json", b'{"\\udc00": 1}', "file", "half a character; expected whole characters"),
    "key twice": ("a.json", b'{"schema": "planner.instance/1", "schema": 1}', "/schema", "expected every key once"),
    "deep nesting": ("a.json", b"[" * 200_000 + b"]" * 200_000, "file", "nested too deeply"),
    "deep nesting below a key": (
        "a.json",
        b'{"notes": ' * 100_000 + b"1" + b"}" * 100_000,
        "file",
        "nested too deeply",
    ),
    "endless integer": ("a.json", b'{"jitter_sd_ms": ' + b"9" * 10_000 + b"}", "file", "numbers of a sensible size"),
    "huge exponent": (
        "a.json",
        json.dumps(changed("/jitter_sd_ms", 7)).replace('"jitter_sd_ms": 7', '"jitter_sd_ms": 1e400').encode(),
        "/jitter_sd_ms",
        "found Infinity; expected a finite number",
    ),
    "not gzip": ("a.json.gz", json.dumps(GOOD).encode(), "file", "gzip data, as the name ends in .gz"),
    "gzip without its name": ("a.json", _gzipped(GOOD), "byte 1", "expected UTF-8"),
    "truncated gzip": ("a.json.gz", _gzipped(GOOD)[:-30], "file", "a truncated gzip file"),
    "damaged gzip": ("a.json.gz", _gzipped(GOOD)[:40] + b"\xff" * 40 + _gzipped(GOOD)[80:], "file", "gzip"),
    "gzip with a wrong checksum": ("a.json.gz", _gzipped(GOOD)[:-8] + bytes(8), "file", "gzip data"),
    "empty gzip": ("a.json.gz", gzip.compress(b""), "file", "found nothing"),
    "no bytes of gzip": ("a.json.gz", b"", "file", "found nothing"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_broken_file(case, tmp_path, capsys):
    name, content, where, said = FILES[case]
    path = tmp_path / name
    path.write_bytes(content)
    code, message = validate(path, capsys)
    assert code == 3
    assert f"{path}: {where}" in message
    assert said in message


def test_a_bomb_of_two_gigabytes_is_refused_at_the_limit(tmp_path, capsys):
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(_bomb(2))
    assert path.stat().st_size < 3 * 2**20
    code, message = validate(path, capsys)
    assert code == 3
    assert "more than 268435456 bytes (uncompressed)" in message


def test_a_folder(tmp_path, capsys):
    code, message = validate(tmp_path, capsys)
    assert code == 3
    assert f"{tmp_path}: file: found a folder" in message


def test_a_missing_file(tmp_path, capsys):
    code, message = validate(tmp_path / "gone.json", capsys)
    assert code == 3
    assert "nothing at this path" in message
