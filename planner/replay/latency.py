"""What requests met: percentiles, violations, places."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and percentiles of a time in ms; linear between the order statistics."""

    mean: float
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, values: Floats) -> "Spread | None":
        """None where there is nothing to describe."""
        if not len(values):
            return None
        return cls(float(values.mean()), *(float(p) for p in np.percentile(values, (50, 95, 99))))


@dataclass(frozen=True, slots=True)
class Met:
    """What a group of requests met.

    `violations` are served on time but slower than the SLO; latency and carbon intensity (g/kWh, a mean over requests)
    are of those that are served, None where none is.
    """

    requests: int
    latency_ms: Spread | None
    queueing_ms: Spread | None
    mean_carbon_intensity: float | None
    violations: int
    late: int
    unserved: int

    @property
    def violation_rate(self) -> float:
        """V / n of (M11): violations, late and unserved requests, each counted once."""
        return (self.violations + self.late + self.unserved) / max(1, self.requests)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Every request (n,) after its service; a request that nobody serves has no latency (NaN).

    `latency_ms` = round trip + queueing + service + jitter, counted from the dispatch to its pool.
    """

    served: Bools
    late: Bools
    latency_ms: Floats
    queueing_ms: Floats
    slo_ms: Floats
    carbon_intensity: Floats

    @property
    def violated(self) -> Bools:
        """(n,) served on time but slower than the SLO."""
        return np.asarray(self.served & ~self.late & (self.latency_ms > self.slo_ms))

    def met(self, rows: Ints | None = None) -> Met:
        """Summed up, for some requests or for all."""
        chosen: slice | Ints = slice(None) if rows is None else rows
        served, late = self.served[chosen], self.late[chosen]
        intensity = self.carbon_intensity[chosen][served]
        return Met(
            requests=len(served),
            latency_ms=Spread.of(self.latency_ms[chosen][served]),
            queueing_ms=Spread.of(self.queueing_ms[chosen][served]),
            mean_carbon_intensity=float(intensity.mean()) if len(intensity) else None,
            violations=int(self.violated[chosen].sum()),
            late=int(late.sum()),
            unserved=int((~served).sum()),
        )
