"""A suite small enough for every test, and policies that misbehave."""

from collections.abc import Callable
from pathlib import Path

import pytest

from planner.campaign.collect import collect
from planner.campaign.play import Told
from planner.campaign.run import Wanted, run
from planner.campaign.store import Folder
from planner.solve.executors import Serial

SUITE = """
schema = "planner.suite/1"
name = "tiny"
policies = ["greedy", "wait-awhile"]

[[products]]
instances = ["tiny/waiting"]
axes.forecast = ["persistence", "noisy:error=0.5"]
axes.seed = [0, 1]

[[products]]
grids = [{ regions = 2, origins = 2, workloads = 2, hours = 36 }]
axes.part = { first = { hours = 30 }, last = { from = "2026-01-06", hours = 6, shift = 6 } }
axes.seed = [0, 1]
"""

Ran = Callable[..., tuple[Folder, list[Told]]]


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(SUITE)
    return path


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The suite, run and collected, to be read."""
    here = tmp_path_factory.mktemp("campaign")
    (here / "tiny.toml").write_text(SUITE)
    with Serial() as runs:
        run(here / "tiny.toml", here / "results", executor=runs)
    collect(Folder(here / "results"))
    return Folder(here / "results")


@pytest.fixture
def ran(tmp_path: Path) -> Ran:
    """`ran(suite, **wanted)`: the suite run serially into one folder, and what came of its tasks."""

    def of(suite: Path, *, into: str = "results", **wanted: object) -> tuple[Folder, list[Told]]:
        with Serial() as runs:
            done = run(suite, tmp_path / into, executor=runs, wanted=Wanted(**wanted))  # type: ignore[arg-type]
        return Folder(tmp_path / into), done

    return of


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """Policies of one's own: one that fails, one that serves nothing, two that fail or die once, one that sleeps."""
    path = tmp_path / "mine.py"
    path.write_text(f"""
import os, time
from pathlib import Path
from threading import Timer
from planner.policies.greedy import Greedy

HERE = Path({str(tmp_path)!r})

class Fails(Greedy):
    def decide(self, view):
        raise RuntimeError("out of ideas")

class Idle(Greedy):
    def decide(self, view):
        found = super().decide(view)
        return type(found)(found.row[:0], found.route[:0], found.share[:0])

def first(name):
    try:
        (HERE / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True

class FailsOnce(Greedy):
    def decide(self, view):
        if first("failed"):
            raise RuntimeError("out of luck")
        return super().decide(view)

class DiesOnce(Greedy):
    def decide(self, view):
        if first("died"):
            os._exit(9)
        return super().decide(view)

class Naps(Greedy):
    def decide(self, view):
        Timer(0.1, (HERE / "napping").write_text, [str(os.getpid())]).start()  # once it sleeps, not on the way there
        time.sleep(60)
        return super().decide(view)
""")
    return path
