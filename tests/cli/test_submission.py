"""`submission`: what is better is accepted, and whatever is wrong is refused for exactly that."""

import csv
import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner.cli.library_table import COLUMNS
from tests.conftest import ROOT, Ran

SPLIT = "tiny/capacity-split"
HOSTILE = "submissions/$(touch pwned) b.json"
WORKFLOW = ROOT / ".github" / "workflows" / "submission.yml"
Submit = Callable[..., tuple[int, dict[str, Any]]]
Change = Callable[[dict[str, Any]], Any]


def stored(name: str = SPLIT) -> dict[str, Any]:
    """The library's own plan, with all that it claims."""
    document: dict[str, Any] = json.loads(gzip.decompress((ROOT / f"solutions/{name}.json.gz").read_bytes()))
    return document


def bare(name: str = SPLIT) -> dict[str, Any]:
    """The same plan without claims, as other software would write it."""
    return {k: v for k, v in stored(name).items() if k not in ("objective", "bounds", "gap", "multipliers")}


@pytest.fixture
def submit(planner: Callable[..., Ran], tmp_path: Path) -> Submit:
    """Exit code and verdict of a document, or of bytes."""

    def run(document: Any, *options: str, name: str = "theirs.json") -> tuple[int, dict[str, Any]]:
        path = tmp_path / name
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        ran = planner("submission", path, "--json", *options)
        return ran.code, json.loads(ran.out)

    return run


