"""The `schema` key of a document: which family and version it is, and how an older one becomes the newest."""

from collections.abc import Callable, Mapping
from typing import Any

from planner.errors import InvalidInput
from planner.io.pointer import describe

Migration = Callable[[dict[str, Any]], dict[str, Any]]
INSTANCE, PLAN, MAP, CERTIFICATE = "planner.instance", "planner.plan", "planner.map", "planner.certificate"
NEWEST: Mapping[str, int] = {INSTANCE: 1, PLAN: 1, MAP: 1, CERTIFICATE: 1}
# (family, version) -> what turns a document of that version into one of the next
MIGRATIONS: Mapping[tuple[str, int], Migration] = {}


def schema_name(family: str) -> str:
    """The newest version's name, as it stands in files."""
    return f"{family}/{NEWEST[family]}"


def upgraded(document: dict[str, Any], family: str) -> dict[str, Any]:
    """The document as the newest version of its family. InvalidInput for another family or a newer version."""
    version = _version(document.get("schema"), family)
    for old in range(version, NEWEST[family]):
        document = MIGRATIONS[family, old](document)
    return document


def _version(found: Any, family: str) -> int:
    expected = f"'{schema_name(family)}'"
    if found is None:
        raise InvalidInput("/schema", "nothing", expected)
    name, _, number = found.partition("/") if isinstance(found, str) else ("", "", "")
    if name != family or not number.isdecimal() or number == "0":
        raise InvalidInput("/schema", describe(found), expected)
    if int(number) > NEWEST[family]:
        newer = f"version {number}, written by a newer planner"
        raise InvalidInput("/schema", newer, f"{expected} or older: upgrade planner, or write the file again")
    return int(number)
