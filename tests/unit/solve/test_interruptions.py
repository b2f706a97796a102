"""Ctrl-C in a run of HiGHS that comes to its optimum all the same is not forgotten."""

from typing import Any

import pytest

from planner.data.grid import GridSize, grid
from planner.domain.instance import Instance
from planner.domain.results import Termination
from planner.replay.loop import replay
from planner.solve.highs import Answer, Session
from planner.solve.oracle import solve


@pytest.fixture(scope="module")
def fleet() -> Instance:
    """Whole servers, so that a solve takes several runs."""
    return grid(GridSize(regions=2, origins=2, hours=8, workloads=2, capacity=1.5, provisioning=True), seed=0)


def pressed(monkeypatch: pytest.MonkeyPatch, at: int) -> list[Session]:
    """The runs to come; Ctrl-C is heard in one of them, counted from 1."""
    runs: list[Session] = []
    original = Session.run

    def run(session: Session, **how: Any) -> Answer:
        answer = original(session, **how)
        runs.append(session)
        session._stopped = session._stopped or len(runs) == at
        return answer

    monkeypatch.setattr(Session, "run", run)
    return runs


def test_a_solve_without_a_plan_ends(fleet: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    pressed(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        solve(fleet)


def test_the_result_of_a_solve_says_so(fleet: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as counting:
        last = pressed(counting, 0)
        assert solve(fleet).termination == Termination.CONVERGED
    pressed(monkeypatch, len(last))
    assert solve(fleet).termination == Termination.INTERRUPTED


def test_a_replay_ends(fleet: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    pressed(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        replay(fleet, "mpc:horizon=4")
