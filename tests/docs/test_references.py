"""What the documentation points at exists, and what is shipped is documented."""

import re

import pytest

from planner.registry import names
from tests.docs.documents import ROOT

PAGES = [ROOT / "README.md", ROOT / "instances" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def anchors(text: str) -> set[str]:
    """The fragments that a page's headings answer to."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page) -> None:
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        path, _, fragment = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert not fragment or fragment in anchors(target.read_text(encoding="utf-8")), f"{page.name}: {link}"


def test_every_guide_is_in_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert {page.name for page in (ROOT / "docs").glob("*.md")} == {
        "index.md",
        *re.findall(r"\]\(([\w-]+\.md)\)", index),
    }


def test_every_policy_is_explained() -> None:
    rows = re.findall(r"^\| `([\w-]+)", (ROOT / "docs" / "policies.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    known = names("planner.policies")
    assert not set(known).difference(rows), "docs/policies.md has no row for these"
    assert not set(rows).difference(known), "docs/policies.md has rows for what is not there"


def test_pictures_say_how_they_were_made() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for picture in (ROOT / "docs" / "images").iterdir():
        made = (f"-o docs/images/{picture.name}", f"cp out/bench.png docs/images/{picture.name}")
        assert any(command in text for command in made), picture.name
