"""The wheel, installed by itself, works where another `models` comes first on the path."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def run(command: list[str | Path], **options: object) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel installs, without its dependencies."""
    built, target = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("installed")
    run([*PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", built, ROOT])
    run([*PIP, "install", "--no-deps", "--no-index", "--target", target, *built.glob("planner-*.whl")])
    return target


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A working directory with a `models` of its own, which must never be imported."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "__init__.py").write_text("raise SystemExit('the foreign models was imported')")
    return tmp_path


def test_the_library_travels_with_the_wheel(installed: Path) -> None:
    for folder, kind in (("instances", "json*"), ("instances", "toml"), ("solutions", "json*"), ("suites", "toml")):
        source, copy = ROOT / folder, installed / "planner" / "_library" / folder
        names = {path.relative_to(source) for path in source.rglob(f"*.{kind}")}
        assert names
        assert names == {path.relative_to(copy) for path in copy.rglob(f"*.{kind}")}
    assert (installed / "planner" / "py.typed").exists()
    assert not (installed / "tests").exists()


@pytest.mark.parametrize("how", ["module", "script"])
def test_it_solves_a_shipped_instance_elsewhere(how: str, installed: Path, elsewhere: Path) -> None:
    command = [sys.executable, "-m", "planner"] if how == "module" else [str(installed / "bin" / "planner")]
    here = {**os.environ, "PYTHONPATH": str(installed)}
    origin = run([sys.executable, "-c", "import planner; print(planner.__file__)"], cwd=elsewhere, env=here)
    assert Path(origin.strip()).is_relative_to(installed)
    answer = json.loads(run([*command, "solve", "tiny/one-hour", "--json"], cwd=elsewhere, env=here))
    assert answer["status"] == "optimal"


def test_from_an_instance_to_a_report_elsewhere(installed: Path, elsewhere: Path) -> None:
    here = {**os.environ, "PYTHONPATH": str(installed)}
    for command in (
        ["gap", "tiny/waiting", "--policy", "greedy", "-o", "gap.csv"],
        ["map", "tiny/waiting", "-o", "map.csv"],
        ["campaign", "run", "smoke", "-o", "results", "--only", "part=tiny"],
        ["campaign", "collect", "results", "--no-parquet"],
        ["report", "results", "-o", "report.html"],
    ):
        run([sys.executable, "-m", "planner", *command], cwd=elsewhere, env=here)
    assert (elsewhere / "gap.csv").read_text().startswith("policy")
    assert (elsewhere / "map.csv").read_text().startswith("hour,region")
    assert (elsewhere / "report.html").read_text().rstrip().endswith("</html>")
