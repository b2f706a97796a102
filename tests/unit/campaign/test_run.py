"""Campaigns from the suite to the table: what is stored, taken over, run again, and what goes wrong."""

import csv
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from planner.campaign.collect import collect, tables
from planner.campaign.run import Wanted, run
from planner.campaign.status import seconds_left, status
from planner.campaign.store import Folder
from planner.data.grid import GridSize, grid
from planner.domain.results import Violation
from planner.errors import Infeasible, InvalidInput, MissingExtra, SolverError, UsageError
from planner.io.instances import load_instance, save_instance
from planner.io.plans import load_plan
from planner.metrics.gaps import gap_table
from planner.solve.executors import executor
from planner.solve.oracle import solve
from planner.verify.judge import check
from tests.unit.campaign.conftest import SUITE, Ran


def rows_of(folder: Folder) -> list[dict[str, str]]:
    collect(folder)
    return lines_of(folder, "rows.csv")


def lines_of(folder: Folder, table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(folder.table(table).read_text(encoding="utf-8").splitlines()))


def written(folder: Folder) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (folder.path / "tasks").iterdir()}


def test_every_row_is_verified_and_as_the_table_of_gaps_says(results: Folder) -> None:
    found = rows_of(results)
    assert len(found) == 32
    assert {row["verified"] for row in found} == {"True"}
    instance = load_instance("tiny/waiting")
    expected = gap_table(instance, ["greedy", "wait-awhile"], result=solve(instance))
    for row, stored in zip(expected, found, strict=False):
        assert row.objective is not None
        assert stored["policy"] == row.policy
        assert float(stored["total"]) == row.objective.total
        assert float(stored["gap_to_bound"]) == row.gap_to_bound
        assert float(stored["gap_to_best"]) == row.gap_to_best
    assert [row["policy"] for row in found[:4]] == ["optimum", "greedy", "wait-awhile", "worst"]
    assert found[0]["axis.seed"] == "0"
    assert found[0]["axis.part"] == ""


def test_the_worse_the_forecast_the_larger_its_error(suite: Path, ran: Ran) -> None:
    suite.write_text(SUITE.replace('["persistence", "noisy:error=0.5"]', '["persistence"]').replace(
        "axes.part", 'axes.forecast = ["perfect", "noisy:error=0.1", "noisy:error=0.4"]\naxes.part'
    ))  # fmt: skip
    rows = rows_of(ran(suite, only=(("part", "first"), ("seed", "1")))[0])
    errors = {row["forecast"]: float(row["forecast_wape_24h"]) for row in rows}
    assert errors["perfect"] == 0 < errors["noisy:error=0.1"] < errors["noisy:error=0.4"]


def test_what_is_done_stays_done(suite: Path, ran: Ran) -> None:
    some = {"only": (("part", "last"),)}
    folder, done = ran(suite, **some)
    before = written(folder)
    assert ran(suite, **some)[1] == done
    assert written(folder) == before
    next(iter((folder.path / "tasks").iterdir())).write_text('{"schema": "planner.campaign.task/1", "ta')
    assert ran(suite, **some)[1] == done
    assert sum(written(folder)[name] != time for name, time in before.items()) == 1


def test_rows_that_ask_the_same_are_taken_over(results: Folder) -> None:
    waiting = [line for line in lines_of(results, "timings.csv")[:16] if line["taken_from"]]
    # Four tasks of one instance: anchors and greedy once, wait-awhile once for persistence and once a seed of noise.
    assert Counter(line["policy"] for line in waiting) == {"greedy": 3, "optimum": 3, "wait-awhile": 1, "worst": 3}


def test_a_row_taken_over_is_the_one_a_replay_gives(suite: Path, results: Folder, ran: Ran) -> None:
    alone, _ = ran(suite, into="alone", only=(("forecast", "noisy:error=0.5"), ("seed", "1")))
    key = next(path.stem for path in (alone.path / "tasks").iterdir())
    mine, theirs = alone.finished(key), results.finished(key)
    assert mine is not None
    assert theirs is not None
    assert mine["rows"] == theirs["rows"]