@pytest.fixture
def beatable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library whose plan of `SPLIT` and whose proof can be bettered: 1.7 kg, where 1.4 is best."""
    row = dict.fromkeys(COLUMNS, "") | {"instance": SPLIT, "value": "1.7", "bound": "1.3", "certified": "1.2"}
    table = tmp_path / "solutions" / "best-known.csv"
    table.parent.mkdir()
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerow(row | {"grade": "feasible", "planner": "0.0.1", "machine": "theirs", "date": "2025-01-01"})
    monkeypatch.setattr("planner.io.library._folder", lambda name: (tmp_path if name == "solutions" else ROOT) / name)
    return table


def test_a_better_plan_is_accepted(beatable: Path, submit: Submit) -> None:
    code, ruling = submit(bare())
    assert (code, ruling["status"], ruling["reasons"], ruling["instance"]) == (0, "accepted", [], SPLIT)
    assert ruling["value"] == {"found": pytest.approx(1.4), "known": 1.7, "word": "better"}
    assert ruling["bound"]["word"] == "none"
    assert ruling["changes"]["value"] == {"from": "1.7", "to": repr(ruling["value"]["found"])}
    assert set(ruling["changes"]) == {"value", "planner", "pyomo", "highspy", "python", "machine", "date"}


def test_a_better_bound_is_accepted(beatable: Path, submit: Submit) -> None:
    document = stored()
    code, ruling = submit(
        {
            "schema": "planner.certificate/1",
            "instance": document["instance"],
            "bounds": {"certified": None, "solver": None},
            "multipliers": document["multipliers"],
        }
    )
    assert (code, ruling["status"], ruling["value"]["word"]) == (0, "accepted", "none")
    assert ruling["bound"] == {"found": pytest.approx(1.4), "known": 1.2, "word": "better"}
    assert set(ruling["changes"]) == {"bound", "certified", "date"}


def test_plan_and_proof_together_are_graded(beatable: Path, submit: Submit) -> None:
    _, ruling = submit(stored())
    assert ruling["changes"]["grade"] == {"from": "feasible", "to": "optimal"}


def test_a_bound_below_the_solvers_still_counts(beatable: Path, submit: Submit) -> None:
    document = bare() | {"multipliers": {"capacity": {"clean": [1.7e-5]}}}  # proves 1.24
    document["served"]["share"] = [0.1, 0.9]  # 1.9 kg
    _, ruling = submit(document)
    assert (ruling["value"]["word"], ruling["bound"]["word"], set(ruling["changes"])) == (
        "worse",
        "better",
        {"certified", "date"},
    )


@pytest.mark.parametrize(("share", "word"), [([0.6, 0.4], "equal"), ([0.5, 0.5], "worse")])
def test_what_is_not_better_is_refused(share: list[float], word: str, submit: Submit) -> None:
    document = bare()
    document["served"]["share"] = share
    code, ruling = submit(document)
    assert (code, ruling["status"], ruling["changes"]) == (1, "refused", {})
    assert ruling["reasons"] == [f"not better than the library: objective {word}, certified bound none"]


def test_what_tolerances_hide_is_no_gain(submit: Submit) -> None:
    document = bare()
    document["served"]["share"] = [0.6 * (1 + 9e-7), 0.4 - 5.4e-7]  # the judge takes this for six servers
    code, ruling = submit(document)
    assert ruling["value"]["found"] < ruling["value"]["known"]
    assert (code, ruling["value"]["word"]) == (1, "equal")


def put(*path: Any, to: Any) -> Change:
    """Set what lies at a path of keys and indices."""

    def change(document: dict[str, Any]) -> None:
        at: Any = document
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = to

    return change


BROKEN_PLANS = [
    ("M0", "tiny/residency", put("served", "pool", to=[0, 0])),
    ("M0", "tiny/hard-slo", put("served", "pool", to=[0, 0])),
    ("M0", "tiny/waiting", put("served", "period", to=[2])),
    ("M1", SPLIT, put("served", "share", to=[0.6, 0.3])),
    ("M1", SPLIT, put("served", "share", to=[0.6, 0.5])),
    ("M2", SPLIT, put("served", "share", to=[0.7, 0.3])),
    ("M3", SPLIT, put("servers", to={"clean": [9], "dirty": [9]})),
    ("M3b", "tiny/fleet-limit", lambda d: [d[key].update(dirty=[1, 0]) for key in ("servers", "started")]),
    ("M4", "tiny/fleet-limit", put("started", "clean", to=[2, 0])),
    ("M5", "tiny/min-uptime", put("servers", "flat", to=[1, 0, 0])),
    ("M10", "tiny/map-fixed", put("hour_map", "all", 3, to="early")),
    ("M11", "tiny/slo-budget", put("served", "share", to=[0.5, 0.5])),
    ("M12", "tiny/cost-cap", put("served", "share", to=[0.6, 0.4])),
]  # fmt: skip
FALSE_CLAIMS = [
    ("O1", SPLIT, put("objective", "parts", "O1", to=1.3)),
    ("objective", SPLIT, put("objective", "total", to=1.3)),
    ("bound", SPLIT, put("bounds", "certified", to=1.41)),
    ("bound", SPLIT, put("bounds", "solver", to=1.41)),
    ("bound", SPLIT, lambda d: d.pop("multipliers")),
    ("multiplier", SPLIT, put("multipliers", "capacity", "clean", to=[-1e-5])),
]


@pytest.mark.parametrize(("rule", "name", "change"), BROKEN_PLANS)
def test_a_plan_that_breaks_a_rule_is_refused_for_exactly_that(
    rule: str, name: str, change: Change, submit: Submit
) -> None:
    document = bare(name)
    change(document)
    refused_for(rule, submit(document))


@pytest.mark.parametrize(("rule", "name", "change"), FALSE_CLAIMS)
def test_a_false_claim_is_refused_for_exactly_that(rule: str, name: str, change: Change, submit: Submit) -> None:
    document = stored(name)
    change(document)
    refused_for(rule, submit(document))


def refused_for(rule: str, verdict: tuple[int, dict[str, Any]]) -> None:
    code, ruling = verdict
    assert (code, ruling["status"], ruling["changes"]) == (1, "refused", {})
    assert {re.match(r"\((\w+)\)", reason)[1] for reason in ruling["reasons"]} == {rule}


def test_a_solvers_bound_above_the_librarys_plan_is_refused(submit: Submit) -> None:
    document = bare() | {"bounds": {"certified": None, "solver": 1.5}}
    document["served"]["share"] = [0.4, 0.6]  # 1.6 kg: the claim alone is consistent
    _, ruling = submit(document)
    assert ruling["reasons"] == ["(bound) 1.5 claimed, but the library's plan has 1.4"]


def test_a_plan_below_the_librarys_bound_is_somebodys_error(beatable: Path, submit: Submit) -> None:
    beatable.write_text(beatable.read_text().replace("1.3", "1.5"))
    code, ruling = submit(bare())
    assert (code, ruling["status"]) == (1, "refused")
    assert "below the library's bound 1.5: report it" in ruling["reasons"][0]


def test_many_reasons_are_cut_short(submit: Submit) -> None:
    document = bare("faas/protocol-week")
    document["served"]["share"] = [-x for x in document["served"]["share"]]
    _, ruling = submit(document)
    assert len(ruling["reasons"]) == 21
    assert ruling["reasons"][-1].endswith("more; `planner check` lists them")


INVALID = [
    (put("served", "share", 0, to=float("nan")), "/served/share/0: found NaN"),
    (put("served", "pool", 0, to=-1), "/served/pool/0"),
    (put("served", "period", 0, to=10**30), "/served/period/0"),
    (put("instance", "sha256", to="0" * 64), f"/instance/sha256: found 000000000000... of instance '{SPLIT}'"),
    (put("instance", "name", to="tiny/one-hour"), "/instance/sha256"),
    (put("instance", "name", to="../../secrets"), "expected a shipped instance"),
    (put("instance", "name", to=["tiny"]), "/instance/name: found an array"),
    (put("instance", to="tiny"), "/instance/name: found null"),
    (put("command", to="rm -rf /"), "/command: found the unknown key"),
    (put("multipliers", "__class__", to={}), "/multipliers/__class__: found the unknown key"),
    (put("schema", to="planner.plan/2"), "/schema"),
    (put("objective", "total", to="1.3"), "/objective/total"),
]


@pytest.mark.parametrize(("change", "words"), INVALID)
def test_a_hostile_document_is_invalid(change: Change, words: str, submit: Submit) -> None:
    document = stored()
    change(document)
    code, ruling = submit(document)
    assert (code, ruling["status"], ruling["changes"]) == (3, "invalid", {})
    assert words in ruling["reasons"][0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "found nothing"),
        (b"\x80\x04K\x01.", "not UTF-8"),  # a pickle
        (b"[" * 100_000, "nested too deeply"),
        (b'{"schema": 1, "schema": 2}', "twice"),
        (b'{"x": 1' + b"0" * 10_000 + b"}", "sensible size"),
        (b'{"instance": {"name": "\\ud800"}}', "half a character"),
        (b"!!python/object/apply:os.system [true]", "valid JSON"),
    ],
)
def test_a_hostile_file_is_invalid(content: bytes, words: str, submit: Submit) -> None:
    code, ruling = submit(content)
    assert (code, ruling["status"]) == (3, "invalid")
    assert words in ruling["reasons"][0]


def test_a_huge_file_is_not_read_to_its_end(submit: Submit) -> None:
    bomb = gzip.compress(b" " * (33 * 2**20), compresslevel=9)
    assert len(bomb) < 100_000
    for options in ((), ("--instance", SPLIT)):
        code, ruling = submit(bomb, *options, name="bomb.json.gz")
        assert (code, ruling["status"]) == (3, "invalid")
        assert "found more than 33554432 bytes" in ruling["reasons"][0]


def test_no_file_and_no_such_instance(planner: Callable[..., Ran], submit: Submit, tmp_path: Path) -> None:
    ran = planner("submission", tmp_path / "none.json")
    assert (ran.code, "nothing at this path" in ran.out) == (3, True)
    assert planner("submission", tmp_path / "none.json", "--instance", "tiny/none").code == 2
    code, ruling = submit(bare(), "--instance", "tiny/one-hour")
    assert (code, ruling["status"]) == (3, "invalid")


def test_what_a_file_says_reaches_no_terminal_as_it_is(
    beatable: Path, planner: Callable[..., Ran], tmp_path: Path
) -> None:
    path = tmp_path / "theirs.json"
    path.write_text(json.dumps(bare() | {"instance": {"name": "x\n::error::\x1b[31m\u202e", "sha256": "0" * 64}}))
    ran = planner("submission", path)
    assert "'x\\n::error::\\x1b[31m\\u202e'" in ran.out
    path.write_text(json.dumps(bare() | {"versions": {"planner": "=cmd|' /C calc'!A0", "highspy": "1.2"}}))
    ran = planner("submission", path)
    assert ("cmd" in ran.out, "highspy: - -> 1.2" in ran.out, "planner: 0.0.1 -> -" in ran.out) == (False, True, True)


def test_text_tells_what_would_change(beatable: Path, planner: Callable[..., Ran]) -> None:
    ran = planner("submission", ROOT / f"solutions/{SPLIT}.json.gz")
    assert ran.code == 0
    first, *lines = ran.out.splitlines()
    assert first.endswith("capacity-split.json.gz: accepted")
    assert lines[:5] == [
        f"instance   {SPLIT}",
        "objective  1.4 (better; library: 1.7)",
        "certified  1.4 (better; library: 1.2)",
        "best-known.csv would change:",
        "  value: 1.7 -> 1.4000000000000001",
    ]


@pytest.fixture
def poor_library(beatable: Path, planner: Callable[..., Ran]) -> Path:
    """`beatable` with the files that its row speaks of: everything in the dirty region but three requests."""
    document = bare() | {
        "bounds": {"certified": 1.2, "solver": 1.3},
        "multipliers": {"capacity": {"clean": [0.2 / 14400]}},
        "versions": {"planner": "0.0.1"},
    }
    document["served"]["share"] = [0.3, 0.7]
    path = beatable.parent / f"{SPLIT}.json.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    ran = planner("verify-library", "--json")
    assert json.loads(ran.out)["rows"][0]["faults"] == []
    return path


@pytest.mark.parametrize("parts", [("plan",), ("proof",), ("plan", "proof")], ids="-".join)
def test_what_is_stored_is_the_better_of_both(
    parts: tuple[str, ...], poor_library: Path, submit: Submit, planner: Callable[..., Ran]
) -> None:
    document = bare() | ({"multipliers": stored()["multipliers"]} if "proof" in parts else {})
    if "plan" not in parts:
        document["served"]["share"] = [0.1, 0.9]
    code, _ = submit(document, "--store")
    (row,) = json.loads(planner("verify-library", "--json").out)["rows"]
    assert (code, row["faults"]) == (0, [])
    kept = json.loads(gzip.decompress(poor_library.read_bytes()))
    assert kept["served"]["share"] == ([0.6, 0.4] if "plan" in parts else [0.3, 0.7])
    assert kept["bounds"]["certified"] == pytest.approx(1.4 if "proof" in parts else 1.2)
    assert kept["bounds"]["solver"] == 1.3
    assert submit(document, "--store")[0] == 1  # the second time it is no news


def test_what_is_refused_is_not_stored(poor_library: Path, submit: Submit) -> None:
    before = poor_library.read_bytes()
    document = bare()
    document["served"]["share"] = [0.7, 0.3]
    assert submit(document, "--store")[0] == 1
    assert poor_library.read_bytes() == before


def script() -> str:
    """What the workflow runs on the files of a pull request."""
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed: the workflow is not run")
    (job,) = yaml.safe_load(WORKFLOW.read_text())["jobs"].values()
    return str(job["steps"][-1]["run"])


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    return subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True, text=True).stdout


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed: the workflow is not run")
@pytest.mark.parametrize(
    ("files", "code", "judged"),
    [
        ({"submissions/a.json": 0}, 0, ["submissions/a.json"]),
        ({"submissions/a.json": 0, HOSTILE: 1}, 1, [HOSTILE, "submissions/a.json"]),
        ({"submissions/notes.txt": 0}, 1, []),
        ({"submissions/a.json": 0, "planner/x.py": 0}, 1, ["submissions/a.json"]),
    ],
)
def test_the_workflow_judges_what_a_pull_request_changes(
    files: dict[str, int], code: int, judged: list[str], tmp_path: Path
) -> None:
    theirs, path = tmp_path / "theirs", tmp_path / "bin"
    theirs.mkdir(), path.mkdir()
    git(theirs, "init", "-q")
    git(theirs, "commit", "-q", "--allow-empty", "-m", "base")
    base = git(theirs, "rev-parse", "HEAD").strip()
    for name, outcome in files.items():
        (theirs / name).parent.mkdir(exist_ok=True)
        (theirs / name).write_text(str(outcome))
    git(theirs, "add", "."), git(theirs, "commit", "-q", "-m", "theirs")
    stand_in = path / "planner"  # notes what it is asked, and says what the file holds
    stand_in.write_text('#!/bin/sh\nprintf "%s\\n" "$2" >> "$CALLS"\nexit "$(cat "$2")"\n')
    stand_in.chmod(0o755)
    calls = tmp_path / "calls"
    calls.touch()
    environment = {"PATH": f"{path}:/usr/bin:/bin", "BASE": base, "HEAD": "HEAD", "CALLS": str(calls)}
    ran = subprocess.run(["bash", "-e", "-c", script()], cwd=tmp_path, env=environment, check=False)
    assert ran.returncode == code
    assert calls.read_text().split("\n")[:-1] == [f"theirs/{name}" for name in judged]
    assert not list(tmp_path.rglob("pwned"))
