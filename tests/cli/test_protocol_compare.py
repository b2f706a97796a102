import json
from collections.abc import Callable
from pathlib import Path

import pytest

from planner.cli.common import to_json
from planner.io.instances import save_instance
from tests.conftest import Ran
from tests.unit.protocol.scenarios import DAYS, three

Run = Callable[..., Ran]
QUICK = ("--resamples", "100")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("compare")
    save_instance(DAYS, folder / "carbon.json")
    for metrics in three(folder):
        (folder / f"{metrics.scenario}.json").write_text(to_json(metrics.document()))
    return {name: folder / f"{name}.json" for name in ("A", "B", "C", "carbon")}


def test_a_table_of_ratios(planner: Run, files: dict[str, Path]) -> None:
    ran = planner("protocol", "compare", files["A"], files["B"], files["C"], "--carbon", files["carbon"], *QUICK)
    assert ran.code == 0, ran.err
    assert "624 invocations compared" in ran.out
    assert "the same trace" in ran.out
    assert [line[:11] for line in ran.out.splitlines() if " against " in line][1:] == [
        "B against A",
        "C against A",
        "C against B",
    ]
    assert "no schedule has a greenup above" in ran.out
    assert "warning" not in ran.err


def test_json_and_page_are_written(planner: Run, files: dict[str, Path], tmp_path: Path) -> None:
    outputs = ("-o", tmp_path / "out.json", "-o", tmp_path / "out.html")
    ran = planner(
        "protocol", "compare", files["A"], files["C"], "--carbon", files["carbon"], *QUICK, *outputs, "--json"
    )
    assert ran.code == 0, ran.err
    document = json.loads(ran.out)
    assert document == json.loads((tmp_path / "out.json").read_text())
    assert document["schema"] == "planner.protocol-compare/1"
    assert [pair["powerup"] for pair in document["pairs"]] == [1.0]
    assert (tmp_path / "out.html").read_text().count("<figure>") == 4


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("A", "--carbon", "carbon"), 2, "two or more"),
        (("A", "B"), 2, "--carbon"),
        (("A", "carbon", "--carbon", "carbon"), 3, "planner.protocol-metrics/1"),
        (("A", "B", "--carbon", "carbon", "-o", "page.pdf"), 2, ".json or .html"),
        (("A", "B", "--carbon", "tiny/one-hour"), 3, "found"),
    ],
)
def test_what_is_not_understood_is_said(
    planner: Run, files: dict[str, Path], arguments: tuple[str, ...], code: int, said: str
) -> None:
    ran = planner("protocol", "compare", *(files.get(a, a) for a in arguments))
    assert ran.code == code
    assert said in ran.err