def test_only_some_tasks(suite: Path, ran: Ran) -> None:
    folder, done = ran(suite, only=(("part", "first"), ("seed", "0")))
    assert len(done) == 1
    found = tables(folder)
    assert (len(found.rows), found.missing) == (4, 7)
    with pytest.raises(UsageError, match=r"--only part=middle: expected one of 'first', 'last'"):
        ran(suite, only=(("part", "middle"),))
    with pytest.raises(UsageError, match=r"--only prat=first: expected .*did you mean 'part'"):
        ran(suite, only=(("prat", "first"),))


@pytest.mark.parametrize("name", ["processes", pytest.param("dask", marks=pytest.mark.slow)])
def test_tables_are_the_same_bytes_wherever_tasks_run(name: str, suite: Path, results: Folder, tmp_path: Path) -> None:
    with executor(name) as runs:
        run(suite, tmp_path / name, executor=runs)
    collect(Folder(tmp_path / name))
    for table in ("rows.csv", "rows.parquet"):
        assert results.table(table).read_bytes() == (tmp_path / name / table).read_bytes()


def test_parquet_holds_what_the_csv_holds(results: Folder) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    found = tables(results)
    table = parquet.read_table(results.table("rows.parquet"))
    assert tuple(table.column_names) == found.columns
    assert table.to_pylist() == [{name: row[name] for name in found.columns} for row in found.rows]


def test_without_pyarrow_there_is_the_csv(suite: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _ = ran(suite, only=(("part", "last"),))
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r"planner\[campaign\]"):
        collect(folder)
    assert folder.table("rows.csv").is_file()
    assert not folder.table("rows.parquet").exists()
    assert len(collect(folder, parquet=False)[1]) == 2


def test_what_a_policy_does_wrong_is_in_its_row(suite: Path, policies: Path, ran: Ran) -> None:
    suite.write_text(SUITE.replace('"greedy"', f'"{policies}:Fails", "{policies}:Idle"'))
    folder, done = ran(suite, only=(("part", "first"), ("seed", "0")))
    assert [(told.rows, told.verified, told.errors) for told in done] == [(5, 4, 1)]
    optimum, fails, idle, *_ = rows_of(folder)
    assert "RuntimeError: out of ideas" in fails["error"]
    assert (fails["verified"], fails["gap_to_bound"]) == ("False", "")
    assert (idle["verified"], idle["gap_to_bound"], idle["gap_to_best"], idle["position"]) == ("True", "", "", "")
    assert idle["violations"] == "M1"
    assert optimum["gap_to_best"] == "0.0"


def test_an_instance_without_a_plan_is_a_row(suite: Path, ran: Ran, tmp_path: Path) -> None:
    impossible = grid(GridSize(regions=1, origins=1, hours=3, workloads=1))
    save_instance(impossible.replace(servers=impossible.servers * 0), tmp_path / "impossible.json")
    suite.write_text(SUITE.replace("tiny/waiting", str(tmp_path / "impossible.json")))
    folder, done = ran(suite)
    assert [told.errors for told in done].count(1) == 4
    broken = next(row for row in rows_of(folder) if row["error"])
    assert broken["policy"] == "optimum"
    assert broken["error"].startswith(f"{Infeasible.__name__}: no plan satisfies the instance")
    assert (broken["verified"], broken["gap_to_bound"]) == ("False", "")


