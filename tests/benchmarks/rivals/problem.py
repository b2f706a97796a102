"""What every rival is handed: the time-indexed linear programme as flat columns (no provisioning)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from planner.domain.flat import flat_options
from planner.domain.instance import Floats, Ints
from planner.domain.options import options
from planner.io.instances import load_instance


@dataclass(frozen=True)
class Problem:
    """Option j serves `batch[j]` at `price[j]` and takes `load[j]` server-seconds of the `room` of `cell[j]`."""

    batch: Ints
    cell: Ints
    price: Floats
    load: Floats
    room: Floats

    def __len__(self) -> int:
        return len(self.batch)


@contextmanager
def phase(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Add the time of a block to `seconds[name]`."""
    begun = time.perf_counter()
    yield
    seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - begun


def prepared(path: str) -> tuple[Problem, dict[str, float]]:
    """The instance's options as columns, and the seconds this took."""
    seconds: dict[str, float] = {}
    with phase(seconds, "read"):
        instance = load_instance(path)
    with phase(seconds, "options"):
        table = options(instance)
        flat = flat_options(table)
        cell = table.routes.pool[flat.route] * instance.periods + flat.period
        room = (instance.servers * table.server_capacity[:, None]).ravel()
    return Problem(flat.batch, cell, flat.price, flat.seconds, room), seconds
