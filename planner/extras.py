"""Whether the libraries of an optional part are there."""

from importlib.util import find_spec

from planner.errors import MissingExtra


def require_extra(extra: str, who: str, *modules: str) -> None:
    """MissingExtra: modules that `who` ("the runner needs") asks for are not installed; they come with the extra."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise MissingExtra(f"{who} {', '.join(missing)}: pip install 'planner[{extra}]'")
