"""The services that are known, by name."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from planner.data.carbon.handling import Handling, choose
from planner.data.carbon.importers.electricity_maps import KINDS
from planner.data.carbon.live.electricity_maps import ElectricityMaps
from planner.data.carbon.live.service import Api, Client, Service
from planner.data.carbon.live.uk import UnitedKingdom
from planner.data.carbon.live.watttime import WattTime
from planner.data.carbon.live.web import Web
from planner.errors import UsageError

APIS: Mapping[str, Callable[[Handling], Api]] = {
    "electricity-maps": lambda handling: ElectricityMaps(choose(KINDS, handling.kind).scope),
    "watttime": lambda _: WattTime(),
    "uk": lambda _: UnitedKingdom(),
}


def service(name: str, web: Web, handling: Handling | None = None) -> Service:
    """A service by name; `handling` says which kind is wanted (direct where it does not) and how to repair what comes.

    UsageError: there is no such service, or it publishes no such kind.
    """
    if name not in APIS:
        raise UsageError(f"no service '{name}': there are {', '.join(APIS)}")
    wanted = handling or Handling()
    wanted = replace(wanted, kind=wanted.kind or "direct")
    return Client(APIS[name](wanted), web, wanted)
