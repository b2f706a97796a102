"""What the work of a function gives, and how it fails."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class BadInput(Exception):
    """The request names an input that may not or cannot be used; the message may be shown to the client (422)."""


class StorageUnavailable(Exception):
    """The object store did not answer; the same request may succeed later (503)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outputs are counted and discarded: returning them inline is disabled (protocol 3.3)."""

    output_bytes: int
    input_bytes: int = 0
    facts: Mapping[str, int | str] = field(default_factory=dict)
