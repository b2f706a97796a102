"""Arrays of numbers in a document, checked by numpy: one pass finds the first value that does not belong.

An instance holds up to millions of these numbers; a schema library would look at each of them in turn.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.domain.instance import Bools, Floats
from planner.errors import InvalidInput
from planner.io.pointer import describe, one_of, pointer

LARGEST = 10**12  # sums of as many as memory holds stay exact


@dataclass(frozen=True, slots=True)
class Rule:
    """What every number of an array must be; `remedy` says what to do about one below `lowest`."""

    whole: bool = False
    lowest: float | None = 0.0
    highest: float = np.inf
    remedy: str = ""

    @property
    def _highest(self) -> float:
        return min(self.highest, LARGEST) if self.whole else self.highest

    @property
    def expected(self) -> str:
        """The rule in words."""
        kind = "a whole number" if self.whole else "a number"
        low = "" if self.lowest is None else f" of at least {self.lowest:g}"
        high = f" and at most {self._highest:g}" if np.isfinite(self._highest) else ""
        return kind + low + high + (f" ({self.remedy})" if self.remedy else "")

    def broken(self, values: Floats) -> Bools:
        """Which values break the rule."""
        bad = ~np.isfinite(values) | (values > self._highest)
        if self.lowest is not None:
            bad |= values < self.lowest
        if self.whole:
            bad |= (values != np.floor(values)) | (values < -LARGEST)
        return np.asarray(bad)


def numbers(values: Any, where: str, rule: Rule, *, length: int | None = None, reason: str = "") -> Floats:
    """(n,) the array at `where`; `reason` says where the required length comes from."""
    if not isinstance(values, list):
        raise InvalidInput(where, describe(values), "an array of numbers")
    if length is not None and len(values) != length:
        raise InvalidInput(where, f"{len(values)} values", f"{length} values{reason}")
    if not set(map(type, values)) <= {int, float}:
        i = next(i for i, v in enumerate(values) if type(v) not in (int, float))
        raise InvalidInput(f"{where}/{i}", describe(values[i]), rule.expected)
    array = _as_floats(values, where, rule)
    bad = rule.broken(array)
    if bad.any():
        i = int(bad.argmax())
        raise InvalidInput(f"{where}/{i}", describe(values[i]), rule.expected)
    return array


def _as_floats(values: list[int | float], where: str, rule: Rule) -> Floats:
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError as error:
        i = next(i for i, v in enumerate(values) if abs(v) > sys.float_info.max)
        raise InvalidInput(f"{where}/{i}", describe(values[i]), rule.expected) from error


def table(
    given: Mapping[str, Any], names: Sequence[str], where: str, rule: Rule, *, kind: str, length: int, reason: str = ""
) -> Floats:
    """(names, length) one array per name; every name must be there."""
    known_keys(given, names, where, kind)
    absent = [n for n in names if n not in given]
    if absent:
        raise InvalidInput(where, f"no key '{absent[0]}'", f"an array for every {kind}")
    rows = [numbers(given[n], f"{where}{pointer(n)}", rule, length=length, reason=reason) for n in names]
    return np.array(rows).reshape(len(names), length)


def known_keys(given: Mapping[str, Any], names: Sequence[str], where: str, kind: str) -> None:
    """InvalidInput unless every key is one of the names."""
    for key in given:
        if key not in names:
            raise InvalidInput(f"{where}{pointer(key)}", f"the {kind} '{key}'", one_of(names, key))
