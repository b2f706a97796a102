"""The pages of the site, made from the repository's: `python -m tests.docs.pages FOLDER`.

Pages keep their places, so that their links lead on. Only what stands after the language of a fenced block is put as
the site wants it: a file name becomes the block's title, what concerns the tests is left out.
"""

import re
import shutil
import sys
from pathlib import Path

from tests.docs.documents import ROOT

FILES = ("README.md", "LICENSE", "instances/README.md", "instances/MODEL.md")
FOLDERS = ("docs", "instances/schema")
FENCE = re.compile(r"^```(\w+) ([^\n]+)$", re.MULTILINE)


def make(folder: Path) -> None:
    """Write all pages, and what they show or link to, into an empty folder."""
    for source in FOLDERS:
        shutil.copytree(ROOT / source, folder / source)
    for file in FILES:
        shutil.copy(ROOT / file, folder / file)
    for page in folder.rglob("*.md"):
        page.write_text(titled(page.read_text(encoding="utf-8")), encoding="utf-8")


def titled(text: str) -> str:
    """A page with the first lines of its blocks as the site reads them."""
    return FENCE.sub(lambda found: f"```{found[1]}{_title(found[2])}", text)


def _title(words: str) -> str:
    file = next((word for word in words.split() if "." in word), None)
    return f' title="{file}"' if file else ""


if __name__ == "__main__":
    make(Path(sys.argv[1]))
