"""The shipped instances, recipes, suites and solutions, found by name in a checkout and in an installed wheel."""

import difflib
from pathlib import Path

from planner.errors import InvalidInput, UsageError

SUFFIXES = (".json.gz", ".json")


def shipped_instances() -> tuple[str, ...]:
    """Their names, such as `tiny/one-hour`, sorted."""
    root = _folder("instances")
    files = (p.relative_to(root).as_posix() for suffix in SUFFIXES for p in root.glob(f"*/*{suffix}"))
    names = {_without_suffix(name) for name in files if not name.startswith("schema/")}
    return tuple(sorted(names))


def find_instance(name_or_path: str | Path) -> Path:
    """The file of a shipped name or a path. UsageError for an unknown name, InvalidInput for a missing file."""
    given = str(name_or_path)
    path = Path(given)
    if path.exists():
        return path
    shipped = (_folder("instances") / f"{given}{suffix}" for suffix in SUFFIXES)
    found = next((p for p in shipped if p.is_file() and given in shipped_instances()), None)
    if found is not None:
        return found
    if given.endswith(SUFFIXES):
        raise InvalidInput("file", "nothing at this path", "an existing file", given)
    raise UsageError(f"no file and no shipped instance '{given}'{_suggestion(given)}")


def shipped_recipes() -> tuple[str, ...]:
    """Names of the recipes of real instances, such as `real/six-zone-fortnight`, sorted."""
    return _names_of_toml("instances", "*/*.toml")


def find_recipe(name_or_path: str | Path) -> Path:
    """The file of a recipe by path or shipped name. UsageError: there is none."""
    return _toml("instances", name_or_path, "recipe", shipped_recipes())


def shipped_suites() -> tuple[str, ...]:
    """Names of the benchmark suites, such as `smoke`, sorted."""
    return _names_of_toml("suites", "*.toml")


def find_suite(name_or_path: str | Path) -> Path:
    """The file of a suite by path or shipped name. UsageError: there is none."""
    return _toml("suites", name_or_path, "suite", shipped_suites())


def solutions_folder() -> Path:
    """Where the plans of shipped instances lie."""
    return _folder("solutions")


def _folder(name: str) -> Path:
    package = Path(__file__).parents[1]
    installed = package / "_library" / name
    return installed if installed.is_dir() else package.parent / name


def _names_of_toml(folder: str, pattern: str) -> tuple[str, ...]:
    root = _folder(folder)
    return tuple(sorted(p.relative_to(root).with_suffix("").as_posix() for p in root.glob(pattern)))


def _toml(folder: str, name_or_path: str | Path, kind: str, shipped: tuple[str, ...]) -> Path:
    path = Path(name_or_path)
    if path.is_file():
        return path
    if str(name_or_path) in shipped:
        return _folder(folder) / f"{name_or_path}.toml"
    known = ", ".join(shipped)
    raise UsageError(f"no file and no shipped {kind} '{name_or_path}'; shipped are {known}")


def _without_suffix(name: str) -> str:
    return next(name[: -len(s)] for s in SUFFIXES if name.endswith(s))


def _suggestion(given: str) -> str:
    close = difflib.get_close_matches(given, shipped_instances(), n=3)
    if close:
        return ": did you mean " + ", ".join(f"'{c}'" for c in close) + "?"
    return "; `planner instance list` names the shipped ones"
