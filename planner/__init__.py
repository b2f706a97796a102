"""Plan where and when AI inference runs so that it emits the least carbon, and prove how good the plan is.

Nothing runs at import: each public name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.domain.instance import Instance as Instance
    from planner.io.instances import load_instance as load_instance
    from planner.io.instances import save_instance as save_instance
    from planner.io.plans import load_plan as load_plan
    from planner.io.plans import save_result as save_result
    from planner.metrics.gaps import gap_table as gap_table
    from planner.replay.loop import replay as replay
    from planner.solve.oracle import bound as bound
    from planner.solve.oracle import solve as solve
    from planner.verify.judge import check as check

_HOMES = {
    "Instance": "planner.domain.instance",
    "load_instance": "planner.io.instances",
    "save_instance": "planner.io.instances",
    "load_plan": "planner.io.plans",
    "save_result": "planner.io.plans",
    "solve": "planner.solve.oracle",
    "bound": "planner.solve.oracle",
    "check": "planner.verify.judge",
    "replay": "planner.replay.loop",
    "gap_table": "planner.metrics.gaps",
}
__version__ = "0.1.0"
__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'planner' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
