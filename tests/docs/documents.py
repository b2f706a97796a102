"""The documentation as a script: fenced blocks with what they are and how they are to run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
KINDS = ("data", "slow")
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    `words` follow the language in its first line: a file name (the block is that file), `data` (it reads the real
    series) or `slow` (not for every run of the tests).
    """

    place: str
    language: str
    words: tuple[str, ...]
    body: str

    @property
    def file(self) -> str | None:
        """The name of the file that the block is."""
        return next((word for word in self.words if "." in word), None)

    @property
    def runs(self) -> bool:
        """Whether there is anything to run."""
        return self.language in ("console", "python")

    @property
    def kind(self) -> str:
        """`data`, `slow`, or `quick`: whatever runs anywhere in a few seconds."""
        return next((word for word in self.words if word in KINDS), "quick")


@dataclass(frozen=True)
class Command:
    """A line after `$ ` and what a document shows below it."""

    place: str
    line: str
    shown: str


def documents_with(kind: str) -> list[str]:
    """The documents that hold a block of a kind to run."""
    pages = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    documents = (page.relative_to(ROOT).as_posix() for page in pages)
    return [document for document in documents if any(b.runs and b.kind == kind for b in blocks(document))]


def blocks(document: str) -> list[Block]:
    """All fenced blocks of a document, in order."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return [
        Block(f"{document}:{text.count(chr(10), 0, found.start()) + 1}", found[1], tuple(found[2].split()), found[3])
        for found in FENCE.finditer(text)
    ]


def commands(block: Block) -> Iterator[Command]:
    """The commands of a console block; one ends its line with a backslash where it goes on in the next."""
    for entry in re.split(r"^\$ ", block.body, flags=re.MULTILINE)[1:]:
        line, _, shown = entry.replace("\\\n", " ").partition("\n")
        yield Command(f"{block.place}, `{line}`", line, shown)
