import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from planner.data.five_region import five_region_week
from planner.domain.instance import HourMapRule, Instance
from planner.domain.plan import HourMap
from planner.maps.scenario_b import lowest_carbon_map
from planner.report.map_method import method_sentences
from planner.report.map_page import map_page

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
WEEK, YEAR = 2_000_000, 5_000_000  # bytes a page may have


class Page(HTMLParser):
    """Table rows, headings, labels and references of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.headings: list[int] = []
        self.references: list[str] = []
        self.pictures: list[str] = []
        self.ids: set[str] = set()
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._open = tag
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if given.get("role") == "img":
            self.pictures.append(given.get("aria-label") or "")
        self.references += [v or "" for k, v in attrs if k in ("href", "src", "srcset", "action")]
        self.ids |= {given["id"] or ""} if "id" in given else set()

    def handle_data(self, data: str) -> None:
        if self._open in ("td", "th") and self.rows:
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def study() -> Instance:
    return five_region_week(requests_per_hour=20)


def page_of(instance: Instance, rule: HourMapRule | None = None) -> str:
    rule = rule or HourMapRule()
    return map_page(instance, lowest_carbon_map(instance, rule), method=method_sentences(instance, rule))


def rectangles(html: str) -> Iterator[tuple[str, int, int, int]]:
    """Region, day, first hour and length of every run drawn."""
    for runs, region in re.findall(r'<path fill="[^"]+" d="([^"]+)"><title>([^<]+)</title>', html):
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1", runs):
            yield region, int(y), int(x), int(width)


def test_every_hour_stands_in_the_table(study: Instance) -> None:
    rows = [row for row in Page(page_of(study)).rows if row and row[0].startswith("2026-")]
    best = study.carbon_intensity_g_per_kwh.min(axis=0)
    assert len(rows) == 168
    assert [row[1] for row in rows] == [study.regions[r].name for r in study.carbon_intensity_g_per_kwh.argmin(axis=0)]
    assert [float(row[2]) for row in rows] == pytest.approx(best, abs=0.05)
    assert rows[25][0] == "2026-01-02 01:00"


def test_the_picture_is_the_map(study: Instance) -> None:
    path = np.arange(168) // 5 % 5
    html = map_page(study, HourMap(region=path[None]), method=("by hand",))
    drawn = np.full((7, 24), -1)
    names = [r.name for r in study.regions]
    for region, day, first, length in rectangles(html):
        drawn[day, first : first + length] = names.index(region)
    assert (drawn.ravel() == path).all()


def test_self_contained_and_described(study: Instance) -> None:
    html = page_of(study)
    page = Page(html)
    assert "http" not in html.replace("http-equiv", "")
    assert page.references == []
    assert page.headings[0] == 1
    assert all(deeper - upper <= 1 for upper, deeper in zip(page.headings, page.headings[1:], strict=False))
    assert page.pictures
    assert all(page.pictures)
    assert set(re.findall(r'aria-labelledby="(\w+)"', html)) <= page.ids
    assert '<html lang="en">' in html
    assert "width=device-width" in html


def test_size_of_a_week_and_a_year() -> None:
    assert len(page_of(five_region_week(requests_per_hour=20)).encode()) < WEEK
    year = five_region_week(hours=8760, requests_per_hour=1)
    assert len(page_of(year, HourMapRule(per_workload=True)).encode()) < YEAR


def test_names_are_escaped(study: Instance) -> None:
    named = study.replace(
        name="<b>&",
        regions=tuple(replace(r, name=f"<{r.name}>") for r in study.regions),
        pools=tuple(replace(p, region=f"<{p.region}>") for p in study.pools),
        notes=("<script>alert(1)</script>",),
    )
    html = page_of(named)
    assert "<b>&" not in html
    assert "&lt;b&gt;&amp;" in html
    assert "<EU-North>" not in html
    assert "<script>alert" not in html


def test_months_beyond_three_weeks() -> None:
    html = page_of(five_region_week(hours=24 * 40, requests_per_hour=5))
    assert re.findall(r"<figcaption>([^<]+)", html) == ["January 2026", "February 2026"]


def test_each_workload_has_its_columns(study: Instance) -> None:
    html = page_of(study, HourMapRule(per_workload=True))
    head = next(row for row in Page(html).rows if row[0] == "time (UTC)")
    assert head == ["time (UTC)", *(f"{w.name}: {column}" for w in study.workloads for column in ("region", "g/kWh"))]
    assert html.count("<h3>bert_base</h3>") == 1


def test_method_tells_the_limits(study: Instance) -> None:
    plain = method_sentences(study, HourMapRule())
    assert len(plain) == 1
    assert "ties go to the first region" in plain[0]
    half_hours = study.replace(step_minutes=30)
    told = " ".join(method_sentences(half_hours, HourMapRule(max_switches=3, min_dwell_periods=5, per_workload=True)))
    assert "at most 3 times" in told
    assert "at least 2.5 h" in told
    assert "a map of its own" in told
    assert "dynamic programme" in told


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path: the page's script is tried in a browser")
def test_the_filter_counts_what_it_shows(study: Instance, tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text(page_of(study), encoding="utf-8")
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", path.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "168 of 168 shown" in shown
