"""`doctor`: is this installation fit to solve?"""

import platform
import re
from collections.abc import Callable
from importlib.metadata import requires, version

import typer

from planner.cli import common
from planner.cli.common import Json, Quiet, Verbose


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(doctor)


def doctor(json: Json = False, quiet: Quiet = False, verbose: Verbose = False) -> None:
    """Versions, and tests of the installation.

    The solver, the plug-ins and the library are tried. Exit code 1: one of them failed.
    """
    checks = {"solver self-test": _solver, "plug-ins": _plugins, "instances": _instances}
    found = {name: _tried(check) for name, check in checks.items()}
    versions = _versions()
    document = {
        "schema": "planner.doctor/1",
        "versions": versions,
        "checks": [{"name": name, "ok": ok, "detail": detail} for name, (ok, detail) in found.items()],
    }
    lines = [f"{name:17} {value}" for name, value in versions.items()]
    lines += [f"{name:17} {'ok' if ok else 'FAILED'}: {detail}" for name, (ok, detail) in found.items()]
    common.emit(document, "\n".join(lines), as_json=json)
    if not all(ok for ok, _ in found.values()):
        raise typer.Exit(1)


def _versions() -> dict[str, str]:
    """Of the project, of what it needs, and of the machine."""
    needed = [re.split(r"[^\w.-]", line)[0] for line in requires("planner") or () if "extra ==" not in line]
    own = {name: version(name) for name in ("planner", *sorted(needed))}
    return {**own, "python": platform.python_version(), "platform": platform.platform()}


def _tried(check: Callable[[], tuple[bool, str]]) -> tuple[bool, str]:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - whatever is wrong is the finding
        return False, f"{type(error).__name__}: {error}"


def _solver() -> tuple[bool, str]:
    from planner.solve.highs import self_test

    sound = self_test()
    return sound, "a small big-M model is solved right" if sound else "wrong optimum: install highspy 1.15.1 or newer"


def _plugins() -> tuple[bool, str]:
    from planner.registry import factory, names

    groups = ("planner.formulations", "planner.policies", "planner.forecasters")
    known = [(group, name) for group in groups for name in names(group)]
    for group, name in known:
        factory(group, name)
    return True, ", ".join(name for _, name in known)


def _instances() -> tuple[bool, str]:
    from planner.io.library import shipped_instances

    count = len(shipped_instances())
    return count > 0, f"{count} shipped"
