import pytest

from planner.errors import InvalidInput, UsageError
from planner.io import library


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    for name in ("tiny/one-hour.json", "tiny/two-hours.json.gz", "schema/instance-1.json", "README.md"):
        path = tmp_path / "instances" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    monkeypatch.setattr(library, "_folder", lambda name: tmp_path / name)
    return tmp_path


def test_names_are_families_and_files_without_schemas(shipped):
    assert library.shipped_instances() == ("tiny/one-hour", "tiny/two-hours")


def test_a_name_finds_plain_and_gzipped_files(shipped):
    assert library.find_instance("tiny/one-hour") == shipped / "instances/tiny/one-hour.json"
    assert library.find_instance("tiny/two-hours") == shipped / "instances/tiny/two-hours.json.gz"


def test_a_path_goes_before_a_name(shipped, tmp_path):
    path = tmp_path / "own.json"
    path.write_text("{}")
    assert library.find_instance(path) == path


def test_a_misspelt_name_gets_a_suggestion(shipped):
    with pytest.raises(UsageError, match="did you mean 'tiny/one-hour'"):
        library.find_instance("tiny/one-huor")


def test_a_missing_file_is_invalid_input(shipped):
    with pytest.raises(InvalidInput, match="nothing at this path"):
        library.find_instance("gone.json")


def test_a_schema_is_not_an_instance(shipped):
    with pytest.raises(UsageError):
        library.find_instance("schema/instance-1")
