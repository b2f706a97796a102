"""The documentation as a site: built strictly, every page listed, every link there, nothing asked of anybody else."""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.browser import PATIENCE, WIDTHS
from tests.docs.documents import ROOT
from tests.docs.pages import make, titled

pytestmark = pytest.mark.skipif(find_spec("zensical") is None, reason="zensical is not installed: no site is built")
OUTSIDE = ("http:", "https:", "mailto:", "data:")


@dataclass
class Page(HTMLParser):
    """What a page links to, what it loads, and the anchors that it has."""

    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value for name, value in attrs if value}
        self.anchors.update(named[name] for name in ("id", "name") if name in named)
        target = named.get("href") or named.get("src")
        if target and tag != "base":
            (self.links if tag == "a" else self.loads).append(target)


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site: what `make docs` does, in a folder of the tests."""
    folder = tmp_path_factory.mktemp("site")
    make(folder / "build" / "pages")
    shutil.copy(ROOT / "zensical.toml", folder)
    built = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--clean", "--strict"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    said = built.stdout + built.stderr
    assert built.returncode == 0, said
    assert "No issues found" in said
    assert "arning" not in said
    return folder / "build" / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: read(path) for path in site.rglob("*.html")}


def test_make_docs_does_the_same() -> None:
    recipe = subprocess.run(["make", "-n", "-C", ROOT, "docs"], capture_output=True, text=True, check=True).stdout
    assert "-m tests.docs.pages build/pages\n" in recipe
    assert "/zensical build --clean --strict\n" in recipe


def in_navigation(entries: list[dict[str, Any]]) -> Iterator[str]:
    for entry in entries:
        for below in entry.values():
            yield from [below] if isinstance(below, str) else in_navigation(below)


def test_every_page_is_in_the_navigation(pages: dict[Path, Page], site: Path) -> None:
    project = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    listed = list(in_navigation(project["nav"]))
    guides = {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")}
    assert sorted(listed) == sorted(guides | {"README.md", "instances/README.md", "instances/MODEL.md"})
    home = pages[site / "index.html"]
    assert {f"./{name[:-3]}.html" for name in guides} <= set(home.links)


def test_links_and_anchors_lead_somewhere(pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        for link in (*page.links, *page.loads):
            if link.startswith(OUTSIDE) or (path.name == "404.html" and link.startswith("/")):
                continue
            parts = urlsplit(link)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            there = target.is_file() and (not parts.fragment or unquote(parts.fragment) in pages[target].anchors)
            broken += [] if there else [f"{path.name}: {link}"]
    assert not broken


def test_pages_load_nothing_from_elsewhere(pages: dict[Path, Page]) -> None:
    assert not [load for page in pages.values() for load in page.loads if load.startswith(("http", "//"))]


def test_the_model_is_the_models_own_file(site: Path) -> None:
    shown = (site / "instances" / "MODEL.html").read_text(encoding="utf-8")
    assert "Constraints are (M*), accounting rules (O*), cuts (C*)" in shown
    assert all(f"({rule})" in shown for rule in ("M0", "M12", "O1", "O7", "C1"))


def test_no_block_lost_its_fence(pages: dict[Path, Page], site: Path) -> None:
    assert not [path.name for path in pages if "```" in path.read_text(encoding="utf-8")]
    tutorial = (site / "docs" / "tutorial.html").read_text(encoding="utf-8")
    assert '<span class="filename">clean_enough.py</span>' in tutorial


def test_first_lines_of_blocks() -> None:
    text = "```python a.py\n```console slow\n```json data b.json\n```text\n"
    assert titled(text) == '```python title="a.py"\n```console\n```json title="b.json"\n```text\n'


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", ["index.html", "docs/tutorial.html", "instances/MODEL.html"])
def test_pages_in_a_browser(page: str, width: int, site: Path, chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(PATIENCE)
    opened, asked = context.new_page(), []
    opened.on("request", lambda request: asked.append(request.url))
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto((site / page).as_uri())
    assert opened.locator("h1").count() == 1
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    assert not errors
    context.close()
