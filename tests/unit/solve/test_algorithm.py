"""The algorithm follows size and installation; all three find the same plan and bound."""

import pytest

from planner.errors import MissingExtra, UsageError
from planner.io.instances import load_instance
from planner.solve.algorithm import FEW_FLOWS, FEW_OPTIONS, Algorithm, algorithm_for, options_of
from planner.solve.highs import has_hipo
from planner.solve.oracle import solve


@pytest.mark.parametrize(
    ("columns", "flows", "hipo", "expected"),
    [
        (FEW_FLOWS, True, True, Algorithm.SIMPLEX),
        (FEW_FLOWS + 1, True, True, Algorithm.HIPO),
        (FEW_FLOWS + 1, True, False, Algorithm.SIMPLEX),
        (100 * FEW_FLOWS, True, False, Algorithm.SIMPLEX),
        (FEW_OPTIONS, False, True, Algorithm.SIMPLEX),
        (FEW_OPTIONS + 1, False, True, Algorithm.HIPO),
    ],
)
def test_size_shape_and_installation_choose(columns: int, *, flows: bool, hipo: bool, expected: Algorithm) -> None:
    assert algorithm_for(columns, flows=flows, hipo=hipo) is expected


def test_edge_weights_follow_the_shape() -> None:
    assert options_of(Algorithm.SIMPLEX, flows=True)["simplex_dual_edge_weight_strategy"] == 1
    assert options_of(Algorithm.SIMPLEX, flows=False)["simplex_dual_edge_weight_strategy"] == -1


def test_what_is_asked_for_is_taken_whatever_the_size() -> None:
    assert algorithm_for(10, asked="ipm", hipo=False) is Algorithm.IPM


def test_an_unknown_algorithm_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(UsageError, match="auto, simplex, ipm, hipo"):
        algorithm_for(10, asked="magic", hipo=True)


def test_hipo_where_it_is_missing_is_an_error_that_names_the_extra() -> None:
    with pytest.raises(MissingExtra, match=r"planner\[hipo\]"):
        algorithm_for(10, asked="hipo", hipo=False)


@pytest.mark.parametrize("algorithm", ["simplex", "ipm", "hipo"])
@pytest.mark.parametrize("name", ["seed/five-region-week", "tiny/idle-or-restart"])
def test_every_algorithm_ends_with_a_certified_optimum(name: str, algorithm: str) -> None:
    if algorithm == "hipo" and not has_hipo():
        pytest.skip("highspy without HiPO")
    instance = load_instance(name)
    expected = solve(instance, algorithm="simplex")
    result = solve(instance, algorithm=algorithm)
    assert result.solver_options["algorithm"] == algorithm
    assert result.objective.total == pytest.approx(expected.objective.total, rel=1e-6)
    assert result.bounds.certified == pytest.approx(expected.bounds.certified, rel=1e-6)
