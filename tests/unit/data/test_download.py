"""Published files: kept if every byte is right, refused by name if one is not."""

import hashlib
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from planner.data.download import fetch, known_files
from planner.data.recipe import Recipe, SourceFile, load_recipe
from planner.errors import InvalidInput, MissingExtra, NetworkError, UsageError
from planner.io.library import find_recipe, shipped_recipes

CONTENT = b"zone,g\nDE,300\n"
FILE = SourceFile(name="ci.csv", sha256=hashlib.sha256(CONTENT).hexdigest())


def recipe(**change: object) -> Recipe:
    """A shipped recipe with a change."""
    return load_recipe(find_recipe(shipped_recipes()[0])).model_copy(update=change)


def test_a_file_is_fetched_once_and_then_checked(httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_ordered_request("/data/ci.csv").respond_with_data(CONTENT)
    folder = tmp_path / "new"
    assert list(fetch([FILE], folder, base=httpserver.url_for("/data"))) == [(folder / "ci.csv", True)]
    assert list(fetch([FILE], folder)) == [(folder / "ci.csv", False)]
    assert (folder / "ci.csv").read_bytes() == CONTENT
    assert len(httpserver.log) == 1


def test_a_download_with_a_wrong_byte_is_refused_by_name_and_not_kept(httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/ci.csv").respond_with_data(CONTENT.replace(b"300", b"301"))
    with pytest.raises(InvalidInput, match=f"localhost: ci.csv: .*another SHA-256.*{FILE.sha256}"):
        list(fetch([FILE], tmp_path, base=httpserver.url_for("/")))
    assert not list(tmp_path.iterdir())


def test_a_file_with_a_wrong_byte_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ci.csv"
    path.write_bytes(b"mine")
    with pytest.raises(InvalidInput, match=rf"ci.csv: file: found SHA-256 \w+; expected SHA-256 {FILE.sha256}"):
        list(fetch([FILE], tmp_path, base="http://nowhere.invalid"))
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_server_that_refuses(httpserver: HTTPServer, tmp_path: Path, status: int) -> None:
    httpserver.expect_request("/ci.csv").respond_with_response(Response(status=status))
    with pytest.raises(NetworkError, match=f"ci.csv: localhost answers {status}"):
        list(fetch([FILE], tmp_path, base=httpserver.url_for("/")))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("base", ["http://127.0.0.1:9", "http://user:s3cret@127.0.0.1:9", "no address"])
def test_an_address_where_nobody_answers(tmp_path: Path, base: str) -> None:
    with pytest.raises(NetworkError, match=r"ci.csv: .* cannot be asked") as raised:
        list(fetch([FILE], tmp_path, base=base))
    assert "s3cret" not in str(raised.value)


def test_an_absent_file_without_an_address_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ci.csv is not in .*--url"):
        list(fetch([FILE], tmp_path))


def test_a_name_with_a_folder_in_it_is_refused(tmp_path: Path) -> None:
    outside = FILE.model_copy(update={"name": "../ci.csv"})
    with pytest.raises(InvalidInput, match="a name without a folder"):
        list(fetch([outside], tmp_path, base="http://nowhere.invalid"))


def test_without_the_library_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.extras.find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"needs pooch: pip install 'planner\[data\]'"):
        list(fetch([FILE], tmp_path, base="http://nowhere.invalid"))


def test_the_files_of_all_shipped_recipes_are_known_by_one_hash_each() -> None:
    known = known_files(load_recipe(find_recipe(name)) for name in shipped_recipes())
    assert "gcp_regions.csv" in known
    assert all(len(file.sha256) == 64 for file in known.values())


def test_recipes_that_differ_on_a_file_are_told() -> None:
    other = recipe(files={"carbon": recipe().files["carbon"].model_copy(update={"sha256": "0" * 64})})
    with pytest.raises(InvalidInput, match="another SHA-256"):
        known_files([recipe(), other])


def test_the_real_files_are_those_of_the_recipes(shared_data: Path) -> None:
    known = known_files(load_recipe(find_recipe(name)) for name in shipped_recipes())
    assert not any(downloaded for _, downloaded in fetch(known.values(), shared_data))
