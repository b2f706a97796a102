"""Plug-ins from a file of one's own."""

import pickle
from pathlib import Path

import pytest

from planner import registry
from planner.errors import InvalidInput, UsageError

GROUP = "planner.policies"
SOURCE = '''
import json as something_else


class Mine:
    """A rule."""

    regime = "none"

    def __init__(self, bias: float = 0.0) -> None:
        self.bias = bias

    def decide(self, view):
        raise NotImplementedError


class Refuses(Mine):
    def __init__(self) -> None:
        raise RuntimeError("not today")


class Half:
    pass
'''


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(SOURCE)
    return path


def test_a_class_with_its_parameters(file: Path) -> None:
    made = registry.load(GROUP, f"{file}:Mine:bias=2", seed=7)
    assert (type(made).__name__, made.bias) == ("Mine", 2.0)
    assert registry.load(GROUP, f"{file}:Mine").bias == 0
    assert type(pickle.loads(pickle.dumps(made))) is type(made)


@pytest.mark.parametrize(
    ("spec", "kind", "message"),
    [
        ("none.py:Mine", UsageError, "no such file"),
        ("mine.py:Mien", UsageError, "did you mean Mine"),
        ("mine.py:something_else", UsageError, "defines no 'something_else'"),
        ("mine.py:Mine:bais=1", UsageError, "did you mean bias"),
        ("mine.py:Half", InvalidInput, "found no regime; expected a policy"),
        ("mine.py:Refuses", InvalidInput, "RuntimeError: not today"),
        ("broken.py:Mine", InvalidInput, "ZeroDivisionError"),
        ("torn.py:Mine", InvalidInput, "SyntaxError"),
    ],
)
def test_what_is_wrong_is_named(file: Path, spec: str, kind: type[Exception], message: str) -> None:
    (file.parent / "broken.py").write_text("1 / 0")
    (file.parent / "torn.py").write_text("class Mine(")
    with pytest.raises(kind, match=message):
        registry.load(GROUP, f"{file.parent}/{spec}")


def test_a_parameter_may_name_a_python_file() -> None:
    with pytest.raises(UsageError, match="no policy 'made'"):
        registry.load(GROUP, "made:file=there.py:x")


def test_what_no_spec_can_say_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="restriction cannot be written"):
        registry.load("planner.formulations", "auto:restriction=1")
