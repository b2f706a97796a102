"""Better multipliers for the whole instance: the smoothed dual, climbed by L-BFGS while its temperature falls.

Stitched windows leave a gap of some 0.2 %. From there, and from no prices at all, this comes within about 1e-5 of the
linear relaxation's optimum, without a linear programme and in memory of a few tables of (route, period).
"""

import time
from collections import deque
from collections.abc import Callable, Iterator

import numpy as np
from scipy.optimize import Bounds, OptimizeResult, minimize

from planner.bounds.dual import SmoothedDual
from planner.bounds.vector import completed, from_vector, to_vector
from planner.domain.instance import Floats, Instance
from planner.domain.results import Multipliers
from planner.verify.bound import lower_bound

Progress = Callable[[float, float], None]  # seconds so far, best bound so far
HOTTEST, COLDEST, COOLING = 1e-2, 1e-5, 10**-0.5  # the gap that remains is about the temperature
STEPS = 400  # at each temperature, at most
SPAN, ENOUGH = 20, 1e-3  # so many steps that gain less than this share of the temperature each end a stage
PATIENT = 3e-4  # the same under provisioning, where start-ups tie periods together and steps gain less
MEMORY = 10
LEAST_LIMIT = 1e-2  # of the mean of its family: what a price's scale may be based on


def polish(
    instance: Instance,
    multipliers: Multipliers,
    *,
    gap: float = 1.0,
    target: float | None = None,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> Multipliers:
    """Multipliers that prove at least what the given ones do, as the judge computes it (MODEL.md 6).

    `gap` is what the given ones may leave, relative: the better they are, the cooler it begins. Ends at a bound of
    `target`, after some `seconds`, or within about 1e-5. All prices but those of cuts (C1) move; those of pools
    without a limit stay. Jobs are not smoothed: instances of many jobs gain less. Multipliers that prove nothing finite
    come back. Set OMP_NUM_THREADS=1 where cores are shared: threads gain nothing here.
    """
    best, bound = multipliers, lower_bound(instance, multipliers)
    if not np.isfinite(bound):
        return multipliers
    climb = _Climb(instance, multipliers, seconds)
    for temperature in _temperatures(gap):
        if climb.out_of_time() or (target is not None and bound >= target):
            break
        found = climb.to(temperature)
        judged = lower_bound(instance, found)
        if judged > bound:
            best, bound = found, judged
        if progress is not None:
            progress(climb.spent(), bound)
    return best


def climbed(instance: Instance, *, seconds: float | None = None, progress: Progress | None = None) -> Multipliers:
    """Multipliers from no prices at all: a bound without a linear programme, also for a year (docs/performance.md)."""
    none = Multipliers.nothing(instance)
    return polish(instance, none, seconds=seconds, progress=progress)


def _temperatures(gap: float) -> Iterator[float]:
    """From the gap down by half orders of magnitude."""
    temperature = max(min(gap, HOTTEST), COLDEST)
    while temperature > COLDEST / 2:
        yield temperature
        temperature *= COOLING


class _Climb:
    """Where the climb stands; prices are scaled so that all may move alike, the value so that it is near 1."""

    def __init__(self, instance: Instance, start: Multipliers, seconds: float | None) -> None:
        self._begun, self._seconds = time.perf_counter(), seconds
        self._dual = SmoothedDual(instance, start.cuts)
        self._at = completed(start, self._dual.limits)
        self._size = abs(self._dual(self._at, HOTTEST)[0]) or 1.0
        self._scale = _scales(self._dual.limits, self._size)
        self._enough = PATIENT if instance.provisioning else ENOUGH
        self._bounds = _bounds(instance, self._at, self._scale)

    def spent(self) -> float:
        """Seconds so far."""
        return time.perf_counter() - self._begun

    def out_of_time(self) -> bool:
        """Whether the seconds given are over."""
        return self._seconds is not None and self.spent() >= self._seconds

    def to(self, temperature: float) -> Multipliers:
        """The best multipliers at a temperature, from where the last one ended."""

        def loss(x: Floats) -> tuple[float, Floats]:
            value, gradient = self._dual(from_vector(x * self._scale, self._at), temperature)
            return -value / self._size, to_vector(gradient) * self._scale / -self._size

        found = minimize(
            loss,
            to_vector(self._at) / self._scale,
            jac=True,
            method="L-BFGS-B",
            bounds=self._bounds,
            callback=self._until_settled(temperature),
            options={"maxiter": STEPS, "maxcor": MEMORY, "ftol": 0.0, "gtol": 0.0},
        )
        self._at = from_vector(np.maximum(found.x * self._scale, 0.0), self._at)
        return self._at

    def _until_settled(self, temperature: float) -> Callable[..., None]:
        """A single step may gain little in between, so progress is measured over several."""
        losses: deque[float] = deque(maxlen=SPAN + 1)
        least = SPAN * self._enough * temperature

        def watch(intermediate_result: OptimizeResult) -> None:
            losses.append(intermediate_result.fun)
            gain = losses[0] - losses[-1] if len(losses) > SPAN else np.inf
            if gain < least * abs(losses[-1]) or self.out_of_time():
                raise StopIteration

        return watch


def _scales(limits: Multipliers, size: float) -> Floats:
    """What a price may be: the value over all that is limited, and more where the limit is small."""
    families = [limits.capacity.ravel(), limits.slo, *([] if limits.fleet is None else [limits.fleet])]
    families += [np.array([cap]) for cap in limits.caps.values()]
    return np.concatenate([_scale(family, size) for family in families])


def _scale(limit: Floats, size: float) -> Floats:
    mean = float(limit.mean()) if limit.any() else 1.0
    return np.asarray(size / (mean * limit.size) * np.sqrt(mean / np.maximum(limit, LEAST_LIMIT * mean)))


def _bounds(instance: Instance, start: Multipliers, scale: Floats) -> Bounds:
    """No price may be negative; that of a pool without limit stays, for another one may prove nothing."""
    at = to_vector(start) / scale
    still = np.zeros(len(at), dtype=np.bool_)
    still[: instance.servers.size] = np.isinf(instance.servers).ravel()
    return Bounds(np.where(still, at, 0.0), np.where(still, at, np.inf))
