"""Where independent tasks run: in this process, in spawned processes or on a Dask cluster; the results are the same."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, ClassVar, Protocol, Self, TypeVar

from planner.errors import MissingExtra, SolverError, UsageError

Task = TypeVar("Task")
Result = TypeVar("Result")
LOST_WORKERS = 5  # so many times in a row without a result in between, and the tasks themselves must be what kills them


class Executor(Protocol):
    """Runs a function, which can be imported by its name, over tasks that can be pickled.

    Workers start with the first tasks and stay for later ones, until the end of the `with` block.
    """

    name: ClassVar[str]

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        *,
        finished: Callable[[int, Result], None] | None = None,
    ) -> list[Result]:
        """Results in the order of the tasks; `finished(index, result)` is called here as each comes in.

        The first error of a task ends the run and is raised.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Serial:
    """One task after the other, in this process."""

    name: ClassVar[str] = "serial"

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        *,
        finished: Callable[[int, Result], None] | None = None,
    ) -> list[Result]:
        """See Executor."""
        results = []
        for i, task in enumerate(tasks):
            results.append(function(task))
            if finished is not None:
                finished(i, results[-1])
        return results

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Processes:
    """Spawned processes (a fork would inherit the solver's threads); tasks of a process that dies run again."""

    name: ClassVar[str] = "processes"

    def __init__(self, workers: int = 2) -> None:
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        *,
        finished: Callable[[int, Result], None] | None = None,
    ) -> list[Result]:
        """See Executor. SolverError: workers die again and again."""
        results: dict[int, Result] = {}

        def take(index: int, result: Result) -> None:
            results[index] = result
            if finished is not None:
                finished(index, result)

        lost = 0
        while len(results) < len(tasks):
            before = len(results)
            try:
                self._run(function, {i: task for i, task in enumerate(tasks) if i not in results}, take)
            except BrokenProcessPool as error:
                self._close()
                lost = lost + 1 if len(results) == before else 1
                if lost >= LOST_WORKERS:
                    raise SolverError(f"worker processes died {lost} times in a row (out of memory?)") from error
        return [results[i] for i in range(len(tasks))]

    def _run(
        self, function: Callable[[Task], Result], tasks: Mapping[int, Task], take: Callable[[int, Result], None]
    ) -> None:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.workers, mp_context=get_context("spawn"))
        index = {self._pool.submit(function, task): i for i, task in tasks.items()}
        try:
            for future in as_completed(index):
                take(index[future], future.result())
        except BaseException:
            for future in index:
                future.cancel()
            raise

    def _close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._pool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()


class Dask:
    """A Dask cluster: the one at `scheduler`, or local processes of one thread each. MissingExtra: not installed."""

    name: ClassVar[str] = "dask"

    def __init__(self, scheduler: str | None = None, workers: int = 2) -> None:
        self.scheduler, self.workers = scheduler, workers
        self._client: Any = None

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        *,
        finished: Callable[[int, Result], None] | None = None,
    ) -> list[Result]:
        """See Executor. Dask runs a task whose worker is lost again. SolverError: its workers die again and again."""
        distributed = _distributed()
        if self._client is None and tasks:
            self._client = self._connected(distributed)
        futures = [self._client.submit(function, task, pure=False) for task in tasks]
        index = {future.key: i for i, future in enumerate(futures)}
        results: dict[int, Result] = {}
        try:
            for future, result in distributed.as_completed(futures, with_results=True):
                results[index[future.key]] = result
                if finished is not None:
                    finished(index[future.key], result)
        except distributed.KilledWorker as error:
            raise SolverError(f"Dask workers died again and again (out of memory?): {error}") from error
        return [results[i] for i in range(len(tasks))]

    def _connected(self, distributed: Any) -> Any:
        if self.scheduler is None:
            return distributed.Client(
                n_workers=self.workers, threads_per_worker=1, processes=True, dashboard_address=None
            )
        try:
            return distributed.Client(self.scheduler, timeout="10s")
        except (OSError, ValueError) as error:
            raise UsageError(f"--scheduler {self.scheduler}: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None


def _distributed() -> Any:
    try:
        import distributed
    except ModuleNotFoundError as error:
        raise MissingExtra("Dask is not installed: pip install 'planner[dask]'") from error
    return distributed


def executor(name: str, *, workers: int = 2, scheduler: str | None = None) -> Executor:
    """By name: serial, processes or dask. UsageError: no such executor, or a scheduler for another than dask."""
    if scheduler is not None and name != Dask.name:
        raise UsageError(f"--scheduler goes with --executor dask, not {name}")
    known: dict[str, Callable[[], Executor]] = {
        Serial.name: Serial,
        Processes.name: lambda: Processes(workers),
        Dask.name: lambda: Dask(scheduler, workers),
    }
    if name not in known:
        raise UsageError(f"no executor {name!r}: known are {', '.join(known)}")
    return known[name]()
