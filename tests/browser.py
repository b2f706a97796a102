"""Pages in a real browser: what they log, what they ask of the network, what a screen reader stumbles over."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
WIDTHS = (400, 1400)
PATIENCE = 120_000.0  # ms; a loaded machine is slow, not wrong


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless browser. Of a module: while it runs, its thread has an event loop that other tests would trip over."""
    if CHROMIUM is None:
        pytest.skip("no chromium on the path: pages are not opened in a browser")
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pages are not opened")
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], timeout=PATIENCE)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Any, path: Path, *, width: int = 1400, scheme: str = "light") -> Iterator[Any]:
    """A page from a file. Fails at its end for whatever it logged as an error or asked of anybody but that file."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE)
    page, problems = context.new_page(), []

    def only_the_file(route: Any) -> None:
        if route.request.url == path.as_uri():
            route.continue_()
        else:
            problems.append(f"asked for {route.request.url}")
            route.abort()

    page.route("**/*", only_the_file)
    page.on("console", lambda said: problems.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    try:
        page.goto(path.as_uri())
        yield page
    finally:
        context.close()
    assert not problems, "; ".join(problems)


def stumbles(page: Any) -> str:
    """What axe-core finds, as a report; empty where it finds nothing."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    found = axe.Axe().run(page)
    return str(found.generate_report()) if found.violations_count else ""
