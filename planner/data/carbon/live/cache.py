"""Answers on disk, by what was asked; each under the SHA-256 of its content, so that a damaged one is never read."""

import hashlib
import json
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from planner.data.carbon.live.question import Question


class Cache:
    """Two folders: `questions` says which answer belongs to a question, `answers` holds the bodies.

    Bodies that are equal are kept once. Writing is atomic; processes may share a folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, question: Question) -> bytes | None:
        """The body kept for a question; None where there is none, or not the one that was kept."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            digest = json.loads(self._question(question).read_bytes())["sha256"]
            body = self._answer(digest).read_bytes()
            return body if _sha256(body) == digest else None
        return None

    def put(self, question: Question, body: bytes) -> None:
        """Keep an answer. OSError where the folder cannot be written."""
        digest = _sha256(body)
        _replace(self._answer(digest), body)
        asked = {
            "url": question.url,
            "params": dict(question.params),
            "fetched": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        _replace(self._question(question), json.dumps({**asked, "sha256": digest}, indent=1).encode())

    def _question(self, question: Question) -> Path:
        return self.folder / "questions" / f"{question.key}.json"

    def _answer(self, digest: str) -> Path:
        return self.folder / "answers" / f"{digest}.json"


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _replace(path: Path, data: bytes) -> None:
    """No fsync: what a power cut damages is found by its hash, and asked again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        file.write(data)
    Path(file.name).replace(path)
