"""How many servers a load takes."""

import numpy as np

from planner.domain.instance import Floats
from planner.domain.results import FEASIBILITY

ROUNDING = 1e-9  # of a server: a load this little above a whole number needs no further one


def servers_needed(load: Floats, capacity: Floats) -> Floats:
    """The fewest whole servers of `capacity` server-seconds that carry a load in server-seconds (M2); they broadcast.

    Where no server is on, (M2) tolerates nothing but dust: a crumb of load that is alone in its pool takes one.
    """
    return np.asarray(np.maximum(np.ceil(load / capacity - ROUNDING), load > FEASIBILITY))
