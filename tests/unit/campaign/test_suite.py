"""Suites: what a file may hold, and how it is told what it may not."""

import re
import tomllib
from pathlib import Path

import pytest

from planner.campaign.suite import load_suite
from planner.cli.policy import ready
from planner.errors import InvalidInput, UsageError
from planner.io.library import find_suite, shipped_suites
from planner.io.reading import read_text
from tests.unit.campaign.conftest import SUITE


def test_a_list_of_values_is_short_for_labelled_settings(suite: Path) -> None:
    found, text = load_suite(suite)
    assert text == SUITE
    assert found.axes == ("forecast", "seed", "part")
    assert found.products[0].axes["seed"]["1"].given() == {"seed": 1}
    assert found.products[1].axes["part"]["last"].given()["shift"] == 6


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[[products]]", "[products]", "file: found no TOML"),
        ("planner.suite/1", "planner.suite/9", "/schema: found the text 'planner.suite/9'; expected 'planner.suite/1'"),
        ('name = "tiny"', 'name = "a/b"', "/name: found the text 'a/b'"),
        ('name = "tiny"', "", "/name: found nothing; expected the key 'name'"),
        ('"greedy"', '"gredy"', "/policies: found 'gredy'; expected a plug-in that is there: .*did you mean greedy"),
        ('"noisy:error=0.5"', '"noise"', "/products/0/axes/forecast/noise/forecast: .*did you mean noisy"),
        ("axes.seed = [0, 1]", "axes.sed = [0, 1]", "/products/0/axes/sed/0/sed: found the unknown key 'sed'.*seed"),
        ("axes.seed = [0, 1]", "axes.seed = [-1]", "/products/0/axes/seed/-1/seed: found -1"),
        ("axes.seed = [0, 1]", "axes.seed = []", "/products/0/axes/seed"),
        ("shift = 6", "shfit = 6", "/products/1/axes/part/last/shfit: .*did you mean 'shift'"),
        ("regions = 2", "regions = 0", "/products/1/grids/0/regions: found 0"),
        ('instances = ["tiny/waiting"]', "", "/products/0: found neither instances nor grids"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(old: str, new: str, said: str, suite: Path) -> None:
    suite.write_text(SUITE.replace(old, new, 1))
    with pytest.raises(InvalidInput, match=f"^{re.escape(str(suite))}: {said}"):
        load_suite(suite)


def test_suites_are_found_by_name() -> None:
    assert shipped_suites() == ("elsewhere", "forecast-error", "paper", "smoke")
    with pytest.raises(UsageError, match="shipped are elsewhere, forecast-error, paper, smoke"):
        find_suite("smok")


@pytest.mark.parametrize("name", shipped_suites())
def test_shipped_suites_hold(name: str) -> None:
    suite, text = load_suite(name)
    assert suite.name == name
    assert tomllib.loads(text)["notes"]


def test_the_paper_suite_is_what_it_is_called() -> None:
    """All policies that need no parameter, on four seasons x three capacities x three slacks x five seeds."""
    suite = load_suite("paper")[0]
    assert {spec.partition(":")[0] for spec in suite.policies} == set(ready())
    assert [len(axis) for axis in suite.products[0].axes.values()] == [4, 3, 3, 1, 5]
    assert suite.forecast == "recorded"
    assert "real/twelve-zone-2023" in read_text(find_suite("paper"))
