"""Windows of a small fleet: how they are cut, kept, resumed and run, and what cannot be cut."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from planner.data.grid import GridSize, grid
from planner.domain.instance import Caps, HourMapRule, Instance
from planner.domain.results import SolveResult
from planner.domain.window import Window, WindowSize, windows
from planner.errors import Infeasible, LimitReached, UsageError
from planner.solve.executors import executor
from planner.solve.oracle import solve
from planner.solve.windows.keeping import Keeper, digest, to_bytes
from planner.solve.windows.method import solve_by_windows
from planner.solve.windows.problem import Divisible, Effort, State
from planner.solve.windows.solution import solve_window

SIZE = WindowSize(kept=24, ahead=12, behind=6, seam=9)


@pytest.fixture(scope="module")
def fleet() -> Instance:
    """Four days of three regions, tight enough that the backlog crosses midnight."""
    return grid(GridSize(regions=3, origins=3, hours=96, workloads=3, capacity=1.2))


@pytest.fixture(scope="module")
def provisioned() -> Instance:
    """The same with whole servers to be switched."""
    return grid(GridSize(regions=3, origins=3, hours=96, workloads=3, capacity=1.2, provisioning=True))


@pytest.fixture(scope="module")
def whole(fleet: Instance) -> Divisible:
    from planner.domain.options import options

    return Divisible.of(options(fleet), Effort())


def same(one: SolveResult, other: SolveResult) -> bool:
    """Bit for bit."""
    plans = all(
        np.array_equal(getattr(one.plan, n), getattr(other.plan, n)) for n in ("batch", "pool", "period", "share")
    )
    assert one.multipliers is not None
    assert other.multipliers is not None
    return plans and np.array_equal(one.multipliers.capacity, other.multipliers.capacity) and one.bounds == other.bounds


def test_a_short_last_window_joins_the_one_before() -> None:
    size = WindowSize(kept=10, ahead=3, behind=2, seam=0)
    assert windows(24, size) == (Window(0, 0, 10, 13), Window(8, 10, 24, 24))
    assert windows(26, size)[-1] == Window(18, 20, 26, 26)


def test_windows_come_near_the_optimum_and_seams_bring_them_nearer(fleet: Instance) -> None:
    best = solve(fleet).objective.total
    rough, sewn = (solve_by_windows(fleet, replace(SIZE, seam=h)) for h in (0, 9))
    for found in (rough, sewn):
        assert found.bounds.certified is not None
        assert found.bounds.certified <= best * (1 + 1e-9) <= found.objective.total * (1 + 2e-9)
    assert sewn.objective.total < rough.objective.total
    assert sewn.bounds.certified >= rough.bounds.certified  # type: ignore[operator]
    assert sewn.objective.total / sewn.bounds.certified < 1.03  # type: ignore[operator]
    assert "windows of 24 periods" in sewn.formulation


@pytest.mark.parametrize("name", ["processes", pytest.param("dask", marks=pytest.mark.slow)])
def test_every_executor_gives_the_same_bits(fleet: Instance, name: str) -> None:
    with executor(name) as runs:
        assert same(solve_by_windows(fleet, SIZE), solve_by_windows(fleet, SIZE, executor=runs))


class Killed(Exception):
    """Stands for a kill between two windows."""


def kill_after(windows: int) -> Callable[[str, int, int], None]:
    seen = []

    def progress(*told: object) -> None:
        seen.append(told)
        if len(seen) == windows:
            raise Killed

    return progress


@pytest.mark.parametrize("after", [1, 2, 4])
def test_a_killed_run_resumes_with_the_same_bits(fleet: Instance, tmp_path: Path, after: int) -> None:
    with pytest.raises(Killed):
        solve_by_windows(fleet, SIZE, keep=tmp_path, progress=kill_after(after))
    finished = {p: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    assert len(finished) == after
    assert same(solve_by_windows(fleet, SIZE, keep=tmp_path), solve_by_windows(fleet, SIZE))
    assert {p: p.stat().st_mtime_ns for p in finished} == finished  # none of them ran again


@pytest.mark.parametrize("damage", [b"", b"nonsense", "half", "flip"])
def test_a_damaged_file_is_computed_again(whole: Divisible, tmp_path: Path, damage: bytes | str) -> None:
    problem = whole.problem(Window(0, 0, 24, 36))
    keeper = Keeper(executor("serial"), tmp_path)
    keeper.solve([problem], finished=lambda *_: None)
    path = tmp_path / f"{digest(problem)}.npz"
    good = path.read_bytes()
    middle = len(good) // 2
    flipped = good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :]
    path.write_bytes({"half": good[:middle], "flip": flipped}.get(damage, damage))  # type: ignore[arg-type, call-overload]
    (again,) = keeper.solve([problem], finished=lambda *_: None)
    assert again is not None
    assert to_bytes(again) == good == path.read_bytes()


def test_another_problem_has_another_name(whole: Divisible) -> None:
    window = Window(24, 24, 48, 48)
    nothing = State(np.zeros(len(whole.classes)), None)
    some = State(np.ones(len(whole.classes)), None)
    names = {digest(whole.problem(window, before=s)) for s in (nothing, some)}
    assert len(names) == 2
    assert digest(whole.problem(window, before=nothing)) in names


def test_the_states_at_the_ends_are_met(whole: Divisible) -> None:
    alone = solve_window(whole.problem(Window(18, 24, 48, 60)))
    assert alone is not None
    assert alone.after.waiting.sum() > 0
    after = solve_window(whole.problem(Window(48, 48, 72, 72), before=alone.after))
    assert after is not None
    released = sum(c.demand[24:72].sum() for c in whole.classes)
    left = alone.flows.leaving.sum() + after.flows.leaving.sum()
    assert left == pytest.approx(released + alone.before.waiting.sum(), rel=1e-9)


def test_windows_of_whole_servers_start_only_what_was_off(provisioned: Instance) -> None:
    result = solve_by_windows(provisioned, SIZE, gap=1e-3)
    best = solve(provisioned, gap=1e-3)
    assert best.bounds.best is not None
    assert result.bounds.certified is not None
    assert result.objective.total >= best.bounds.best * (1 - 1e-9)
    assert result.objective.total <= best.objective.total * 1.01
    assert result.multipliers is not None
    assert result.multipliers.cuts  # rounding cuts of the windows hold for the whole


def test_what_couples_hours_is_named(fleet: Instance) -> None:
    coupled = fleet.replace(caps=Caps(carbon_kg=1.0), hour_map=HourMapRule(), grace_periods=1)
    with pytest.raises(UsageError, match=r"lateness.*hour map.*caps \(M12\) of carbon_kg"):
        solve_by_windows(coupled, SIZE)


def test_an_instance_without_a_plan_is_explained(fleet: Instance) -> None:
    with pytest.raises(Infeasible, match="M2"):
        solve_by_windows(fleet.replace(servers=fleet.servers // 2), SIZE)


def test_a_window_without_a_plan_joins_its_neighbours(fleet: Instance) -> None:
    """An outage that only those who saw it coming survive: the window before it must be planned with it."""
    servers = fleet.servers.copy()
    servers[:, 48:53] = np.floor(servers[:, 48:53] * 0.55)
    result = solve_by_windows(fleet.replace(servers=servers), WindowSize(kept=24, ahead=0, behind=0, seam=0))
    assert result.objective.total > 0


def test_out_of_time_tells_what_is_proven(fleet: Instance) -> None:
    with pytest.raises(LimitReached, match=r"no plan is below .* \(certified\)"):
        solve_by_windows(fleet, SIZE, time_limit=0.0)


def test_sizes_are_checked() -> None:
    with pytest.raises(UsageError, match="kept must be at least 1"):
        WindowSize(kept=0, ahead=1, behind=1, seam=1)
