"""What a policy's row depends on beside the instance: a replay that would come to the same is not run again."""

import inspect
from dataclasses import dataclass

from planner.registry import factory_of


@dataclass(frozen=True, slots=True)
class Given:
    """What replays of a task are given."""

    forecast: str
    seed: int


def asked(policy: str, given: Given) -> Given:
    """What of it the policy asks: no forecast without a regime of forecasts, no seed where nothing is drawn.

    Two tasks of one instance in which it asks for the same have the same row of it.
    """
    made = factory_of("planner.policies", policy)
    foresees = getattr(made, "regime", "none") != "none"
    drawn = _takes_seed(made) or (foresees and _takes_seed(factory_of("planner.forecasters", given.forecast)))
    return Given(given.forecast if foresees else "", given.seed if drawn else 0)


def _takes_seed(made: object) -> bool:
    return callable(made) and "seed" in inspect.signature(made).parameters
