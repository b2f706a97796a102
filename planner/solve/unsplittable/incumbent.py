"""The best plan so far of a search."""

from dataclasses import dataclass

from planner.domain.instance import Floats
from planner.solve.unsplittable.batches import WholeBatches

LEAST_GAIN = 1e-9  # relative


@dataclass(frozen=True, slots=True, eq=False)
class Incumbent:
    """Values (n,) and what they add up to in the rows (m,); `broken` is by how much rows are broken, 0 for a plan."""

    values: Floats
    activity: Floats
    objective: float
    broken: float

    def better_than(self, other: "Incumbent") -> bool:
        """Breaks less, or as little at a lower objective."""
        if self.broken < (1 - LEAST_GAIN) * other.broken:
            return True
        least = LEAST_GAIN * max(abs(other.objective), 1e-300)
        return self.broken <= other.broken and self.objective < other.objective - least


def incumbent(whole: WholeBatches, values: Floats) -> Incumbent:
    """Evaluate column values."""
    activity = whole.activity(values)
    return Incumbent(values, activity, float(whole.program.cost @ values), float(whole.excess(activity).sum()))
