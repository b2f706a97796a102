"""What a service is asked: all of it except the credentials, so that it may be named, shown and kept."""

import hashlib
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """A GET request. `service` and `about` (zone and time) are for people, `url` and `params` for the service.

    `kept_as` stands for the address in the cache, where that holds the present time.
    """

    service: str
    about: str
    url: str
    params: tuple[tuple[str, str], ...] = ()
    kept_as: str = ""

    @property
    def key(self) -> str:
        """SHA-256 of what is asked, the same in every process."""
        return hashlib.sha256(json.dumps([self.kept_as or self.url, sorted(self.params)]).encode()).hexdigest()

    def __str__(self) -> str:
        return f"{self.service}, {self.about}"
