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
    from planner.replay.loop import replay as replay_policy
    from planner.solve.oracle import bound as lower_bound
    from planner.solve.oracle import solve as solve_instance
    from planner.verify.judge import check as check_plan

# A function may not bear the name of a package (`planner.solve`): the package would hide it once imported.
_HOMES = {
    "Instance": "planner.domain.instance:Instance",
    "check_plan": "planner.verify.judge:check",
    "gap_table": "planner.metrics.gaps:gap_table",
    "load_instance": "planner.io.instances:load_instance",
    "load_plan": "planner.io.plans:load_plan",
    "lower_bound": "planner.solve.oracle:bound",
    "replay_policy": "planner.replay.loop:replay",
    "save_instance": "planner.io.instances:save_instance",
    "save_result": "planner.io.plans:save_result",
    "solve_instance": "planner.solve.oracle:solve",
}
__version__ = "0.1.0"
__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'planner' has no attribute {name!r}")
    module, attribute = _HOMES[name].split(":")
    return getattr(import_module(module), attribute)
