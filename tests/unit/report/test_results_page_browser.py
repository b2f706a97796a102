"""The page of the paper suite in a real browser: by keyboard, at two widths, light and dark."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planner.data.five_region import five_region_week
from planner.domain.instance import Instance
from planner.replay.loop import replay
from planner.report.results.page import results_page
from planner.report.results.panels import Placed, Shown
from planner.report.results.reading import read_results
from planner.report.results.words import NONE
from tests.browser import WIDTHS, opened, stumbles
from tests.unit.report.campaign_rows import HOSTILE, save_paper_suite

DAY = 24
TASKS, POLICIES = 36, 32
CUT_OFF = """spans => spans.filter(span => {
  const text = document.createRange();
  text.selectNodeContents(span);
  return text.getBoundingClientRect().left < span.getBoundingClientRect().left - 0.5;
}).map(span => span.textContent)"""


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(save_paper_suite(tmp_path_factory.mktemp("paper")))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(save_paper_suite(tmp_path_factory.mktemp("part"), tasks=TASKS))


def saved(folder: Path, week: Instance | None = None) -> Path:
    """The page of a campaign, beside its rows."""
    week = week or five_region_week(requests_per_hour=20)
    plans = (
        Placed("carbon-first", replay(week, "carbon-first").plan),
        Placed(HOSTILE, replay(week, "latency-first").plan),
    )
    html = results_page(read_results(folder), title="Paper suite", shown=Shown(HOSTILE, week, plans))
    (folder / "report.html").write_text(html, encoding="utf-8")
    return folder / "report.html"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_screen_reader_finds_its_way_in_the_paper_suite(chromium: Any, paper: Path, width: int, scheme: str) -> None:
    with opened(chromium, paper, width=width, scheme=scheme) as shown:
        assert stumbles(shown) == ""
        assert shown.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_the_paper_suite_opens_in_silence(chromium: Any, paper: Path, width: int) -> None:
    with opened(chromium, paper, width=width) as shown:
        assert shown.evaluate("document.documentElement.scrollWidth") <= width


def test_a_page_that_asks_the_network_is_caught(chromium: Any, page: Path, tmp_path: Path) -> None:
    asking = tmp_path / "asking.html"
    asking.write_text(
        page.read_text(encoding="utf-8").replace("</h1>", '</h1><img alt="" src="https://example.org/a.png">')
    )
    with pytest.raises(AssertionError, match=r"asked for https://example\.org"), opened(chromium, asking) as shown:
        shown.wait_for_timeout(100)


def test_tables_are_sorted_by_keyboard(chromium: Any, page: Path) -> None:
    with opened(chromium, page) as shown:
        head = shown.locator("#leaderboard thead th", has_text="max").first
        medians = shown.locator("#leaderboard table").first.locator("tbody tr td:nth-child(8)")
        head.locator("button").focus()
        shown.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == "ascending"
        rising = figures(medians.all_text_contents())
        assert rising == sorted(rising)
        shown.keyboard.press("Space")
        assert head.get_attribute("aria-sort") == "descending"
        assert figures(medians.all_text_contents()) == rising[::-1]
        assert medians.last.text_content() == NONE  # no figure stays last in both directions


def figures(texts: list[str]) -> list[float]:
    """Without the dash, which is in the last place."""
    return [float(text.removesuffix(" %").replace(",", "")) for text in texts if text != NONE]


def test_instances_are_filtered_by_keyboard(chromium: Any, page: Path) -> None:
    with opened(chromium, page) as shown:
        rows = shown.locator("#all-instances tbody tr:visible")
        said = shown.locator("#instances-filter output")
        assert said.text_content() == "36 of 36 shown"
        shown.get_by_label("Contains").focus()
        shown.keyboard.type("summer")
        said.filter(has_text="9 of 36").wait_for()
        assert rows.count() == 9
        shown.keyboard.press("Tab")
        shown.keyboard.press("Tab")
        shown.keyboard.type("1.3")
        said.filter(has_text="3 of 36").wait_for()
        assert rows.count() == 3


def test_an_instance_opens_its_rows(chromium: Any, page: Path) -> None:
    with opened(chromium, page, width=400) as shown:
        said = shown.locator("#rows-filter output")
        assert said.text_content() == f"100 of {TASKS * POLICIES} rows shown"
        shown.locator("#all-instances tbody button").nth(7).press("Enter")
        assert said.text_content() == f"{POLICIES} of {POLICIES} rows shown"
        assert shown.locator("#all-rows tbody tr").count() == POLICIES
        assert shown.evaluate("document.activeElement.dataset.key") == "0"
        gap = shown.locator("#all-rows thead th", has_text="gap").first
        gap.locator("button").press("Enter")
        shown_gaps = figures(shown.locator("#all-rows tbody td:nth-child(3)").all_text_contents()[1:])
        assert shown_gaps == sorted(shown_gaps)


def test_rows_are_filtered_by_result_and_shown_a_hundred_at_a_time(chromium: Any, page: Path) -> None:
    with opened(chromium, page) as shown:
        said = shown.locator("#rows-filter output")
        shown.get_by_role("button", name="Show more").press("Enter")
        assert said.text_content() == f"200 of {TASKS * POLICIES} rows shown"
        shown.get_by_label("Result").select_option(label="rule broken")
        results = shown.locator("#all-rows tbody td:nth-child(10)").all_text_contents()
        assert set(results) == {"rule broken: M1"}
        assert said.text_content() == f"{len(results)} of {len(results)} rows shown"


def test_the_legend_picks_lines(chromium: Any, page: Path) -> None:
    with opened(chromium, page) as shown:
        button = shown.locator("#profile .legend button").nth(9)
        assert button.get_attribute("aria-pressed") == "false"
        button.press("Space")
        assert button.get_attribute("aria-pressed") == "true"
        assert shown.locator("#profile .plot .line.on").count() == 7


def test_the_map_tells_the_figures_of_a_period(chromium: Any, page: Path) -> None:
    week = five_region_week(requests_per_hour=20)
    intensity = week.carbon_intensity_g_per_kwh
    with opened(chromium, page) as shown:
        period = shown.get_by_role("slider", name="Period")
        period.focus()
        for _ in range(3):
            shown.keyboard.press("ArrowRight")
        cells = shown.locator("#map-reading tbody tr td:nth-child(2)").all_text_contents()
        assert [float(cell) for cell in cells] == pytest.approx(intensity[:, 3], abs=0.051)
        cleanest = week.regions[int(np.argmin(intensity[:, 3]))].name
        assert f"{week.time(3):%Y-%m-%d %H:%M} UTC: cleanest is {cleanest}" in shown.locator("#map-said").text_content()
        shown.get_by_label("Days").select_option(index=2)
        assert shown.locator("#map .panel > svg").first.get_attribute("viewBox") == f"{DAY} 0 {DAY} 5"
        shown.locator("#map .panel > svg").nth(1).click(position={"x": 1, "y": 5})
        start = week.start + timedelta(hours=DAY)
        assert period.get_attribute("aria-valuetext") == f"{start:%Y-%m-%d %H:%M} UTC"


@pytest.mark.parametrize("width", WIDTHS)
def test_no_name_of_a_region_is_cut_off(chromium: Any, tmp_path: Path, width: int) -> None:
    week = five_region_week(requests_per_hour=20)
    first, *others = week.regions
    named = week.replace(
        regions=(replace(first, name="northamerica-northeast2"), *others),
        pools=tuple(replace(p, region="northamerica-northeast2") if p.region == first.name else p for p in week.pools),
    )
    with opened(chromium, saved(save_paper_suite(tmp_path, tasks=1), named), width=width) as shown:
        names = shown.locator("#map .names span")
        assert names.count() == 3 * len(named.regions)
        assert names.evaluate_all(CUT_OFF) == []


def test_on_paper_everything_is_dark_on_light(chromium: Any, page: Path) -> None:
    with opened(chromium, page, scheme="dark") as shown:
        shown.emulate_media(media="print")
        assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert shown.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert shown.locator("#rows-filter").is_hidden()


def test_paper_holds_every_column(chromium: Any, page: Path) -> None:
    with opened(chromium, page, width=720) as shown:  # A4 within its margins
        shown.emulate_media(media="print")
        assert shown.evaluate("document.documentElement.scrollWidth") <= 720
