"""`planner data live|fetch|regions`: series from services, published files by their hash, and where clouds are."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import common
from planner.cli.common import Json, Output, Quiet, Verbose
from planner.cli.data_options import handling
from planner.cli.data_series import about, save_series, told
from planner.errors import UsageError

if TYPE_CHECKING:
    from planner.data.carbon.handling import Handling
    from planner.data.carbon.live.service import Service
    from planner.data.carbon.live.web import Web
    from planner.data.carbon.series import Series
    from planner.data.recipe import SourceFile

ServiceName = Annotated[str, typer.Option("--from", metavar="SERVICE", help="electricity-maps, watttime or uk.")]
Zone = Annotated[str, typer.Option(metavar="ZONE", help="As the service names it, such as DE, CAISO_NORTH or GB.")]
Kind = Annotated[str, typer.Option(metavar="WORDS", help="direct or, of electricity-maps, lifecycle.")]
Start = Annotated[str | None, typer.Option(metavar="TIME", help="Start of the first period (UTC).")]
End = Annotated[str | None, typer.Option(metavar="TIME", help="End of the last period (UTC).")]
Forecast = Annotated[bool, typer.Option("--forecast", help="What the service foretells now, instead of a time.")]
Missing = Annotated[str, typer.Option(metavar="HOW", help="error or interpolate.")]
MaxGap = Annotated[float, typer.Option(metavar="HOURS", min=0, help="Longest gap to interpolate.", show_default=True)]
CacheFolder = Annotated[
    Path | None,
    typer.Option("--cache", metavar="DIR", help="Where answers are kept. Default: the user's cache folder."),
]
Offline = Annotated[bool, typer.Option("--offline", help="Answer from the cache alone.")]
Refresh = Annotated[bool, typer.Option("--refresh", help="Ask again for what is in the cache.")]
Timeout = Annotated[
    float, typer.Option(metavar="S", min=0.1, help="Seconds until a silent service is given up.", show_default=True)
]
Url = Annotated[
    str | None, typer.Option(metavar="URL", help="Address of the folder that the files are downloaded from.")
]
Folder = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where the files belong.")]
What = Annotated[str, typer.Argument(metavar="NAME|RECIPE", help="A file that a shipped recipe names, or a recipe.")]
Provider = Annotated[str | None, typer.Option(metavar="NAME", help="gcp, aws or azure; all where it is left out.")]


def register(group: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (live, fetch, regions):
        group.command()(command)


def live(
    from_: ServiceName,
    zone: Zone,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The series, .csv or .csv.gz.")],
    start: Start = None,
    end: End = None,
    forecast: Forecast = False,
    kind: Kind = "direct",
    missing: Missing = "error",
    max_gap: MaxGap = 6.0,
    cache: CacheFolder = None,
    offline: Offline = False,
    refresh: Refresh = False,
    timeout: Timeout = 30.0,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Write a series that a service answers with: a past time, or its forecast of now.

    Credentials stand in the environment: ELECTRICITY_MAPS_TOKEN, or WATTTIME_USER and WATTTIME_PASSWORD; uk needs none.
    """
    from planner.data.carbon.live.services import service

    wanted = handling(
        decimal="point", unit=None, timezone=None, start=start, end=end,
        kind=kind, missing=missing, max_gap_hours=max_gap,
    )  # fmt: skip
    asked = service(from_, _web(cache, offline=offline, refresh=refresh, timeout=timeout), wanted)
    series = _answer(asked, zone, wanted, forecast=forecast)
    save_series([series], output)
    document = {"schema": "planner.data-live/1", "service": from_, "forecast": forecast, "series": about([series])}
    common.emit(document, told([series]), as_json=json)


def fetch(
    what: What,
    output: Folder,
    url: Url = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Bring the files of a recipe into a folder, each only with the SHA-256 it must have; what is there is checked."""
    from planner.data import download

    rows = []
    for path, new in download.fetch(_files(what), output, base=url):
        rows.append({"file": path.name, "downloaded": new, "path": str(path)})
        common.note(f"{path}: {'downloaded' if new else 'already there'}")
    text = f"{len(rows)} files in {output}, every byte as it must be"
    common.emit({"schema": "planner.data-fetch/1", "files": rows}, text, as_json=json)


def regions(
    provider: Provider = None,
    json: Json = False,
    output: Output = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Cloud regions, the grid zone that each draws from, and its coordinates."""
    from planner.data.cloud_regions import cloud_regions

    found = [asdict(region) for region in cloud_regions(provider)]
    header = ("provider", "region", "zone", "place", "latitude", "longitude")
    rows = [[r[h] if isinstance(r[h], str) else f"{r[h]:.2f}" for h in header] for r in found]
    text = common.table(header, rows, left=4)
    common.emit({"schema": "planner.data-regions/1", "regions": found}, text, as_json=json, output=output)


def _web(cache: Path | None, *, offline: bool, refresh: bool, timeout: float) -> "Web":
    from planner.data.carbon.live.cache import Cache
    from planner.data.carbon.live.web import Web
    from planner.extras import require_extra

    require_extra("data", "planner data live needs", "httpx", "pooch", "tenacity")
    import pooch  # type: ignore[import-untyped]

    folder = cache or Path(pooch.os_cache("planner")) / "live"
    return Web(Cache(folder), offline=offline, refresh=refresh, timeout=timeout)


def _answer(asked: "Service", zone: str, wanted: "Handling", *, forecast: bool) -> "Series":
    if forecast and wanted.start is None and wanted.end is None:
        return asked.forecast(zone)
    if forecast or wanted.start is None or wanted.end is None:
        raise UsageError("give either --start and --end, or --forecast")
    return asked.history(zone, wanted.start, wanted.end)


def _files(what: str) -> "Sequence[SourceFile]":
    """The files of a recipe, or one that a shipped recipe names. UsageError: neither."""
    from planner.data.download import known_files
    from planner.data.recipe import load_recipe
    from planner.io.library import find_recipe, shipped_recipes

    if what in shipped_recipes() or Path(what).is_file():
        return load_recipe(find_recipe(what)).sources
    known = known_files(load_recipe(find_recipe(name)) for name in shipped_recipes())
    if what not in known:
        raise UsageError(f"no recipe and no file '{what}'; give one of {', '.join([*shipped_recipes(), *known])}")
    return [known[what]]
