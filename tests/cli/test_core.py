"""solve, bound, check, doctor, verify-library: answers, exit codes, what goes where."""

import gzip
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import planner as package
from planner.cli import common, library_table
from planner.cli.library_table import COLUMNS
from planner.domain.instance import Instance
from planner.errors import InvalidInput, LimitReached, NetworkError
from planner.io.instances import save_instance
from tests.conftest import Ran

Planner = Callable[..., Ran]
COMMON = {"schema", "instance", "status", "objective", "bounds", "gap", "violations", "seconds", "warnings", "versions"}


@pytest.fixture
def plan_file(planner: Planner, two_hours_file: Path, tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    assert planner("solve", two_hours_file, "-o", path).code == 0
    return path


@pytest.fixture
def failing_solve(planner: Planner, two_hours_file: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """`solve` where the oracle raises an error."""

    def run(error: BaseException, *options: str) -> Ran:
        def fail(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr("planner.solve.oracle.solve", fail)
        return planner("solve", two_hours_file, *options)

    return run


def tampered(path: Path, change: Callable[[Any], None]) -> Path:
    """A plan file with something changed."""
    document = json.loads(path.read_text())
    change(document)
    other = path.with_name("tampered.json")
    other.write_text(json.dumps(document))
    return other


def test_solve_tells_people_the_optimum(planner: Planner, two_hours_file: Path) -> None:
    ran = planner("solve", two_hours_file)
    assert ran.code == 0
    assert ran.err == ""
    lines = ran.out.splitlines()
    assert lines[0] == "two-hours: optimal, stopped because converged"
    assert "objective   0.1" in lines
    assert "certified   0.1  gap 0 %" in lines


def test_solve_answers_in_one_json_document(planner: Planner, two_hours_file: Path) -> None:
    ran = planner("solve", two_hours_file, "--json")
    answer = json.loads(ran.out)
    assert {*COMMON, "formulation", "size", "peak_rss_mb"} <= answer.keys()
    assert answer["schema"] == "planner.solve/1"
    assert answer["instance"].keys() == {"name", "sha256"}
    assert answer["status"] == "optimal"
    assert answer["objective"]["total"] == pytest.approx(0.1, rel=1e-9)
    assert answer["gap"] == {"certified": pytest.approx(0, abs=1e-9), "solver": pytest.approx(0, abs=1e-9)}
    assert answer["size"].keys() == {"options", "columns", "rows", "nonzeros"}
    assert {"read", "options", "build", "translate", "solve", "verify", "total"} <= answer["seconds"].keys()
    assert answer["versions"].keys() == {"planner", "pyomo", "highspy", "python"}


def test_a_stored_plan_is_good_and_starts_another_solve(
    planner: Planner, two_hours_file: Path, plan_file: Path
) -> None:
    ran = planner("check", two_hours_file, plan_file)
    assert ran.code == 0
    assert ran.out.startswith("two-hours: no violation\nobjective   0.1\n")
    assert planner("solve", two_hours_file, "--start", plan_file).code == 0


def test_check_of_a_tampered_plan(planner: Planner, two_hours_file: Path, plan_file: Path) -> None:
    def claim(document: Any) -> None:
        document["objective"]["parts"]["O1"] /= 2

    ran = planner("check", two_hours_file, tampered(plan_file, claim), "--json")
    assert ran.code == 1
    answer = json.loads(ran.out)
    assert [v["rule"] for v in answer["violations"]] == ["O1"]
    assert answer["status"] == "infeasible"
    assert answer["gap"] == {"certified": None, "solver": None}


@pytest.mark.parametrize("which", ["certified", "solver"])
def test_check_refuses_a_raised_bound(which: str, planner: Planner, two_hours_file: Path, plan_file: Path) -> None:
    def raise_it(document: Any) -> None:
        document["bounds"][which] = 0.2

    ran = planner("check", two_hours_file, tampered(plan_file, raise_it))
    assert ran.code == 1
    assert "1 violation\n  (bound)" in ran.out


def test_check_of_another_instances_plan(
    planner: Planner, two_hours: Instance, plan_file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.json"
    save_instance(two_hours.replace(rtt_ms=two_hours.rtt_ms + 1), other)
    ran = planner("check", other, plan_file)
    assert ran.code == InvalidInput.exit_code
    assert ran.err.startswith(f"planner: {plan_file}: /instance/sha256")


def test_a_bound_and_its_certificate(planner: Planner, two_hours_file: Path, tmp_path: Path) -> None:
    certificate = tmp_path / "certificate.json"
    ran = planner("bound", two_hours_file, "--json", "-o", certificate)
    assert ran.code == 0
    assert json.loads(ran.out)["bounds"]["certified"] == pytest.approx(0.1, rel=1e-9)
    checked = planner("check", two_hours_file, certificate, "--json")
    assert checked.code == 0
    assert json.loads(checked.out)["bounds"]["certified"] == pytest.approx(0.1, rel=1e-9)

    def raise_it(document: Any) -> None:
        document["bounds"]["certified"] *= 1.01

    def negate(document: Any) -> None:
        document["multipliers"]["capacity"] = {"here": [-1.0, 0.0]}

    for change, rule in ((raise_it, "bound"), (negate, "multiplier")):
        refused = planner("check", two_hours_file, tampered(certificate, change), "--json")
        assert refused.code == 1
        assert [v["rule"] for v in json.loads(refused.out)["violations"]] == [rule]


def test_a_rounded_certificate_is_shorter_and_claims_what_it_proves(planner: Planner, tmp_path: Path) -> None:
    exact, short = tmp_path / "exact.json", tmp_path / "short.json"
    for path, options in ((exact, ()), (short, ("--digits", "3"))):
        assert planner("bound", "tiny/capacity-split", "-o", path, *options).code == 0
    values = [json.loads(path.read_text())["bounds"]["certified"] for path in (exact, short)]
    assert values == [pytest.approx(1.4, rel=1e-9), pytest.approx(1.39952, rel=1e-9)]
    assert json.loads(short.read_text())["multipliers"]["capacity"] == {"clean": [2.78e-05]}
    ran = planner("check", "tiny/capacity-split", short)
    assert (ran.code, ran.out) == (0, "tiny/capacity-split: no plan is below 1.39952 (certified)\n")


def test_check_in_rational_numbers(planner: Planner, two_hours_file: Path, plan_file: Path, tmp_path: Path) -> None:
    ran = planner("check", two_hours_file, plan_file, "--exact", "--json")
    assert ran.code == 0
    found = json.loads(ran.out)["exact"]
    assert found["objective"] == {"value": pytest.approx(0.1, rel=1e-12), "error": pytest.approx(0, abs=1e-12)}
    assert found["bound"]["value"] == pytest.approx(0.1, rel=1e-9)
    assert -1e-9 < found["bound"]["error"] <= 0
    told = planner("check", two_hours_file, plan_file, "--exact").out.splitlines()
    assert [line.split()[:2] for line in told[-2:]] == [["exactly", "objective"], ["exactly", "bound"]]
    certificate = tmp_path / "certificate.json"
    planner("bound", two_hours_file, "-o", certificate)
    assert set(json.loads(planner("check", two_hours_file, certificate, "--exact", "--json").out)["exact"]) == {"bound"}


def test_a_judge_that_errs_is_found_out_by_rational_numbers(
    planner: Planner, two_hours_file: Path, plan_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planner.cli.exactly.exact_objective", lambda *_: Fraction(1, 9))
    monkeypatch.setattr("planner.cli.exactly.exact_bound", lambda *_: Fraction(1, 11))
    ran = planner("check", two_hours_file, plan_file, "--exact", "--json")
    assert ran.code == 1
    assert [(v["rule"], v["where"]) for v in json.loads(ran.out)["violations"]] == [
        ("exact", "objective"),
        ("exact", "bound"),
    ]


def test_rational_numbers_are_for_small_instances(planner: Planner, two_hours_file: Path, plan_file: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planner.cli.exactly.MOST_OPTIONS", 1)
        ran = planner("check", two_hours_file, plan_file, "--exact")
    assert ran.code == 2
    assert "at most 1 options, this one has 2" in ran.err


def test_an_infeasible_instance(planner: Planner, two_hours: Instance, tmp_path: Path) -> None:
    path = tmp_path / "tight.json"
    save_instance(two_hours.replace(servers=two_hours.servers * 0), path)
    ran = planner("solve", path, "--json")
    assert ran.code == 4
    answer = json.loads(ran.out)
    assert answer["status"] == "infeasible"
    assert answer["objective"] is None
    assert answer["warnings"]
    assert "no plan satisfies the instance" in ran.err
    assert planner("solve", path).out == ""


def test_output_is_written_whole_or_not_at_all(planner: Planner, two_hours_file: Path, tmp_path: Path) -> None:
    ran = planner("solve", two_hours_file, "-o", tmp_path / "absent" / "plan.json")
    assert ran.code == 3
    assert "absent" in ran.err
    written = tmp_path / "plan.json.gz"
    ran = planner("solve", two_hours_file, "-o", written)
    assert ran.err == f"wrote {written}\n"
    assert json.loads(gzip.decompress(written.read_bytes()))["objective"]["total"] == pytest.approx(0.1)


def test_quiet_and_verbose(planner: Planner, two_hours_file: Path, tmp_path: Path) -> None:
    assert planner("solve", two_hours_file, "-q", "-o", tmp_path / "plan.json").err == ""
    assert planner("solve", tmp_path / "none.json", "-q").err != ""
    assert "Traceback" in planner("solve", tmp_path / "none.json", "-v").err
    assert "Traceback" not in planner("solve", tmp_path / "none.json").err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["solv"], 2, "Did you mean 'solve'?"),
        (["solve"], 2, "INSTANCE"),
        (["solve", "FILE", "--gap", "-1"], 2, "--gap"),
        (["solve", "FILE", "--formulation", "bakclog"], 2, "did you mean backlog?"),
        (["solve", "no/such"], 2, "no file and no shipped instance 'no/such'"),
        (["solve", "none.json"], 3, "none.json: file: found nothing at this path"),
        (["check", "FILE", "FILE"], 3, "/schema"),
        (["solve", "half-a-character-\ud800"], 2, r"half-a-character-\ud800"),
    ],
)
def test_exit_codes_say_what_is_wrong(
    arguments: list[str], code: int, words: str, planner: Planner, two_hours_file: Path
) -> None:
    ran = planner(*(two_hours_file if a == "FILE" else a for a in arguments))
    assert ran.code == code
    assert words in ran.err
    assert ran.out == ""


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (LimitReached("no plan in time"), 5, "planner: no plan in time"),
        (LimitReached("no plan in time", 2.5), 5, "planner: no plan in time; no plan is below 2.5 (certified)"),
        (MemoryError(), 5, "planner: out of memory"),
        (NetworkError("no route"), 7, "planner: no route"),
        (PermissionError(13, "Permission denied", "plan.json"), 3, "planner: plan.json: Permission denied"),
        (
            ZeroDivisionError("division by zero"),
            6,
            "internal error: ZeroDivisionError: division by zero; this is a defect",
        ),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_every_error_has_an_exit_code(
    error: BaseException, code: int, words: str, failing_solve: Callable[[BaseException], Ran]
) -> None:
    ran = failing_solve(error)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err


def test_a_limit_is_an_answer_in_json(failing_solve: Callable[..., Ran]) -> None:
    answer = json.loads(failing_solve(LimitReached("no plan in time", 2.5), "--json").out)
    assert (answer["status"], answer["bounds"]["certified"]) == ("limit", 2.5)
    assert answer["warnings"] == ["no plan in time; no plan is below 2.5 (certified)"]


def test_progress_is_for_those_who_look(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(common, "note", lines.append)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    monkeypatch.setattr(common.log, "level", logging.INFO)
    assert common.progress(no_progress=False) is None
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert common.progress(no_progress=True) is None
    show = common.progress(no_progress=False)
    assert show is not None
    for seconds, incumbent in ((0.0, None), (0.1, 3.0), (0.2, 3.0), (1.2, 3.0), (1.3, 2.5)):
        show(seconds, incumbent, 2.0, None if incumbent is None else incumbent / 2 - 1)
    assert [line.split()[0] for line in lines] == ["0.0", "0.1", "1.2", "1.3"]
    assert lines[-1] == "    1.3 s  plan 2.5  bound 2  gap 25 %"


def test_json_holds_no_nan() -> None:
    assert (
        common.to_json({"a": [float("nan"), float("inf"), 1.5], "b": {"c": None}})
        == '{"a": [null, null, 1.5], "b": {"c": null}}'
    )


def test_the_version_has_one_source(planner: Planner) -> None:
    from importlib.metadata import version

    assert planner("--version").out.strip() == package.__version__ == version("planner")


def test_doctor_finds_this_installation_well(planner: Planner) -> None:
    ran = planner("doctor", "--json")
    answer = json.loads(ran.out)
    assert [(c["name"], c["ok"]) for c in answer["checks"]] == [
        ("solver self-test", True),
        ("plug-ins", True),
        ("instances", True),
    ]
    assert ran.code == 0


def test_doctor_tells_of_a_solver_that_errs(planner: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.solve.highs.self_test", lambda: False)
    ran = planner("doctor")
    assert ran.code == 1
    assert "solver self-test  FAILED: wrong optimum" in ran.out


def known_row(plan_file: Path) -> str:
    versions = json.loads(plan_file.read_text())["versions"]
    named = ",".join(versions[name] for name in ("planner", "pyomo", "highspy", "python"))
    return f"mine/two-hours,0.1,0.1,0.1,optimal,{named},some machine,2026-01-01"


@pytest.fixture
def own_library(
    planner: Planner, two_hours: Instance, plan_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A library of one instance and its solution, in the place of the shipped one."""
    for folder in ("instances/mine", "solutions/mine"):
        (tmp_path / folder).mkdir(parents=True)
    save_instance(two_hours, tmp_path / "instances/mine/two-hours.json")
    (tmp_path / "solutions/mine/two-hours.json").write_text(plan_file.read_text())
    (tmp_path / "solutions/best-known.csv").write_text(f"{','.join(COLUMNS)}\n{known_row(plan_file)}\n")
    monkeypatch.setattr("planner.io.library._folder", lambda name: tmp_path / name)
    return tmp_path / "solutions"


def test_verify_library_finds_a_sound_one_sound(planner: Planner, own_library: Path) -> None:
    ran = planner("verify-library")
    assert ran.code == 0
    header, row = (line.split() for line in ran.out.splitlines()[:2])
    assert header == ["instance", "objective", "certified", "gap", "solver", "gap", "verdict"]
    assert row == ["mine/two-hours", "0.1", "0", "%", "0", "%", "ok"]


def test_verify_library_tells_both_gaps(planner: Planner, own_library: Path) -> None:
    path = own_library / "mine/two-hours.json"
    document = json.loads(path.read_text())
    document["bounds"] = {"certified": None, "solver": 0.08}
    path.write_text(json.dumps(document | {"multipliers": None}))
    rewrite(own_library / "best-known.csv", "0.1,0.1,0.1,optimal", "0.1,0.08,,feasible")
    (row,) = json.loads(planner("verify-library", "--json").out)["rows"]
    assert (row["gap"], row["faults"]) == ({"certified": None, "solver": pytest.approx(0.25)}, [])


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda s: rewrite(s / "best-known.csv", "0.1,0.1", "0.1,0.05"), "bound '0.05'"),
        (lambda s: rewrite(s / "best-known.csv", "0.1,0.1", "none,0.1"), "value 'none'"),
        (lambda s: rewrite(s / "best-known.csv", "0.1,optimal", "0.2,optimal"), "certified '0.2'"),
        (lambda s: rewrite(s / "best-known.csv", "optimal", "feasible"), "grade 'feasible'"),
        (lambda s: rewrite(s / "best-known.csv", f",{package.__version__},", ",9.9,"), "planner '9.9'"),
        (lambda s: rewrite(s / "best-known.csv", "some machine", ""), "no machine"),
        (lambda s: rewrite(s / "best-known.csv", "2026-01-01", "yesterday"), "date 'yesterday'"),
        (lambda s: rewrite(s / "best-known.csv", "mine/two-hours", "mine/other"), "not in best-known.csv"),
        (lambda s: (s / "mine/two-hours.json.gz").write_bytes(b""), "found nothing"),
        (lambda s: (s / "mine/notes.txt").write_text("?"), "no shipped instance 'mine/notes.txt'"),
        (lambda s: (s / "mine/two-hours.json").unlink(), "no solution file"),
        (lambda s: rewrite(s / "mine/two-hours.json", '"certified"', '"certifide"'), "/bounds"),
        (lambda s: (s / "mine/two-hours.json").rename(s / "mine/three-hours.json"), "no shipped instance"),
    ],
)
def test_verify_library_finds_what_is_wrong(
    spoil: Callable[[Path], object], words: str, planner: Planner, own_library: Path
) -> None:
    spoil(own_library)
    ran = planner("verify-library", "--json")
    assert ran.code == 1
    faults = [fault for row in json.loads(ran.out)["rows"] for fault in row["faults"]]
    assert any(words in fault for fault in faults)


def test_best_known_needs_its_columns(own_library: Path, planner: Planner) -> None:
    table = own_library / "best-known.csv"
    rewrite(table, ",bound,", ",")
    with pytest.raises(InvalidInput, match="no column bound"):
        library_table.best_known(table)
    table.write_text(f"{','.join(COLUMNS)}\n" + "a/b\n" * 2)
    with pytest.raises(InvalidInput, match="row 3: found 'a/b' twice"):
        library_table.best_known(table)
    (own_library / "best-known.csv").unlink()
    assert planner("verify-library").code == 3


def test_completion_knows_instances_and_formulations() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "planner"],
        env={
            **os.environ,
            "_PLANNER_COMPLETE": "complete_bash",
            "COMP_WORDS": "planner solve x --formulation ",
            "COMP_CWORD": "4",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["auto", "backlog", "time-indexed"]
