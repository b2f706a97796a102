import gzip
import json
from pathlib import Path

import pytest

from planner.io.library import shipped_instances
from planner.io.schema import json_schema


@pytest.fixture
def starter(planner, tmp_path):
    path = tmp_path / "starter.json"
    assert planner("instance", "new", "-o", path).code == 0
    return path


def test_a_new_instance_is_valid_and_solves(planner, starter):
    assert planner("instance", "validate", starter).out == "valid: starter\n"
    ran = planner("solve", starter, "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["status"] == "optimal"


def test_a_new_instance_goes_to_stdout_without_a_file(planner):
    assert json.loads(planner("instance", "new").out)["name"] == "starter"


def test_an_existing_file_is_kept_unless_forced(planner, starter):
    starter.write_text("mine")
    assert planner("instance", "new", "-o", starter).code == 2
    assert starter.read_text() == "mine"
    assert planner("instance", "new", "-o", starter, "--force").code == 0
    assert starter.read_text() != "mine"


def test_a_file_to_be_edited_is_not_compressed(planner, tmp_path):
    assert planner("instance", "new", "-o", tmp_path / "a.json.gz").code == 2


def test_validate_answers_in_json(planner, two_hours_file):
    answer = json.loads(planner("instance", "validate", two_hours_file, "--json").out)
    assert (answer["schema"], answer["valid"]) == ("planner.instance-validate/1", True)


def test_validate_of_a_broken_file_is_3_and_leaves_stdout_empty(planner, tmp_path):
    (tmp_path / "a.json").write_text("{}")
    ran = planner("instance", "validate", tmp_path / "a.json", "--json")
    assert (ran.code, ran.out) == (3, "")
    assert "/schema" in ran.err


def test_the_hash_is_of_the_content_not_of_the_file(planner, two_hours_file, tmp_path):
    packed = tmp_path / "packed.json.gz"
    packed.write_bytes(gzip.compress(json.dumps(json.loads(two_hours_file.read_text())).encode()))
    one, other = (planner("instance", "hash", path).out for path in (two_hours_file, packed))
    assert one == other
    assert len(one.strip()) == 64
    assert json.loads(planner("instance", "hash", packed, "--json").out)["instance"]["sha256"] == one.strip()


def test_the_schema_is_printed_and_written(planner, tmp_path):
    assert json.loads(planner("instance", "schema").out) == json_schema()
    planner("instance", "schema", "--plan", "-o", tmp_path / "plan.json")
    assert json.loads((tmp_path / "plan.json").read_text())["title"] == "PlanDocument"


def test_show_says_what_the_instance_holds(planner, starter):
    text = planner("instance", "show", starter).out
    for part in ("2026-01-01T00:00:00Z to 2026-01-02T00:00:00Z", "24 periods", "4,133,000 requests", "250 ms hard 5 %"):
        assert part in text
    rows = [line.split() for line in text.splitlines()]
    assert ["west", "IE", "1.2", "180", "263.4", "345"] in rows


def test_show_answers_in_json(planner, two_hours_file):
    found = json.loads(planner("instance", "show", two_hours_file, "--json").out)
    assert found["schema"] == "planner.instance-summary/1"
    assert (found["periods"], found["requests"], found["options"]) == (2, 1000, 2)
    assert found["regions"][0]["carbon_intensity_g_per_kwh_mean"] == 300
    assert found["pools"][0]["servers_max"] == 1
    assert found["workloads"][0]["slack_periods"] == 1


def test_show_names_the_optional_rules(planner, two_hours, tmp_path):
    from planner.domain.instance import Caps, HourMapRule
    from planner.io.instances import save_instance

    path = tmp_path / "rules.json"
    save_instance(two_hours.replace(caps=Caps(carbon_kg=2.0), hour_map=HourMapRule(), grace_periods=1), path)
    rules = json.loads(planner("instance", "show", path, "--json").out)["rules"]
    assert rules == ["lateness up to 1 periods", "hour map (M10)", "carbon at most 2.0 kg (M12)"]


def test_every_shipped_instance_is_listed_and_valid(planner):
    answer = json.loads(planner("instance", "list", "--json").out)
    assert tuple(row["name"] for row in answer["rows"]) == shipped_instances()
    assert all(row["note"] for row in answer["rows"]), "the first note says what an instance is for"


def test_an_unknown_name_is_a_usage_error(planner):
    assert planner("instance", "show", "no/such").code == 2


def test_the_plan_in_the_readme_is_judged_good(planner, tmp_path):
    text = (Path(__file__).parents[2] / "instances" / "README.md").read_text(encoding="utf-8")
    example = text[text.index('    {"schema": "planner.plan/1"') :].split("\n\n")[0]
    sha256 = planner("instance", "hash", "tiny/one-hour").out.strip()
    (tmp_path / "plan.json").write_text(example.replace('"..."', f'"{sha256}"'))
    assert planner("check", "tiny/one-hour", tmp_path / "plan.json").code == 0
