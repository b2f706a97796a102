"""A worker process: it ends with the coordinator that started it, and leaves Ctrl-C to it."""

import signal
from multiprocessing import parent_process
from os import _exit
from threading import Thread, current_thread, main_thread
from threading import enumerate as threads

WATCH = "ends with its parent"


def end_with_parent() -> None:
    """Watch the parent from now on: once it was killed this process would wait for its next task for ever.

    A Dask worker has a nanny that ends it, and runs tasks beside its main thread, which hears the signals.
    """
    parent = parent_process()
    if parent is None or current_thread() is not main_thread() or any(thread.name == WATCH for thread in threads()):
        return

    def watch() -> None:
        parent.join()
        _exit(1)

    Thread(target=watch, name=WATCH, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
