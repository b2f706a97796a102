"""What a result depends on, without loading any of it."""

import platform
from importlib.metadata import version

from planner import __version__


def versions() -> dict[str, str]:
    """Versions of planner, pyomo, highspy and Python."""
    return {
        "planner": __version__,
        "pyomo": version("pyomo"),
        "highspy": version("highspy"),
        "python": platform.python_version(),
    }
