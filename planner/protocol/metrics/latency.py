"""A distribution of latencies: from every value, or from the buckets that a monitoring system keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# ms, five a decade from 1 ms to 1000 s: each bucket 58 % wider than the one before.
BOUNDS: tuple[float, ...] = tuple(float(f"{10 ** (k / 5):.4g}") for k in range(31))


@dataclass(frozen=True, slots=True)
class Distribution:
    """Mean and percentiles, and the histogram: counts[i] values in [bounds[i-1], bounds[i]), open at both ends."""

    mean: float
    p50: float
    p95: float
    p99: float
    bounds: tuple[float, ...]
    counts: tuple[int, ...]

    @classmethod
    def of(cls, values: Sequence[float] | Floats) -> "Distribution | None":
        """Exact, linear between the order statistics; None of nothing."""
        found = np.asarray(values, dtype=np.float64)
        if not len(found):
            return None
        counts = np.bincount(np.searchsorted(BOUNDS, found, side="right"), minlength=len(BOUNDS) + 1)
        p50, p95, p99 = (float(p) for p in np.percentile(found, (50, 95, 99)))
        return cls(float(found.mean()), p50, p95, p99, BOUNDS, tuple(int(c) for c in counts))

    @classmethod
    def of_buckets(cls, mean: float, bounds: Sequence[float], counts: Sequence[int]) -> "Distribution | None":
        """Percentiles by interpolation within a bucket; None where all are empty."""
        if not sum(counts):
            return None
        p50, p95, p99 = (_percentile(np.asarray(bounds), np.asarray(counts), share) for share in (0.5, 0.95, 0.99))
        return cls(mean, p50, p95, p99, tuple(bounds), tuple(counts))

    @classmethod
    def together(cls, parts: Sequence["Distribution"]) -> "Distribution":
        """Of all values; percentiles from the histograms, which must have the same bounds. ValueError: none, others."""
        bounds = {part.bounds for part in parts}
        if len(bounds) != 1:
            raise ValueError(f"distributions of the same buckets can be put together, not of {len(bounds)} kinds")
        counts = np.sum([part.counts for part in parts], axis=0)
        mean = sum(part.mean * sum(part.counts) for part in parts) / counts.sum()
        merged = cls.of_buckets(float(mean), bounds.pop(), [int(c) for c in counts])
        if merged is None:
            raise ValueError("the distributions are empty")
        return merged

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Distribution":
        """The inverse of `asdict`."""
        lists = {name: tuple(document[name]) for name in ("bounds", "counts")}
        return cls(**{**document, **lists})


def _percentile(bounds: Floats, counts: NDArray[np.int64], share: float) -> float:
    """Evenly spread within a bucket. Latencies are not below 0; what lies above the last bound counts as that bound."""
    edges = np.concatenate([[min(0.0, float(bounds[0]))], bounds, bounds[-1:]])
    through = np.cumsum(counts)
    rank = share * through[-1]
    bucket = int(np.searchsorted(through, rank))
    into = (rank - (through[bucket] - counts[bucket])) / counts[bucket]
    return float(edges[bucket] + into * (edges[bucket + 1] - edges[bucket]))
