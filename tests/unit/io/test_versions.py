import pytest

from planner.errors import InvalidInput
from planner.io import versions


def test_the_newest_version_is_left_as_it_is():
    assert versions.upgraded({"schema": "planner.plan/1"}, versions.PLAN) == {"schema": "planner.plan/1"}


def test_an_older_document_goes_through_every_migration(monkeypatch):
    def second(document):
        return document | {"schema": "planner.instance/2", "b": document["a"]}

    def third(document):
        return document | {"schema": "planner.instance/3", "c": document["b"] + 1}

    monkeypatch.setattr(versions, "NEWEST", {versions.INSTANCE: 3})
    monkeypatch.setattr(versions, "MIGRATIONS", {(versions.INSTANCE, 1): second, (versions.INSTANCE, 2): third})
    found = versions.upgraded({"schema": "planner.instance/1", "a": 1}, versions.INSTANCE)
    assert found == {"schema": "planner.instance/3", "a": 1, "b": 1, "c": 2}


def test_every_older_version_of_every_family_has_a_migration():
    needed = {(family, old) for family, newest in versions.NEWEST.items() for old in range(1, newest)}
    assert set(versions.MIGRATIONS) == needed


@pytest.mark.parametrize(
    "schema", [None, 1, "", "planner.plan/1", "planner.instance", "planner.instance/x", "planner.instance/0"]
)
def test_another_family_or_no_version_is_refused(schema):
    with pytest.raises(InvalidInput, match=r"expected 'planner\.instance/1'"):
        versions.upgraded({"schema": schema}, versions.INSTANCE)


def test_a_newer_version_says_to_upgrade():
    with pytest.raises(InvalidInput, match="upgrade planner"):
        versions.upgraded({"schema": "planner.instance/2"}, versions.INSTANCE)
