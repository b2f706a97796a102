"""The page as text; test_results_page_browser.py opens it."""

import json
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from planner.domain.instance import Instance
from planner.replay.loop import replay
from planner.report.results.page import results_page
from planner.report.results.panels import Placed, Shown
from planner.report.results.reading import read_results
from planner.report.results.rows import Results
from planner.report.results.scale import GapScale
from planner.report.results.words import NONE, name, percent
from planner.solve.oracle import solve
from tests.unit.report.campaign_rows import HOSTILE, broken, failed, results, row, save_paper_suite

MOST = 5_000_000  # bytes
ADDRESS = re.compile(r"""(?:https?:)?//[\w.-]+\.\w|url\(|@import|\bsrc=|<link(?! rel="icon" href="data:,")|\bfetch\(""")


class Seen(HTMLParser):
    """Ids, references within the page and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.asked: set[str] = set()
        self.scripts = 0
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.scripts += tag == "script"
        self.ids.update([given["id"]] if given.get("id") else [])
        self.asked |= {(given.get("href") or "")[1:]} if tag == "a" else set()
        self.asked |= set((given.get("for") or "").split())

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return read_results(save_paper_suite(tmp_path_factory.mktemp("paper")))


@pytest.fixture
def shown(two_hours: Instance) -> Shown:
    plans = (Placed("oracle", solve(two_hours).plan), Placed("greedy", replay(two_hours, "greedy").plan))
    return Shown("two hours", two_hours, plans, ("Made by hand.",))


def page_of(found: Results, shown: Shown | str = "No map.") -> str:
    return results_page(found, title="A campaign", shown=shown)


def test_the_paper_suite_fits_and_stands_alone(paper: Results) -> None:
    html = page_of(paper)
    assert len(paper.rows) == 180 * 32
    assert len(html.encode()) < MOST
    assert ADDRESS.search(html) is None
    data = json.loads(re.findall(r'id="rows-data">(.*?)</script>', html)[0])
    assert len(data["rows"]) == len(paper.rows)
    assert data["rows"][1][2] == pytest.approx(paper.rows[1].gap, rel=1e-5)


def test_no_id_twice_and_every_reference_is_there(paper: Results, shown: Shown) -> None:
    page = Seen(page_of(paper, shown))
    assert {name: n for name, n in page.ids.items() if n > 1} == {}
    assert page.asked <= set(page.ids)


def test_equal_results_are_equal_pages() -> None:
    found = results(row("t1", "a", 0.1, forecast_wape=0.1), row("t2", "a", 0.2, forecast_wape=0.2))
    assert page_of(found) == page_of(found)


def test_hostile_names_are_text() -> None:
    found = results(
        row(
            "t1",
            HOSTILE,
            0.1,
            instance=HOSTILE,
            axes=(("axis" + HOSTILE, HOSTILE),),
            forecast_wape=0.1,
            regime="forecast",
        ),
        row("t2", HOSTILE, 0.2, instance="b", axes=(("axis" + HOSTILE, '"quoted"'),), forecast_wape=0.2),
        failed("t3", HOSTILE, HOSTILE),
    )
    html = results_page(Results(found.rows, ({"machine": HOSTILE},), HOSTILE), title=HOSTILE, shown=HOSTILE)
    plain = Seen(page_of(results(row("t1", "a", 0.1))))
    assert "<script>alert" not in html
    assert Seen(html).scripts == plain.scripts
    assert json.loads(re.findall(r'id="rows-data">(.*?)</script>', html)[0])["policies"] == [HOSTILE]


def test_a_template_is_not_read_twice() -> None:
    assert "${title} $body" in page_of(results(row("t1", "${title} $body", 0.1))).replace("<wbr>", "")


def test_what_failed_and_broke_is_told() -> None:
    text = Seen(page_of(results(row("t1", "a", 0.1), broken("t2", "a", "M2"), failed("t3", "a", "boom")))).text
    for told in ("broke M2: no gap", "failed: boom", "1 of 3 instances are left out"):
        assert told in text
    assert "Nothing: every row is verified" in Seen(page_of(results(row("t1", "a", 0.1)))).text


def test_references_stand_apart(paper: Results) -> None:
    html = page_of(paper)
    board, _, after = html.partition("<h3>References</h3>")
    assert "optimum" not in Seen(board).text
    assert "worst" in after
    assert f"<td>{NONE}" in after.partition("</section>")[0]


def test_the_map_holds_the_load_and_the_intensity(shown: Shown) -> None:
    html = page_of(results(row("t1", "greedy", 0.1)), shown)
    data = json.loads(re.findall(r'id="map-data">(.*?)</script>', html)[0])
    assert data["titles"] == ["carbon intensity", "oracle", "greedy"]
    assert data["tenths"] == [[[5000, 1000]], [[0, 1000]], [[1000, 0]]]  # the oracle waits, greedy does not
    assert (data["start"], data["minutes"], data["regions"]) == ("2026-01-01T00:00:00Z", 60, ["here"])
    assert "Made by hand." in html


def test_without_a_map_the_reason_stands_there() -> None:
    assert "No map." in page_of(results(row("t1", "a", 0.1)))


def test_one_row_and_none_that_can_be_ranked() -> None:
    assert "<h1>" in page_of(results(row("t1", "a", 0.0)))
    assert "Not ranked" in page_of(results(failed("t1", "a")))
    assert "<h1>" in page_of(results(row("t1", "optimum", 0.0)))


def test_figures_of_the_leaderboard_are_those_of_the_rows() -> None:
    html = page_of(results(*(row(f"t{n}", "a", gap) for n, gap in enumerate((0.04, 0.01, 0.02, 0.03)))))
    cells = re.search(r"<tbody><tr><th scope=row>a<td.*?</div>(.*?)</table>", html)
    assert cells is not None
    assert re.sub(r"<[^>]+>", "|", cells[1]).strip("|").split("|")[:6] == [
        *("1", "1.00 %", "2.00 %", "3.00 %", "4.00 %", "4.00 %"),
    ]


def test_the_scale_has_its_ends_and_its_middle() -> None:
    scale = GapScale(0.001, 10.0)
    assert [scale.at(gap) for gap in (0.0, 0.001, 0.1, 10.0)] == pytest.approx([0, 0, 0.5, 1])
    assert [tick.text for tick in scale.ticks()] == ["0.1 %", "1 %", "10 %", "100 %", "1000 %"]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, NONE),
        (0.0, "0 %"),
        (1e-9, "<0.01 %"),
        (0.01234, "1.23 %"),
        (0.1234, "12.3 %"),
        (12.0, "1,200 %"),
        (-0.02, "\N{MINUS SIGN}2.00 %"),
    ],
)
def test_per_cent(share: float | None, text: str) -> None:
    assert percent(share) == text


def test_names_break_where_they_may() -> None:
    assert name("a:b=<1>,c") == "a:<wbr>b=&lt;1&gt;,<wbr>c"
