"""What the tests of live services share: a question to a local server, and a Web that never really waits."""

from dataclasses import dataclass, field
from pathlib import Path

from planner.data.carbon.live.cache import Cache
from planner.data.carbon.live.question import Question
from planner.data.carbon.live.web import Web

SECRET = "s3cret-t0ken-that-nobody-may-see"


@dataclass
class Naps:
    """Stands for time.sleep: writes down how long it would have slept."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def web(folder: Path, naps: Naps | None = None, **options: object) -> Web:
    """A Web with its cache in `folder`; what it would sleep goes to `naps`."""
    return Web(Cache(folder), sleep=naps or Naps(), **options)  # type: ignore[arg-type]


def question(url: str) -> Question:
    """Something to ask."""
    return Question("Some Service", "zone DE", url, (("zone", "DE"),))


def holds(folder: Path, text: str) -> bool:
    """Whether any file under `folder` holds the text."""
    return any(text.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())
