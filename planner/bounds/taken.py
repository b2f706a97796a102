"""What the minimisers of the Lagrangian take of each relaxed limit: with the limits themselves, its gradient."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from planner.domain.instance import Floats, Instance

ACCOUNTS = {"carbon_kg": "carbon", "energy_kwh": "energy", "cost_usd": "cost"}  # what each cap of (M12) limits


@dataclass(slots=True, eq=False)
class Taken:
    """What the minimisers take of each relaxed limit: `load` (P,T) server-seconds, `servers` (P,T), `violations` (W,)
    and `used` by name of a cap."""

    load: Floats
    servers: Floats
    violations: Floats
    used: dict[str, float] = field(default_factory=dict)

    def use(self, amounts: Mapping[str, float]) -> None:
        """Add to what is used of the caps."""
        for name, amount in amounts.items():
            self.used[name] = self.used.get(name, 0.0) + amount


def live_caps(instance: Instance) -> tuple[str, ...]:
    """Names of the caps (M12) that the instance has."""
    return tuple(name for name in ACCOUNTS if getattr(instance.caps, name) is not None)
