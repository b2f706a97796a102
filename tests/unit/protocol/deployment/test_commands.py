import json
from pathlib import Path

import pytest
import typer

from planner.cli.main import app
from planner.data.faas import FUNCTIONS
from planner.errors import InvalidInput
from planner.protocol.deployment.commands import Command, commands, dispatcher_arguments, runner_arguments
from planner.protocol.deployment.experiment import SCENARIOS, Experiment, load_experiment
from planner.protocol.metrics.services import service_of

ROOT = Path(__file__).parents[4]
SHIPPED = ROOT / "deploy" / "gcp" / "experiment.json"


@pytest.fixture
def experiment() -> Experiment:
    return load_experiment(SHIPPED)


def listed(experiment: Experiment) -> list[Command]:
    return list(commands(experiment, SCENARIOS, dataset="data"))


def deployed(found: list[Command], function: str) -> list[tuple[str, ...]]:
    return [c.words for c in found if c.words[1:4] == ("run", "deploy", function)]


def options(words: tuple[str, ...]) -> dict[str, str]:
    return dict(word.removeprefix("--").split("=", 1) for word in words if word.startswith("--") and "=" in word)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_is_in_every_region_of_every_project_alike(experiment: Experiment, function: str) -> None:
    found = [options(words) for words in deployed(listed(experiment), function)]
    places = {(o["project"], o["region"]) for o in found}
    assert len(found) == len(places) == 3 * len(experiment.regions)
    # Nothing but the place, and the account of the project, may differ (protocol 2.2).
    for o in found:
        assert o.pop("project") in o.pop("service-account")
        assert f"PLANNER_REGION={o.pop('region')}," in o.pop("set-env-vars")
    assert all(o == found[0] for o in found)
    assert found[0]["min-instances"] == "0"


def test_nobody_may_call_without_a_name(experiment: Experiment) -> None:
    for command in listed(experiment):
        if command.words[1:3] == ("run", "deploy"):
            assert "--no-allow-unauthenticated" in command.words
        assert "allUsers" not in " ".join(command.words)


def test_only_scenario_c_has_a_dispatcher_and_its_functions_answer_to_it_alone(experiment: Experiment) -> None:
    found = listed(experiment)
    (dispatcher,) = deployed(found, "dispatcher")
    assert options(dispatcher)["project"] == experiment.projects["C"].id
    allowed = [
        options(c.words)["member"]
        for c in found
        if c.words[1:4] == ("run", "services", "add-iam-policy-binding")
        and f"--project={experiment.projects['C'].id}" in c.words
        and c.words[4] in FUNCTIONS
    ]
    assert set(allowed) == {f"serviceAccount:{experiment.account('C', 'dispatcher')}"}


def test_triggers_are_hourly_and_paused(experiment: Experiment) -> None:
    words = [c.words for c in listed(experiment) if c.words[1] == "scheduler"]
    assert [w[3] for w in words] == ["create", "pause"] * 3
    assert all("--schedule=0 * * * *" in w and "--time-zone=Etc/UTC" in w for w in words[::2])


def test_scenarios_call_what_they_should(experiment: Experiment) -> None:
    a, b, c = (runner_arguments(experiment, scenario) for scenario in SCENARIOS)
    assert sum(x.startswith("--region=") for x in a) == 1
    assert sum(x.startswith("--region=") for x in b) == len(experiment.regions)
    assert not any(x.startswith("--region=") for x in c)
    assert [any("--map=" in x for x in args) for args in (a, b, c)] == [False, True, False]
    assert any(x.startswith("--dispatcher=https://dispatcher-") for x in c)


def test_urls_are_those_that_metrics_read(experiment: Experiment) -> None:
    service = service_of(experiment.url("B", "crypto-key-gen", "us-west2"))
    assert (service.name, service.region) == ("crypto-key-gen", "us-west2")


def test_the_dispatcher_has_the_options_it_is_given(experiment: Experiment) -> None:
    known = command_options("dispatch")
    assert known >= {a.partition("=")[0] for a in dispatcher_arguments(experiment) if a.startswith("--")}


def test_the_runner_has_the_options_it_is_given(experiment: Experiment) -> None:
    known = command_options("run")
    if not known:
        pytest.skip("`planner protocol run` is not there yet")
    for scenario in SCENARIOS:
        assert known >= {a.partition("=")[0] for a in runner_arguments(experiment, scenario)}


def command_options(name: str) -> set[str]:
    """Of `planner protocol NAME`; none where there is no such command."""
    group = typer.main.get_command(app).commands["protocol"]  # type: ignore[attr-defined]
    command = group.commands.get(name)
    return {option for parameter in command.params for option in parameter.opts} if command else set()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": "other"}, "planner.protocol-deployment/1"),
        ({"fixed_region": "mars"}, "fixed_region"),
        ({"bucket": None, "more": 1}, "more"),
        ({"projects": {"A": {"id": "one", "number": "1"}}}, "A, B and C"),
        ({"projects": {s: {"id": "one", "number": "1"} for s in SCENARIOS}}, "share no project"),
    ],
)
def test_a_file_that_is_no_deployment_is_refused(tmp_path: Path, change: dict, said: str) -> None:
    document = {**json.loads(SHIPPED.read_text()), **change}
    (tmp_path / "e.json").write_text(json.dumps(document))
    with pytest.raises(InvalidInput, match=said):
        load_experiment(tmp_path / "e.json")
