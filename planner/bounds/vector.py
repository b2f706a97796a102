"""Multipliers as one vector, the form that an optimiser takes."""

from dataclasses import replace

import numpy as np

from planner.domain.instance import Floats
from planner.domain.results import Multipliers


def to_vector(multipliers: Multipliers) -> Floats:
    """Prices of (M2), (M11), (M3b) where there is one, and (M12), one after the other."""
    fleet = np.zeros(0) if multipliers.fleet is None else multipliers.fleet
    return np.concatenate([multipliers.capacity.ravel(), multipliers.slo, fleet, [*multipliers.caps.values()]])


def from_vector(vector: Floats, like: Multipliers) -> Multipliers:
    """The inverse of `to_vector` for multipliers of the same limits; cuts are those of `like`."""
    ends = np.cumsum([like.capacity.size, len(like.slo), 0 if like.fleet is None else len(like.fleet)])
    capacity, slo, fleet, caps = np.split(vector, ends)
    return replace(
        like,
        capacity=capacity.reshape(like.capacity.shape),
        slo=slo,
        fleet=None if like.fleet is None else fleet,
        caps=dict(zip(like.caps, caps.tolist(), strict=True)),
    )


def completed(multipliers: Multipliers, limits: Multipliers) -> Multipliers:
    """The same prices for exactly the limits given: 0 for those without a price."""
    fleet = None if limits.fleet is None else np.zeros_like(limits.fleet)
    return replace(
        multipliers,
        fleet=fleet if fleet is None or multipliers.fleet is None else multipliers.fleet,
        caps={name: multipliers.caps.get(name, 0.0) for name in limits.caps},
    )
