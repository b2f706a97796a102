"""The layers hold, and the command line starts light."""

import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("highspy", "matplotlib", "pandas", "pyomo", "rich", "scipy")


def test_import_contracts_hold() -> None:
    # In a process of its own: import-linter switches off every logger that exists.
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "0 broken" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


def test_no_module_imports_itself_through_others() -> None:
    graph = grimp.build_graph("planner", "models", exclude_type_checking_imports=True)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert tuple(TopologicalSorter(imports).static_order())  # raises CycleError, naming the circle


def modules_after(code: str) -> set[str]:
    """What a fresh interpreter has imported after some code."""
    script = f"import sys\n{code}\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stderr.split()}


@pytest.mark.parametrize("arguments", [["--help"], ["solve", "--help"], ["instance", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    loaded = modules_after(f"from planner.cli.main import main; assert main({arguments!r}) == 0")
    assert "typer" in loaded
    assert not loaded.intersection(HEAVY)


def test_importing_planner_imports_nothing_else() -> None:
    assert not modules_after("import planner").intersection({*HEAVY, "typer", "models"})