def test_a_judge_who_disagrees_leaves_no_gap(suite: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    def doubting(*arguments, **claims):
        return replace(check(*arguments, **claims), violations=(Violation("objective", "total", "it is not so"),))

    monkeypatch.setattr("planner.campaign.rows.check", doubting)
    folder, done = ran(suite, only=(("part", "first"),))
    assert sum(told.verified for told in done) == 0
    assert {row["gap_to_bound"] for row in rows_of(folder)} == {""}


def test_failed_tasks_run_again_where_that_is_asked(suite: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("planner.campaign.anchors.solve", _out_of_memory)
        folder, done = ran(suite, only=(("part", "first"),))
    assert [told.errors for told in done] == [1, 1]
    assert "MemoryError" in rows_of(folder)[0]["error"]
    assert "Traceback" in folder.log_file(done[0].task).read_text()
    assert ran(suite, only=(("part", "first"),))[1] == done
    assert [told.errors for told in ran(suite, only=(("part", "first"),), again=True)[1]] == [0, 0]


def test_a_row_that_failed_is_not_taken_over(suite: Path, policies: Path, ran: Ran) -> None:
    suite.write_text(SUITE.replace('"greedy"', f'"{policies}:FailsOnce"'))
    _, done = ran(suite, only=(("forecast", "persistence"),))
    assert sorted(told.errors for told in done) == [0, 1]


def _out_of_memory(*_: object, **__: object) -> None:
    raise MemoryError


@pytest.mark.slow
def test_a_worker_that_dies_is_replaced(suite: Path, policies: Path, tmp_path: Path) -> None:
    suite.write_text(SUITE.replace('"greedy"', f'"{policies}:DiesOnce"'))
    with executor("processes", workers=1) as runs:
        done = run(suite, tmp_path / "results", executor=runs, wanted=Wanted(only=(("part", "first"),)))
    assert (tmp_path / "died").exists()
    assert [(told.rows, told.verified, told.errors) for told in done] == [(4, 4, 0)] * 2


def test_an_instance_that_changes_under_a_campaign_is_noticed(
    suite: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planner.campaign.play.instance_sha256", lambda _: "another")
    folder, _ = ran(suite, only=(("part", "first"), ("seed", "0")))
    assert f"{SolverError.__name__}: " in rows_of(folder)[0]["error"]


def test_plans_are_kept_where_that_is_asked(suite: Path, ran: Ran) -> None:
    folder, done = ran(suite, only=(("part", "first"), ("seed", "0")), plans=True)
    room = folder.path / "plans" / done[0].task
    instance = load_instance(room / "instance.json.gz")
    for row in rows_of(folder):
        verdict = check(instance, load_plan(room / f"{row['policy']}.json.gz", instance).plan)
        assert verdict.violations == ()
        assert verdict.objective.total == float(row["total"])


def test_a_folder_holds_one_campaign(suite: Path, ran: Ran, tmp_path: Path) -> None:
    ran(suite, only=(("part", "first"),))
    suite.write_text(SUITE.replace('"tiny"', '"other"'))
    with pytest.raises(UsageError, match="holds the campaign of the suite 'tiny', not of 'other'"):
        ran(suite)
    with pytest.raises(InvalidInput, match="found no campaign"):
        status(Folder(tmp_path))


def test_status_counts_and_foretells(suite: Path, ran: Ran) -> None:
    folder, _ = ran(suite, only=(("part", "first"),))
    found = status(folder)
    assert (found.done, found.tasks, found.rows, found.verified, found.errors) == (2, 8, 8, 8, 0)
    assert found.seconds_left is not None
    assert found.seconds_left > 0
    ran(suite)
    assert status(folder).seconds_left == 0
    assert seconds_left([10.0, 20.0], 3) == 30
    assert seconds_left([], 3) is None


def test_files_are_json_without_a_clock_in_the_rows(suite: Path, ran: Ran) -> None:
    folder, done = ran(suite, only=(("part", "last"), ("seed", "0")))
    document = json.loads(folder.task_file(done[0].task).read_text())
    assert not {"seconds", "machine", "peak_rss_mb"} & set(document["rows"][0])
    assert document["timings"][1]["seconds"] > 0
    assert json.loads((folder.path / "campaign.json").read_text())["suite"] == "tiny"
    assert folder.suite_file.read_text() == SUITE
