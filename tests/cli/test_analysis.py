"""gap --attribute, --seeds and --figure; sweep, pareto, profile; policies from files, and faulty ones."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planner.domain.instance import Instance, Region
from planner.io.instances import save_instance
from tests.conftest import Ran
from tests.unit.replay.small import small, workload

Planner = Callable[..., Ran]
POLICIES = '''
import numpy as np

from planner.domain.protocols import Decision
from planner.errors import LimitReached


class Rule:
    """Serves all at once on the first route.

    Source: a test.
    """

    regime = "none"

    def decide(self, view):
        return Decision(np.arange(len(view.waiting)), np.zeros(len(view.waiting), dtype=int), view.waiting.left)


class TwiceAsMuch(Rule):
    def decide(self, view):
        asked = super().decide(view)
        return Decision(asked.row, asked.route, 2 * asked.share)


class NotANumber(Rule):
    def decide(self, view):
        asked = super().decide(view)
        return Decision(asked.row, asked.route, np.nan * asked.share)


class LooksAhead(Rule):
    def decide(self, view):
        view.carbon_intensity[:, view.period + 1]
        return super().decide(view)


class Raises(Rule):
    def decide(self, view):
        return {}["nothing"]


class Leaves(Rule):
    def decide(self, view):
        raise SystemExit(0)


class FindsNoPlan(Rule):
    def decide(self, view):
        raise LimitReached("no plan within 0 s")


class Coin(Rule):
    def __init__(self, seed: int = 0) -> None:
        self.draw = np.random.default_rng(seed)

    def decide(self, view):
        asked = super().decide(view)
        due = view.waiting.last <= view.period
        return Decision(asked.row, asked.route, asked.share * (due | (self.draw.random() < 0.5)))
'''


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(POLICIES)
    return path


@pytest.fixture
def slow_file(tmp_path: Path) -> Path:
    """r1 is cleaner and violates for certain; violations are free."""
    work = workload("w0", slo_ms=40.0, slo_mode="priced")
    path = tmp_path / "slow.json"
    save_instance(small([[400, 400], [100, 300]], [10, 10], workloads=(work,)), path)
    return path


def answer(ran: Ran) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(ran.out)
    return document


def rows(ran: Ran) -> dict[str, dict[str, Any]]:
    return {row["policy"]: row for row in answer(ran)["rows"]}


def test_attribute_tells_causes_that_sum_to_the_gap(planner: Planner, two_hours_file: Path, tmp_path: Path) -> None:
    row = rows(planner("gap", two_hours_file, "--policy", "greedy", "--attribute", "--json"))["greedy"]
    split = row["attribution"]
    assert split["parts"] == pytest.approx(
        {"forecast": 0, "provisioning": 0, "waiting": 4, "space": 0, "proof": 0}, abs=1e-9
    )
    for parts in (split["parts"], split["reversed_parts"]):
        assert sum(parts.values()) == pytest.approx(row["gap_to_bound"], abs=1e-9)
    assert split["levels"]["policy"] == pytest.approx(0.5)
    assert set(split["proven"]) == {"provisioned", "waited", "placed"}
    ran = planner("gap", two_hours_file, "--policy", "greedy", "--attribute", "-o", tmp_path / "gaps.csv")
    assert "gap by cause" in ran.out
    lines = list(csv.DictReader((tmp_path / "gaps.csv").read_text().splitlines()))
    assert float(lines[1]["waiting"]) == pytest.approx(4)
    assert lines[0]["waiting"] == ""


def test_without_attribute_there_is_no_split(planner: Planner, two_hours_file: Path) -> None:
    assert "attribution" not in rows(planner("gap", two_hours_file, "--policy", "greedy", "--json"))["greedy"]
    assert "by cause" not in planner("gap", two_hours_file, "--policy", "greedy").out


@pytest.mark.parametrize("figure", ["bars", "attribution", "routing", "regret"])
def test_figures_of_gaps(planner: Planner, two_hours_file: Path, tmp_path: Path, figure: str) -> None:
    plan = tmp_path / "plan.json"
    assert planner("solve", two_hours_file, "-o", plan).code == 0
    for source in ([], ["--plan", plan]):
        path = tmp_path / f"{figure}{len(source)}.png"
        ran = planner(
            "gap", two_hours_file, "--policy", "greedy", "--attribute", "--figure", figure, "-o", path, *source
        )
        assert (ran.code, path.read_bytes()[:4]) == (0, b"\x89PNG")


def test_the_latency_figure(planner: Planner, two_hours_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "latency.svg"
    ran = planner("gap", two_hours_file, "--requests", "--policy", "latency-first", "--figure", "latency", "-o", path)
    assert ran.code == 0
    assert "latency-first" in path.read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--figure", "routing"], "name a picture"),
        (["--figure", "regret", "-o", "x.csv"], "name a picture"),
        (["--figure", "attribution", "-o", "x.png"], "give --attribute"),
        (["--figure", "latency", "-o", "x.png"], "give --requests"),
        (["--figure", "routing", "-o", "x.png", "--requests"], "leave --requests out"),
        (["--requests", "--attribute"], "leave --plan and --attribute out"),
        (["--seeds", "0..3", "--seed", "1"], "leave --seed out"),
        (["--seeds", "3..0"], "write 0..9"),
    ],
)
def test_options_that_do_not_go_together(
    planner: Planner, two_hours_file: Path, options: list[str], message: str
) -> None:
    ran = planner("gap", two_hours_file, *options)
    assert ran.code == 2
    assert message in ran.err


def test_seeds_give_an_interval_to_what_is_random(planner: Planner, two_hours_file: Path, mine: Path) -> None:
    coin = f"{mine}:Coin"
    ran = planner("gap", two_hours_file, "--policy", coin, "--policy", "greedy", "--seeds", "0..7", "--json")
    assert ran.code == 0
    found = rows(ran)
    assert "gap_over_seeds" not in found["greedy"]
    gaps = [
        rows(planner("gap", two_hours_file, "--policy", coin, "--seed", str(seed), "--json"))[coin]["gap_to_bound"]
        for seed in range(8)
    ]
    assert found[coin]["gap_over_seeds"]["mean"] == pytest.approx(np.mean(gaps))
    assert found[coin]["gap_over_seeds"]["half_width"] > 0
    assert answer(ran)["seeds"] == list(range(8))
    assert "over all seeds" in planner("gap", two_hours_file, "--policy", coin, "--seeds", "0..2").out


def test_a_noisy_forecast_is_random_too(planner: Planner, two_hours_file: Path) -> None:
    ran = planner(
        "gap", two_hours_file, "--policy", "threshold", "--forecast", "noisy:error=1", "--seeds", "0,3", "--json"
    )
    assert "gap_over_seeds" in rows(ran)["threshold"]
    honest = planner("gap", two_hours_file, "--policy", "threshold", "--seeds", "0,3", "--json")
    assert "gap_over_seeds" not in rows(honest)["threshold"]


@pytest.mark.parametrize("command", ["gap", "replay"])
def test_a_policy_of_ones_own(planner: Planner, two_hours_file: Path, mine: Path, command: str) -> None:
    ran = planner(command, two_hours_file, "--policy", f"{mine}:Rule", "--json")
    assert ran.code == 0
    assert rows(ran)[f"{mine}:Rule"]["objective"]["carbon_kg"] == pytest.approx(0.5)
    ran = planner(command, two_hours_file, "--policy", f"{mine}:Rul")
    assert (ran.code, "did you mean Rule?" in ran.err) == (2, True)


def test_policy_show_of_ones_own(planner: Planner, mine: Path) -> None:
    assert "Source: a test." in planner("policy", "show", f"{mine}:Rule").out


@pytest.mark.parametrize(
    "fault",
    [
        ("TwiceAsMuch", "batch 0 (work from home, released in period 0): more than is left of it (M1)"),
        ("NotANumber", "batch 0 (work from home, released in period 0): a share that is not a number"),
        ("LooksAhead", "size 1; a policy sees nothing after the hour it decides"),
        ("Raises", "KeyError: 'nothing'"),
        ("Leaves", "SystemExit: 0"),
        ("FindsNoPlan", "LimitReached: no plan within 0 s"),
    ],
)
@pytest.mark.parametrize("command", ["gap", "replay"])
def test_a_faulty_policy_is_named_and_the_others_stand(
    planner: Planner, two_hours_file: Path, mine: Path, command: str, fault: tuple[str, str]
) -> None:
    name, message = fault
    ran = planner(command, two_hours_file, "--policy", f"{mine}:{name}", "--policy", "greedy", "--json")
    assert ran.code == 3
    found = rows(ran)
    assert f"{name}, hour 0 (2026-01-01T00:00Z)" in found[f"{mine}:{name}"]["error"]
    assert message in found[f"{mine}:{name}"]["error"]
    assert found["greedy"]["objective"]["total"] == pytest.approx(0.5)


def test_sweep_tells_a_table_an_axis(planner: Planner, two_hours_file: Path, tmp_path: Path) -> None:
    ran = planner(
        "sweep", two_hours_file, "--axis", "slack=0..1:0.5", "--axis", "capacity=0,1", "--policy", "greedy",
        "-o", tmp_path / "sweep.csv",
    )  # fmt: skip
    assert ran.code == 0
    assert "gap of greedy" in ran.out
    assert "capacity = 0: no plan satisfies" in ran.out
    lines = list(csv.DictReader((tmp_path / "sweep.csv").read_text().splitlines()))
    assert [(x["axis"], x["value"], x["policy"]) for x in lines] == [
        *((("slack", value, policy)) for value in ("0.0", "0.5", "1.0") for policy in ("optimum", "greedy")),
        ("capacity", "0.0", ""),
        ("capacity", "1.0", "optimum"),
        ("capacity", "1.0", "greedy"),
    ]
    assert [float(x["total"]) for x in lines if x["policy"] == "optimum"] == pytest.approx([0.5, 0.5, 0.1, 0.1])


def test_sweep_json_and_picture(planner: Planner, two_hours_file: Path, tmp_path: Path) -> None:
    ran = planner("sweep", two_hours_file, "--axis", "slack=0,1", "--json", "-o", tmp_path / "sweep.png")
    assert (ran.code, answer(ran)["schema"]) == (0, "planner.sweep/1")
    assert [point["value"] for point in answer(ran)["points"]] == [0, 1]
    assert (tmp_path / "sweep.png").read_bytes().startswith(b"\x89PNG")


def test_sweep_of_a_failing_policy(planner: Planner, two_hours_file: Path, mine: Path) -> None:
    ran = planner("sweep", two_hours_file, "--axis", "slack=1", "--policy", f"{mine}:Raises", "--json")
    assert ran.code == 3
    assert "KeyError" in answer(ran)["points"][0]["rows"][1]["error"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--axis", "slakc=1"], "did you mean slack"),
        (["--axis", "slack=a..b:1"], "write NAME=A..B:STEP"),
        (["--axis", "slack=0..1"], "write NAME=A..B:STEP"),
        (["--axis", "slack=0..1:0"], "write NAME=A..B:STEP"),
        (["--axis", "slack=-1"], "write NAME=A..B:STEP"),
        (["--axis", "slack=nan"], "write NAME=A..B:STEP"),
        (["--axis", "slack=1", "--axis", "alpha=1", "-o", "x.png"], "a picture shows one"),
        (["--axis", "slack=1", "-o", "x.txt"], "must end in"),
        (["--axis", "alpha=0.5"], "nothing against carbon"),
    ],
)
def test_a_sweep_that_cannot_be(planner: Planner, two_hours_file: Path, options: list[str], message: str) -> None:
    ran = planner("sweep", two_hours_file, *options)
    assert ran.code == 2
    assert message in ran.err


def test_pareto_tells_the_front_beneath_the_policies(planner: Planner, slow_file: Path, tmp_path: Path) -> None:
    policies = ["--policy", "latency-first", "--policy", "carbon-first"]
    ran = planner("pareto", slow_file, "--points", "3", *policies, "--json", "-o", tmp_path / "front.png")
    assert ran.code == 0
    document = answer(ran)
    assert [(p["carbon_kg"], p["violations"]) for p in document["front"]] == [
        pytest.approx(x, abs=1e-6) for x in ((4, 20), (6, 20 / 3), (8, 0))
    ]
    places = {p["policy"]: (p["carbon_kg"], p["violations"]) for p in document["policies"]}
    assert places == {"latency-first": pytest.approx((8, 0)), "carbon-first": pytest.approx((4, 20))}
    assert (tmp_path / "front.png").read_bytes().startswith(b"\x89PNG")


def test_pareto_as_csv_and_against_cost(planner: Planner, tmp_path: Path) -> None:
    instance = small([[400], [100]], [10], price_usd_per_kwh=np.array([[1.0], [2.0]]))
    save_instance(instance, tmp_path / "priced.json")
    ran = planner(
        "pareto", tmp_path / "priced.json", "--against", "cost", "--points", "2", "--policy", "latency-first",
        "-o", tmp_path / "front.csv",
    )  # fmt: skip
    assert ran.code == 0
    lines = list(csv.DictReader((tmp_path / "front.csv").read_text().splitlines()))
    assert [line["point"] for line in lines] == ["front", "front", "latency-first"]
    assert [float(line["cost_usd"]) for line in lines] == pytest.approx([20, 10, 10])


def test_pareto_with_nothing_to_trade(planner: Planner, two_hours_file: Path) -> None:
    assert "nothing to trade" in planner("pareto", two_hours_file, "--against", "cost").out


def test_pareto_of_failing_and_broken_policies(planner: Planner, two_hours: Instance, mine: Path) -> None:
    save_instance(two_hours.replace(servers=np.array([[0.0, 1.0]])), mine.parent / "late.json")
    ran = planner("pareto", mine.parent / "late.json", "--policy", f"{mine}:Raises", "--policy", "greedy")
    assert ran.code == 3
    assert "KeyError" in ran.out


def test_profile_of_many_instances(planner: Planner, two_hours: Instance, tmp_path: Path) -> None:
    for name, regions in (("one", ("here",)), ("two", ("there",))):
        changed = two_hours.replace(
            name=name,
            regions=tuple(Region(r, "X") for r in regions),
            pools=(replace(two_hours.pools[0], region=regions[0]),),
        )
        save_instance(changed, tmp_path / f"{name}.json")
        ran = planner("gap", tmp_path / f"{name}.json", "--policy", "greedy", "-o", tmp_path / f"gap-{name}.json")
        assert ran.code == 0
    tables = [tmp_path / "gap-one.json", tmp_path / "gap-two.json"]
    ran = planner("profile", *tables, "--json", "-o", tmp_path / "profile.png")
    assert ran.code == 0
    (told,) = answer(ran)["profiles"]
    assert (told["policy"], told["instances"], told["gaps"]) == ("greedy", 2, pytest.approx([4, 4]))
    assert (tmp_path / "profile.png").read_bytes().startswith(b"\x89PNG")
    assert planner("profile", *tables, "-o", tmp_path / "profile.csv").code == 0
    assert (tmp_path / "profile.csv").read_text().count("greedy,4") == 2
    assert planner("profile", *tables, tables[0]).code == 2
    assert planner("profile", tmp_path / "one.json").code == 3


def test_instance_show_draws_the_carbon_traces(planner: Planner, two_hours_file: Path, tmp_path: Path) -> None:
    ran = planner("instance", "show", two_hours_file, "-o", tmp_path / "carbon.png")
    assert (ran.code, "two-hours" in ran.out) == (0, True)
    assert (tmp_path / "carbon.png").read_bytes().startswith(b"\x89PNG")
