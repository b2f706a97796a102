"""Whose stdout it is."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def stdout_of_our_own() -> Iterator[None]:
    """What C libraries print reaches stderr, so that data stay whole: HiGHS as SciPy ships it prints unasked.

    Python's own prints go to stdout as before, line by line: what cannot be written is told where it is printed.
    """
    if sys.stdout is None or sys.stderr is None:  # closed by whoever started us
        yield
        return
    before = sys.stdout
    before.flush()
    number = before.fileno()
    data = os.dup(number)
    os.dup2(sys.stderr.fileno(), number)
    sys.stdout = os.fdopen(data, "w", buffering=1, encoding=before.encoding, errors=before.errors)
    try:
        yield
    finally:
        os.dup2(data, number)
        with suppress(OSError):  # told before
            sys.stdout.close()
        sys.stdout = before
