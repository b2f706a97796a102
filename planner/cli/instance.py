"""`planner instance`: what is shipped, what a file holds, whether it is valid, and a first one to start from."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from planner.cli import common, instance_build, instance_carbon, instance_demand
from planner.cli.common import InstanceArgument, Json, Output, Quiet, Verbose
from planner.cli.outputs import PICTURES, save


def register(app: typer.Typer) -> None:
    """Add the commands of this file, and those that build and generate."""
    group = typer.Typer(name="instance", help="Instances: list, look at, validate, make.", no_args_is_help=True)
    for command in (show, validate, schema, new):
        group.command()(command)
    group.command("list")(list_shipped)
    group.command("hash")(hash_of)
    group.command()(instance_carbon.carbon)
    instance_build.register(group)
    instance_demand.register(group)
    app.add_typer(group)


def list_shipped(output: Output = None, json: Json = False, quiet: Quiet = False, verbose: Verbose = False) -> None:
    """The shipped instances by name, each with the first of its notes."""
    from planner.io.instances import load_instance
    from planner.io.library import shipped_instances, shipped_recipes

    loaded = {name: load_instance(name) for name in shipped_instances()}
    rows = [{"name": n, "periods": i.periods, "note": i.notes[0] if i.notes else ""} for n, i in loaded.items()]
    text = "\n".join(f"{row['name']:<36} {row['periods']:>5}  {row['note']}".rstrip() for row in rows)
    recipes = shipped_recipes()
    document = {"schema": "planner.instance-list/1", "rows": rows, "recipes": recipes}
    common.emit(document, text, as_json=json, output=output)
    common.note(f"recipes for `planner instance build`: {', '.join(recipes)}")


def show(
    instance: InstanceArgument,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """What an instance holds: regions, pools, workloads, demand, rules and notes.

    -o writes that, or, as .png, .svg or .pdf, its carbon intensity over time.
    """
    from planner.cli.instance_summary import as_text, summary
    from planner.io.instances import load_instance

    problem = load_instance(instance)
    found = summary(problem)
    if output and output.suffix in PICTURES:
        from planner.plots.carbon_traces import plot_carbon_traces

        save(plot_carbon_traces(problem), output)
        output = None
    common.emit(found, as_text(found), as_json=json, output=output)


def validate(instance: InstanceArgument, json: Json = False, quiet: Quiet = False, verbose: Verbose = False) -> None:
    """Read the whole file and check it; exit code 3 says where it is wrong and what was expected."""
    from planner.io.instances import instance_sha256, load_instance

    found = load_instance(instance)
    document = {
        "schema": "planner.instance-validate/1",
        "instance": {"name": found.name, "sha256": instance_sha256(found)},
        "valid": True,
    }
    common.emit(document, f"valid: {found.name}", as_json=json)


def schema(
    output: Output = None,
    plan: Annotated[bool, typer.Option("--plan", help="The schema of plan files instead.")] = False,
    certificate: Annotated[bool, typer.Option("--certificate", help="The schema of certificates instead.")] = False,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """The JSON Schema of instance files (--plan: of plan files; --certificate: of certificates)."""
    from planner.io import plan_schema
    from planner.io import schema as instance_schema
    from planner.io.layout import pretty

    of_results = plan_schema.certificate_schema if certificate else plan_schema.json_schema
    found = of_results() if plan or certificate else instance_schema.json_schema()
    common.emit(found, pretty(found), as_json=json, output=output)


def hash_of(instance: InstanceArgument, json: Json = False, quiet: Quiet = False, verbose: Verbose = False) -> None:
    """The sha256 by which plans name an instance: the same however the file is formatted or compressed."""
    from planner.io.instances import instance_sha256, load_instance

    found = load_instance(instance)
    sha256 = instance_sha256(found)
    document = {"schema": "planner.instance-hash/1", "instance": {"name": found.name, "sha256": sha256}}
    common.emit(document, sha256, as_json=json)


def new(
    output: Output = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """A small valid instance to change into your own: two regions, one workload, a day."""
    text = (files("planner.io") / "starter.json").read_text(encoding="utf-8").rstrip("\n")
    if output is not None and output.exists() and not force:
        raise typer.BadParameter(f"{output} exists already; --force writes over it", param_hint="-o")
    common.emit({}, text, as_json=False, output=_uncompressed(output))


def _uncompressed(path: Path | None) -> Path | None:
    if path is not None and path.suffix == ".gz":
        raise typer.BadParameter("a file to be edited is not compressed; name it .json", param_hint="-o")
    return path
