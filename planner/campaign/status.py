"""How far a campaign has come, and when it will be done."""

from dataclasses import dataclass
from datetime import datetime

from planner.campaign.play import told
from planner.campaign.store import Folder


@dataclass(frozen=True, slots=True)
class Status:
    """Tasks and rows so far; `seconds_left` at the pace of the newest run, None before its first task is done."""

    suite: str
    tasks: int
    done: int
    rows: int
    verified: int
    errors: int
    seconds_left: float | None


def status(folder: Folder) -> Status:
    """Read from the files alone, while the campaign runs or after. InvalidInput: no campaign's folder."""
    campaign = folder.campaign()
    keys = [cell["task"] for cell in campaign["tasks"]]
    found = [told(key, document) for key in keys if (document := folder.finished(key)) is not None]
    began = datetime.fromisoformat(campaign["started"]).timestamp()
    ended = sorted(folder.task_file(said.task).stat().st_mtime for said in found)
    return Status(
        suite=campaign["suite"],
        tasks=len(keys),
        done=len(found),
        rows=sum(said.rows for said in found),
        verified=sum(said.verified for said in found),
        errors=sum(said.errors for said in found),
        seconds_left=seconds_left([time - began for time in ended if time >= began], len(keys) - len(found)),
    )


def seconds_left(ended: list[float], left: int) -> float | None:
    """From the seconds at which tasks of this run ended, and how many are left."""
    if left == 0:
        return 0.0
    return left * max(ended) / len(ended) if ended else None
