"""A worker process: it ends with the coordinator that started it, leaves Ctrl-C to it and seldom collects garbage."""

import gc
import signal
from multiprocessing import parent_process
from os import _exit
from threading import Thread, current_thread, main_thread
from threading import enumerate as threads

WATCH = "ends with its parent"
ALLOCATIONS = 50_000  # between two collections: at Python's 700 they take a seventh of the time of `mpc`


def become_worker() -> None:
    """Watch the parent from now on, collect garbage seldom, and do not hear Ctrl-C.

    Once the parent was killed this process would wait for its next task for ever.

    A Dask worker has a nanny that ends it, and runs tasks beside its main thread, which hears the signals.
    """
    parent = parent_process()
    if parent is None or current_thread() is not main_thread() or any(thread.name == WATCH for thread in threads()):
        return

    def watch() -> None:
        parent.join()
        _exit(1)

    Thread(target=watch, name=WATCH, daemon=True).start()
    gc.set_threshold(ALLOCATIONS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
