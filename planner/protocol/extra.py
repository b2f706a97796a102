"""Whether what the protocol needs besides the core is there."""

from importlib.util import find_spec

from planner.errors import MissingExtra


def require_serve(who: str, *names: str) -> None:
    """MissingExtra: modules that `who` ("the runner needs") asks for are not installed."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise MissingExtra(f"{who} {', '.join(missing)}: pip install 'planner[serve]'")
