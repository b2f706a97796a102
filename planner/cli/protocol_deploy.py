"""`planner protocol deploy`: the experiment on Google Cloud, command by command."""

import shlex
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import common
from planner.cli.common import Quiet, Verbose
from planner.errors import NetworkError, UsageError

if TYPE_CHECKING:
    from planner.protocol.deployment.commands import Command

ExperimentFile = Annotated[
    Path, typer.Argument(metavar="EXPERIMENT", help="Projects, regions and policy, as in deploy/gcp/experiment.json.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print every command, run none.")]
ScenarioNames = Annotated[str, typer.Option("--scenarios", metavar="A,B,C", help="Which projects.", show_default=True)]
First = Annotated[int, typer.Option("--from", metavar="N", min=1, help="Go on at command N, after one failed.")]
Dataset = Annotated[Path, typer.Option("--dataset", metavar="FOLDER", help="From `planner protocol dataset`.")]


def register(group: typer.Typer) -> None:
    """Add the command of this file."""
    group.command("deploy")(deploy)


def deploy(
    experiment: ExperimentFile,
    dry_run: DryRun = False,
    scenarios: ScenarioNames = "A,B,C",
    first: First = 1,
    dataset: Dataset = Path("protocol-data"),
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Deploy functions, dispatcher and runners with gcloud; the hourly triggers stay paused."""
    from planner.protocol.deployment.commands import commands
    from planner.protocol.deployment.experiment import SCENARIOS, load_experiment

    names = scenarios.split(",")
    if not set(names) <= set(SCENARIOS):
        raise UsageError(f"--scenarios names some of A,B,C, not {scenarios}")
    found = list(commands(load_experiment(experiment), names, dataset=str(dataset)))
    if dry_run:
        print(_script(found[first - 1 :]))
    else:
        _run(found, first)


def _script(found: "list[Command]") -> str:
    """As a shell script: what a command is for stands above it."""
    blocks = (
        "\n".join([f"# {why}", *(shlex.join(command.words) for command in group)])
        for why, group in groupby(found, key=lambda command: command.why)
    )
    return "\n\n".join(blocks)


def _run(found: "list[Command]", first: int) -> None:
    import shutil
    import subprocess

    gcloud = shutil.which("gcloud")
    if gcloud is None:
        raise UsageError("gcloud is not on the path: install the Google Cloud CLI, or look with --dry-run")
    for number, command in enumerate(found[first - 1 :], first):
        common.note(f"{number}/{len(found)} {shlex.join(command.words)}")
        done = subprocess.run([gcloud, *command.words[1:]], check=False)  # noqa: S603 - our own words, no shell
        if done.returncode:
            raise NetworkError(
                f"command {number} ended with {done.returncode}; put it right, then go on: --from {number}"
            )
