"""Specs, names and the package `models` that is ours."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, Literal

import pytest

from planner import registry
from planner.errors import UsageError

GROUP = "planner.policies"


@dataclass
class Made:
    """A plug-in with a parameter of every kind."""

    region: str
    weight: float = 1.0
    count: int = 1
    careful: bool = False
    mode: Literal["green", "fast"] = "green"
    limit: float | None = None


def with_context(instance: str, scale: float = 1.0) -> tuple[str, float]:
    if scale < 0:
        raise ValueError("scale must not be negative")
    return instance, scale


@pytest.fixture(autouse=True)
def plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two plug-ins of this file in the place of the installed ones."""

    def entries(group: str) -> Mapping[str, EntryPoint]:
        here = {"made": "Made", "with-context": "with_context"}
        return {name: EntryPoint(name, f"{__name__}:{target}", group) for name, target in here.items()}

    monkeypatch.setitem(sys.modules, __name__, sys.modules[Made.__module__])
    monkeypatch.setattr(registry, "_entries", entries)


def test_values_become_what_the_annotation_says() -> None:
    made = registry.load(GROUP, "made:region=7,weight=0.5,count=3,careful=true,mode=fast,limit=2")
    assert made == Made("7", 0.5, 3, True, "fast", 2.0)
    assert isinstance(made.region, str)
    assert isinstance(made.limit, float)


def test_defaults_and_spaces() -> None:
    assert registry.load(GROUP, " made : region = here , count = 2") == Made("here", count=2)


def test_a_value_may_hold_colons_and_equals_signs() -> None:
    assert registry.load(GROUP, "made:region=C:a=b").region == "C:a=b"


def test_context_is_passed_where_it_is_named() -> None:
    assert registry.load(GROUP, "with-context:scale=2", instance="here", seed=1) == ("here", 2.0)
    assert registry.load(GROUP, "made:region=here", instance="there") == Made("here")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("maid", "no policy 'maid': did you mean made?"),
        ("zzz", "known: made, with-context"),
        ("made:region=here,wieght=1", "made has no parameter 'wieght': did you mean weight?"),
        ("made:region=here,zzz=1", "known: careful, count, limit, mode, region, weight"),
        ("made:region=here,weight=heavy", "made: weight=heavy: Input should be a valid number"),
        ("made:region=here,weight=nan", "a number is expected"),
        ("made:region=here,mode=slow", "Input should be 'green' or 'fast'"),
        ("made:region=here,count=1.5", "made: count=1.5: Input should be a valid integer"),
        ("made:region", "cannot read 'region'"),
        ("made:=1", "cannot read '=1'"),
        ("made:region=a,region=b", "each key once"),
        ("made:weight=1", "missing a required argument: 'region'"),
        ("with-context:scale=-1", "scale must not be negative"),
        ("with-context:instance=x", "with-context has no parameter 'instance'"),
    ],
)
def test_a_wrong_spec_is_a_usage_error_that_says_the_remedy(spec: str, words: str) -> None:
    with pytest.raises(UsageError) as error:
        registry.load(GROUP, spec, instance="here")
    assert words in str(error.value)


def test_an_unknown_group_tells_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with pytest.raises(UsageError, match="install the project first"):
        registry.names("planner.nothing")


@pytest.mark.parametrize("group", ["planner.policies", "planner.forecasters", "planner.formulations"])
def test_every_installed_plugin_loads_and_is_described(group: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    names = registry.names(group)
    assert list(names) == sorted(names)
    for name in names:
        assert registry.factory(group, name).__doc__, name


SCRIPTS: Mapping[str, Callable[[Path], list[str]]] = {
    "already imported": lambda _: ["import models"],
    "first on the path": lambda _: [],
}


@pytest.mark.parametrize("case", SCRIPTS)
def test_models_is_ours_where_a_foreign_one_comes_first(case: str, tmp_path: Path) -> None:
    foreign = tmp_path / "models"
    foreign.mkdir()
    (foreign / "__init__.py").write_text("raise SystemExit('foreign')" if not SCRIPTS[case](tmp_path) else "")
    lines = [
        *SCRIPTS[case](tmp_path),
        "from planner import registry",
        "made = registry.load('planner.formulations', 'auto')",
        "print(type(made).__module__, type(made).__name__)",
    ]
    done = run_python("\n".join(lines), tmp_path)
    assert done == "models.formulations Auto"


def run_python(code: str, folder: Path) -> Any:
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()
