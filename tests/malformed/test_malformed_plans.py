"""Broken plan files: exit code 3 and the JSON pointer; a bad plan in a good file is the judge's business."""

import copy
import json

import pytest

from planner.domain.instance import Instance, Job
from planner.io.instances import instance_sha256, save_instance

MISSING = object()


@pytest.fixture
def problem(two_hours) -> Instance:
    """`two_hours` and a job in its second hour."""
    return two_hours.replace(jobs=(Job("job", "work", "home", 1, 1, requests=2),))


@pytest.fixture
def document(problem):
    """A plan as other software would write it: by the published schema, with nothing but what is required."""
    return {
        "schema": "planner.plan/1",
        "instance": {"name": "two-hours", "sha256": instance_sha256(problem)},
        "names": {"workloads": ["work"], "origins": ["home"], "pools": ["here"], "variants": {"work": ["only"]}},
        "served": {
            "workload": [0, 0],
            "origin": [0, 0],
            "release": [0, 1],
            "job": [None, "job"],
            "pool": [0, 0],
            "variant": [0, 0],
            "period": [1, 1],
            "share": [1.0, 1],
        },
        "missed": {"workload": [], "origin": [], "release": [], "share": []},
        "hour_map": {"all": ["here", "here"]},
        "multipliers": {
            "capacity": {"here": [0.0, 0.0]},
            "slo": {},
            "caps": {"carbon_kg": 0},
            "cuts": [{"regions": ["here"], "first": 0, "last": 1, "multiplier": 0.0}],
            "batches": {"work": {"home": [-0.5, 0.0]}},
        },
    }


@pytest.fixture
def check(problem, document, planner, tmp_path):
    """`planner check` of the document with another value at a place."""
    save_instance(problem, tmp_path / "instance.json")

    def run(place=None, value=None):
        changed = copy.deepcopy(document)
        if place:
            *path, last = [int(x) if x.isdecimal() else x for x in place.split("/")[1:]]
            target = changed
            for key in path:
                target = target[key]
            if value is MISSING:
                del target[last]
            else:
                target[last] = value
        (tmp_path / "plan.json").write_text(json.dumps(changed), encoding="utf-8")
        return planner("check", tmp_path / "instance.json", tmp_path / "plan.json")

    return run


def test_a_plan_of_other_software_is_judged_good(check):
    ran = check("/hour_map", None)
    assert (ran.code, ran.err) == (0, "")


