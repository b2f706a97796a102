"""Named plug-ins: policies, forecasters and formulations, found through entry points.

A spec is `name` or `name:key=value,key=value`; a value holds no comma and becomes what the parameter's annotation says.
A name may also be `path/to/file.py:ClassName`: a plug-in of one's own that is not installed.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, entry_points
from importlib.util import module_from_spec, spec_from_file_location
from math import isnan
from pathlib import Path
from types import ModuleType
from typing import Any

from planner.errors import InvalidInput, PlannerError, UsageError

_KINDS = {"planner.policies": "policy", "planner.forecasters": "forecaster", "planner.formulations": "formulation"}
_MEMBERS = {"planner.policies": ("regime",), "planner.forecasters": ("uses_future", "predict")}
_IN_FILE = re.compile(r"(?P<file>[^=]+\.py):(?P<member>\w+)")


def names(group: str) -> tuple[str, ...]:
    """The names that `load` knows in a group, sorted. UsageError: the project is not installed."""
    found = sorted(_entries(group))
    if not found:
        raise UsageError(f"no plug-in of {group!r} is known: install the project first (pip install .)")
    return tuple(found)


def load(group: str, spec: str, **context: Any) -> Any:
    """The plug-in that `spec` asks for, made with its parameters and those of `context` that it names.

    UsageError: an unknown name or parameter, a value of the wrong type, a parameter that is missing. InvalidInput: a
    plug-in's file, or its class, raises.
    """
    name, settings = _parse(spec)
    make = factory(group, name)
    signature = inspect.signature(make, eval_str=True)
    parameters = signature.parameters
    open_to_spec = {key: parameter for key, parameter in parameters.items() if key not in context}
    arguments = {key: _value(name, open_to_spec, key, text) for key, text in settings.items()}
    arguments |= {key: value for key, value in context.items() if key in parameters}
    try:
        signature.bind(**arguments)
    except TypeError as error:
        raise UsageError(f"{name}: {error}; write {name}:key=value with {_listed(open_to_spec)}") from None
    try:
        return make(**arguments)
    except ValueError as error:
        raise UsageError(f"{spec}: {error}") from error
    except PlannerError:
        raise
    except Exception as error:
        raise InvalidInput(spec, f"{type(error).__name__}: {error}", "a plug-in that can be made") from error


def factory_of(group: str, spec: str) -> Callable[..., Any]:
    """The class or function that a spec names."""
    return factory(group, _parse(spec)[0])


def factory(group: str, name: str) -> Callable[..., Any]:
    """The class or function behind a name; its docstring, attributes and signature describe the plug-in."""
    if in_file := _IN_FILE.fullmatch(name):
        return _from_file(group, Path(in_file["file"]), in_file["member"])
    if name not in names(group):
        raise UsageError(f"no {_KINDS.get(group, 'plug-in')} {name!r}: {did_you_mean(name, names(group))}")
    entry = _entries(group)[name]
    if entry.module.split(".")[0] == "models" and entry.dist is not None and entry.dist.name == "planner":
        _import_own_models()
    made: Callable[..., Any] = entry.load()
    return made


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint for a message: the nearest known words, or all of them where none is near."""
    known = sorted(known)
    near = get_close_matches(word, known)
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(known) or 'none'}"


@cache
def _entries(group: str) -> Mapping[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=group)}


def _import_own_models() -> None:
    """Make `models` the package beside this one, wherever a folder of that name comes first on the path."""
    home = Path(__file__).parents[1]
    loaded = sys.modules.get("models")
    if loaded is not None and getattr(loaded, "__file__", None) == str(home / "models" / "__init__.py"):
        return
    for foreign in [name for name in sys.modules if name.split(".")[0] == "models"]:
        del sys.modules[foreign]
    spec = PathFinder.find_spec("models", [str(home)])
    if spec is None or spec.loader is None:
        raise UsageError(f"the package 'models' is missing beside {home / 'planner'}: install the project again")
    module = sys.modules["models"] = module_from_spec(spec)
    spec.loader.exec_module(module)


def _from_file(group: str, file: Path, member: str) -> Callable[..., Any]:
    if not file.is_file():
        raise UsageError(f"{file}: no such file; write path/to/file.py:ClassName")
    module = _module(file.resolve())
    own = {name for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__}
    if member not in own:
        raise UsageError(f"{file} defines no {member!r}: {did_you_mean(member, own)}")
    made: Callable[..., Any] = getattr(module, member)
    missing = [name for name in _MEMBERS.get(group, ()) if not hasattr(made, name)]
    if missing or not callable(made):
        raise InvalidInput(f"{file}:{member}", f"no {missing[0]}" if missing else "no class", f"a {_KINDS[group]}")
    return made


@cache
def _module(file: Path) -> ModuleType:
    """The module in a file, run once; known by a name of its own, so that what it makes can be pickled."""
    name = f"planner_plugin_{file.stem}_{abs(hash(file)):x}"
    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise UsageError(f"{file}: not a Python file")
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise InvalidInput(
            str(file), f"{type(error).__name__}: {error}", "a Python file that can be imported"
        ) from error
    return module


def _parse(spec: str) -> tuple[str, dict[str, str]]:
    in_file = _IN_FILE.match(spec)
    cut = in_file.end() if in_file else spec.find(":") if ":" in spec else len(spec)
    name, rest = spec[:cut], spec[cut + 1 :]
    settings: dict[str, str] = {}
    for item in filter(None, rest.split(",")):
        key, equals, value = item.partition("=")
        if not equals or not key or key in settings:
            raise UsageError(f"cannot read {item!r} in {spec!r}: write name:key=value,key=value, each key once")
        settings[key.strip()] = value.strip()
    return name.strip(), settings


def _value(name: str, known: Mapping[str, inspect.Parameter], key: str, text: str) -> Any:
    if key not in known:
        raise UsageError(f"{name} has no parameter {key!r}: {did_you_mean(key, known)}")
    # pydantic is imported here since most specs have no parameter and --help has none.
    from pydantic import PydanticSchemaGenerationError, TypeAdapter, ValidationError

    annotation = known[key].annotation
    try:
        value = TypeAdapter(str if annotation is inspect.Parameter.empty else annotation).validate_python(text)
    except ValidationError as error:
        raise UsageError(f"{name}: {key}={text}: {error.errors()[0]['msg']}") from None
    except PydanticSchemaGenerationError:
        raise UsageError(f"{name}: {key} cannot be written in a spec") from None
    if isinstance(value, float) and isnan(value):
        raise UsageError(f"{name}: {key}={text}: a number is expected")
    return value


def _listed(parameters: Mapping[str, inspect.Parameter]) -> str:
    return ", ".join(str(parameter) for parameter in parameters.values()) or "no parameters"
