"""What `/metrics` shows, in the Prometheus text format."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from planner.protocol.dispatcher.queue import Counts

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Meters:
    """Of one dispatcher."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.dispatches = Counter("planner_dispatches", "Requests by HTTP status.", ["status"], registry=registry)
        self.seconds = Histogram("planner_dispatch_seconds", "Until durable.", buckets=SECONDS, registry=registry)
        self.executions = Counter(
            "planner_executions", "Attempts by region and status.", ["region", "status"], registry=registry
        )
        self.repeated = Counter("planner_reexecutions", "Attempts after an event's first.", registry=registry)
        self.late = Counter("planner_late", "Results committed after their deadline.", registry=registry)
        self._tasks = Gauge("planner_tasks", "Tasks by state.", ["state"], registry=registry)

    def text(self, counts: Counts) -> bytes:
        """All of it, with where the tasks stand now."""
        for state in ("queued", "leased", "done"):
            known = getattr(counts, state)
            if known is not None:
                self._tasks.labels(state).set(known)
        return generate_latest(self._registry)
