import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from planner.protocol.compare import compare
from planner.protocol.gps_up.results import Comparison
from planner.protocol.page import comparison_page
from planner.protocol.validity import VALIDITY
from tests.unit.protocol.scenarios import DAYS, three

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FIGURES = 4
# Writes into the title what a reader would see: figures with an area and shapes in them.
PROBE = """<script>
document.title = "shown " + Array.from(document.querySelectorAll("figure svg[role=img]")).filter((svg) => {
  const box = svg.getBoundingClientRect();
  return box.width > 200 && box.height > 50 && svg.querySelectorAll("path").length > 10;
}).length;
</script>"""
FAULT = "<script>nobody.knows.this()</script>"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    return compare(three(tmp_path_factory.mktemp("logs")), DAYS, resamples=200)


@pytest.fixture(scope="module")
def page(found: Comparison) -> str:
    return comparison_page(found)


def test_figures_are_in_the_page_and_named(page: str) -> None:
    labels = re.findall(r'<svg role="img" aria-label="([^"]+)"', page)
    assert len(set(labels)) == page.count("<figure>") == FIGURES


def test_the_page_needs_no_network(page: str) -> None:
    assert not re.findall(r"""(?:src|href|action)=["']?(?!#|data:)[^"'>\s]+""", page.replace("xlink:href", "href"))
    assert "@import" not in page
    assert "url(http" not in page


def test_ids_of_figures_do_not_meet(page: str) -> None:
    figures = re.findall(r"<figure>.*?</figure>", page, flags=re.DOTALL)
    # Groups are numbered alike in every figure; what a figure refers to must be its own.
    used = [set(re.findall(r"url\(#(\w+)\)", figure)) for figure in figures]
    assert not any(used[a] & used[b] for a in range(FIGURES) for b in range(a))


def test_every_figure_of_the_comparison_is_in_a_table(page: str, found: Comparison) -> None:
    for pair in found.pairs:
        assert f"{pair.new} against {pair.base}" in page
        assert f"{pair.greenup_policy:.4f}" in page
    for account in found.accounts:
        assert account.events_sha256 in page
    assert f"{found.bound_energy:.6g}" in page


def test_the_limits_are_stated(page: str) -> None:
    assert "Validity and limits" in page
    assert page.count("<li>") == len(VALIDITY)
    for limit in ("compare scenarios with each other", "network is left out", "Cold starts", "Throughput is low"):
        assert limit in page


def test_missing_and_doubled_invocations_are_named_and_escaped(found: Comparison) -> None:
    account = replace(found.accounts[1], missing=("<lost>",), doubled=("twice",))
    page = comparison_page(replace(found, accounts=(found.accounts[0], account), same_trace=False))
    assert "&lt;lost&gt;" in page
    assert "<lost>" not in page
    assert "Scenario B, executed more than once: twice." in page
    assert "DIFFERENT event ids" in page


def test_from_monitoring_there_is_no_delay_to_draw(found: Comparison) -> None:
    page = comparison_page(replace(found, accounts=(), delays={}, same_trace=None))
    assert page.count("<figure>") == FIGURES - 1
    assert "the trace was not checked" in page


def test_equal_comparisons_are_equal_pages(found: Comparison, page: str) -> None:
    assert comparison_page(found) == page


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path: the page is opened in a browser")
def test_a_browser_shows_the_figures_without_complaint(page: str, tmp_path: Path) -> None:
    shown, said = opened(page.replace("</body>", f"{PROBE}</body>"), tmp_path)
    assert f"<title>shown {FIGURES}</title>" in shown
    assert "CONSOLE" not in said
    _, said = opened(page.replace("</body>", f"{FAULT}</body>"), tmp_path)
    assert "CONSOLE" in said  # so that silence above means something


def opened(page: str, folder: Path) -> tuple[str, str]:
    """The document as headless Chromium made it, and what it logged."""
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    options = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}")
    command = [str(CHROMIUM), *options, "--enable-logging=stderr", "--v=0", "--dump-dom", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout, done.stderr
