"""Cloud region -> grid zone and coordinates, for Google Cloud, Amazon Web Services and Azure."""

import csv
import difflib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from planner.errors import UsageError

PROVIDERS = ("gcp", "aws", "azure")


@dataclass(frozen=True, slots=True)
class CloudRegion:
    """A region as its provider names it, the Electricity Maps zone it draws from, and where it is in degrees."""

    provider: str
    region: str
    place: str
    zone: str
    latitude: float
    longitude: float


def cloud_regions(provider: str | None = None) -> tuple[CloudRegion, ...]:
    """All regions of the table, or those of one provider. UsageError: no such provider."""
    if provider is not None and provider not in PROVIDERS:
        raise UsageError(f"no provider '{provider}': there are {', '.join(PROVIDERS)}")
    return tuple(r for r in _table() if provider in (None, r.provider))


def cloud_region(name: str) -> CloudRegion:
    """A region by its name, such as `europe-west9`, `eu-west-3` or `francecentral`. UsageError: no such region."""
    by_name = {r.region: r for r in _table()}
    if name not in by_name:
        close = difflib.get_close_matches(name, by_name, n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else "`planner data regions` lists them"
        raise UsageError(f"no cloud region '{name}': {hint}")
    return by_name[name]


@cache
def _table() -> tuple[CloudRegion, ...]:
    text = files("planner.data").joinpath("cloud_regions.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        CloudRegion(r["provider"], r["region"], r["place"], r["zone"], float(r["latitude"]), float(r["longitude"]))
        for r in rows
    )
