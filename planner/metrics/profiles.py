"""Performance profiles: how often each policy comes how near to the bound, over many instances."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Gaps of a policy (G,), smallest first, over `instances`; without a gap it failed or broke a rule there."""

    policy: str
    gaps: Floats
    instances: int

    def within(self, gap: float) -> float:
        """Share of the instances on which the policy is within `gap` of the bound."""
        return float(np.searchsorted(self.gaps, gap, side="right")) / self.instances


def profiles(rows: Iterable[tuple[str, str, float | None]]) -> list[Profile]:
    """One profile a policy from (instance, policy, gap), best median first; ValueError: a pair stands there twice.

    Every policy is counted on every instance, so that none gains by being absent. After Dolan and More, "Benchmarking
    optimization software with performance profiles", Mathematical Programming 91 (2002), with the bound in the place of
    the best solver.
    """
    table: dict[tuple[str, str], float | None] = {}
    for instance, policy, gap in rows:
        if (instance, policy) in table:
            raise ValueError(f"{policy} on {instance} stands there twice")
        table[instance, policy] = gap
    instances = {instance for instance, _ in table}
    policies = dict.fromkeys(policy for _, policy in table)
    found = [
        Profile(name, np.sort([g for (_, p), g in table.items() if p == name and g is not None]), len(instances))
        for name in policies
    ]
    return sorted(found, key=_median)


def _median(profile: Profile) -> float:
    """The gap that half of the instances are within, infinite where fewer have one."""
    middle = (profile.instances + 1) // 2 - 1
    return float(profile.gaps[middle]) if middle < len(profile.gaps) else float("inf")
