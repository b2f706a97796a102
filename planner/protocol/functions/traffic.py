"""How many requests a service has in hand, since when it has none, and whether it takes more."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Traffic:
    """Counted on one event loop; `draining` is set once, when the service is to end."""

    def __init__(self) -> None:
        self.draining = False
        self.in_flight = 0
        self.served = 0
        self._since = time.monotonic()

    @contextmanager
    def request(self) -> Iterator[None]:
        """While a request is in hand."""
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1
            self.served += 1
            self._since = time.monotonic()

    @property
    def idle_seconds(self) -> float:
        """Real seconds without any request."""
        return 0.0 if self.in_flight else time.monotonic() - self._since