CASES = {
    "an instance": ("/schema", "planner.instance/1", "/schema", "'planner.plan/1'"),
    "another instance": ("/instance/sha256", "0" * 64, "/instance/sha256", "this is of another"),
    "no hash": ("/instance/sha256", "abc", "/instance/sha256", "a text that matches pattern"),
    "no columns": ("/served", MISSING, "/served", "the key 'served'"),
    "no column": ("/served/share", MISSING, "/served/share", "the key 'share'"),
    "unknown column": ("/served/shares", [], "/served/shares", "did you mean 'share'?"),
    "short column": ("/served/share", [1.0], "/served/share", "expected 2 values"),
    "column as text": ("/served/pool", "00", "/served/pool", "expected an array"),
    "short column of jobs": ("/served/job", [None], "/served/job", "an array of 2 values"),
    "share as text": ("/served/share/0", "all", "/served/share/0", "expected a number"),
    "share without value": ("/served/share/0", float("nan"), "/served/share/0", "found NaN"),
    "half an index": ("/served/pool/1", 0.5, "/served/pool/1", "a whole number"),
    "index beyond the names": ("/served/pool/1", 1, "/served/pool/1", "at most 0"),
    "negative index": ("/served/origin/0", -1, "/served/origin/0", "at least 0"),
    "variant beyond the names": ("/served/variant/1", 1, "/served/variant/1", "at most 0"),
    "half a period": ("/served/period/1", 0.5, "/served/period/1", "a whole number"),
    "batch without requests": ("/served/job", [None, None], "/served/release/1", "a batch of the instance"),
    "release after the end": ("/served/release/0", 9, "/served/release/0", "a batch of the instance"),
    "unknown job": ("/served/job/1", "jib", "/served/job/1", "did you mean 'job'?"),
    "job as number": ("/served/job/1", 0, "/served/job/1", "null or a job"),
    "job with another release": ("/served/release/1", 0, "/served/release/1", "a batch of the instance"),
    "missed batch that is none": (
        "/missed",
        {"workload": [0], "origin": [0], "release": [1], "share": [1]},
        "/missed/release/0",
        "a batch of the instance",
    ),
    "unknown workload": ("/names/workloads/0", "werk", "/names/workloads/0", "did you mean 'work'?"),
    "unknown pool": ("/names/pools/0", "there", "/names/pools/0", "the pool 'there'"),
    "unknown variant": ("/names/variants/work/0", "big", "/names/variants/work/0", "one of 'only'"),
    "variants of no workload": ("/names/variants/x", [], "/names/variants/x", "the workload 'x'"),
    "name twice": ("/names/pools", ["here", "here"], "/names/pools/1", "every name once"),
    "servers of one hour": ("/servers", {"here": [1]}, "/servers/here", "expected 2 values"),
    "servers of no pool": ("/servers", {}, "/servers", "no key 'here'"),
    "servers as text": ("/servers", {"here": [1, "1"]}, "/servers/here/1", "expected a number"),
    "map of one hour": ("/hour_map", {"all": ["here"]}, "/hour_map/all", "an array of 2 region names"),
    "map of an unknown region": ("/hour_map", {"all": ["here", "her"]}, "/hour_map/all/1", "did you mean 'here'?"),
    "map by workload": ("/hour_map", {"work": ["here", "here"]}, "/hour_map/work", "one of 'all'"),
    "objective in part": ("/objective", {"total": 1}, "/objective/carbon_kg", "the key 'carbon_kg'"),
    "bound as text": ("/bounds", {"certified": "1"}, "/bounds/certified", "number"),
    "multiplier without value": ("/multipliers/capacity/here/0", None, "/multipliers/capacity/here/0", "a number"),
    "multipliers of an unknown pool": ("/multipliers/capacity/p", [0, 0], "/multipliers/capacity/p", "'here'"),
    "multiplier of an unknown cap": ("/multipliers/caps/water", 1, "/multipliers/caps/water", "'carbon_kg'"),
    "multiplier of an unknown workload": ("/multipliers/slo/x", 1, "/multipliers/slo/x", "'work'"),
    "prices from after the end": ("/multipliers/fleet", {"2": [1]}, "/multipliers/fleet/2", "0 to 1"),
    "prices from before the start": ("/multipliers/fleet", {"-1": [1]}, "/multipliers/fleet/-1", "0 to 1"),
    "prices from a far period": ("/multipliers/fleet", {"9" * 10: [1]}, "/multipliers/fleet/9999999999", "0 to 1"),
    "prices beyond the end": ("/multipliers/fleet", {"1": [1, 1]}, "/multipliers/fleet/1", "at most 1"),
    "price without value": ("/multipliers/fleet", {"1": [None]}, "/multipliers/fleet/1/0", "a number"),
    "fleet of one hour": ("/multipliers/fleet", [1], "/multipliers/fleet", "expected 2 values"),
    "batches of an unknown workload": ("/multipliers/batches", {"x": {}}, "/multipliers/batches/x", "'work'"),
    "batches of an unknown origin": ("/multipliers/batches/work/x", [0, 0], "/multipliers/batches/work/x", "'home'"),
    "batches of one hour": ("/multipliers/batches/work/home", [1], "/multipliers/batches/work/home", "2 values"),
    "batches beyond the end": (
        "/multipliers/batches/work/home",
        {"1": [1, 1]},
        "/multipliers/batches/work/home/1",
        "at most 1",
    ),
    "batch without a price": (
        "/multipliers/batches/work/home/1",
        float("nan"),
        "/multipliers/batches/work/home/1",
        "found NaN",
    ),
    "batches by workload alone": ("/multipliers/batches/work", [0, 0], "/multipliers/batches/work", "an object"),
    "cut of an unknown region": ("/multipliers/cuts/0/regions/0", "x", "/multipliers/cuts/0/regions/0", "'here'"),
    "cut beyond the end": ("/multipliers/cuts/0/last", 2, "/multipliers/cuts/0", "an interval within 0 to 1"),
    "cut that ends before it begins": ("/multipliers/cuts/0/first", 2, "/multipliers/cuts/0", "an interval"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_broken_plan_file(case, check, tmp_path):
    place, value, where, said = CASES[case]
    ran = check(place, value)
    assert (ran.code, ran.out) == (3, "")
    assert f"{tmp_path / 'plan.json'}: {where}: found " in ran.err
    assert said in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("/served/share/0", -0.5),
        ("/served/share/0", 2),
        ("/served/period/0", 7),
        ("/served/period/0", -1),
        ("/multipliers/capacity/here", [-1, 0]),
        ("/bounds", {"certified": 1e6}),
    ],
)
def test_a_bad_plan_in_a_good_file_is_judged(place, value, check):
    assert check(place, value).code == 1
