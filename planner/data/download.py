"""Published files, fetched and kept only if they are, byte for byte, those whose SHA-256 is known."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from planner.data.recipe import Recipe, SourceFile
from planner.data.sources import require_sha256
from planner.errors import InvalidInput, NetworkError, UsageError
from planner.extras import require_extra

TIMEOUT_S = 60.0


def known_files(recipes: Iterable[Recipe]) -> dict[str, SourceFile]:
    """Every file that a recipe names, by its name. InvalidInput: two recipes differ on what a file holds."""
    known: dict[str, SourceFile] = {}
    for recipe in recipes:
        for file in recipe.sources:
            if known.setdefault(file.name, file).sha256 != file.sha256:
                raise InvalidInput(f"files of {recipe.name}", f"another SHA-256 for {file.name}", "one SHA-256 a name")
    return known


def fetch(wanted: Iterable[SourceFile], folder: Path, *, base: str | None = None) -> Iterator[tuple[Path, bool]]:
    """Each file in `folder`, and whether it was downloaded now, from `base`/NAME; what is there already is checked.

    InvalidInput: a file, there or downloaded, has another SHA-256; the download is not kept. UsageError: one is
    absent and there is no `base`. NetworkError. MissingExtra.
    """
    for file in wanted:
        if Path(file.name).name != file.name:
            raise InvalidInput("name", repr(file.name), "a name without a folder")
        path = folder / file.name
        if present := path.exists():
            require_sha256(path.read_bytes(), file, path)
        else:
            _download(file, folder, base)
        yield path, not present


def _download(file: SourceFile, folder: Path, base: str | None) -> None:
    if base is None:
        raise UsageError(f"{file.name} is not in {folder}: say with --url where a copy lies (its SHA-256 is known)")
    require_extra("data", "planner data fetch needs", "pooch")
    import pooch  # type: ignore[import-untyped]
    import requests

    url = f"{base.rstrip('/')}/{file.name}"
    pooch.get_logger().setLevel("ERROR")
    loader = pooch.HTTPDownloader(timeout=TIMEOUT_S, headers={"Accept-Encoding": "identity"})  # a .gz stays one
    try:
        pooch.retrieve(url, f"sha256:{file.sha256}", fname=file.name, path=folder, downloader=loader)
    except requests.RequestException as error:
        status = None if error.response is None else error.response.status_code
        said = f"answers {status}" if status else f"cannot be asked ({type(error).__name__})"
        raise NetworkError(f"{file.name}: {_host(url)} {said}") from None
    except ValueError:
        raise InvalidInput(file.name, "a download with another SHA-256", f"SHA-256 {file.sha256}", _host(url)) from None


def _host(url: str) -> str:
    return urlsplit(url).hostname or url
