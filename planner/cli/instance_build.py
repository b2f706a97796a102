"""`planner instance generate` and `build`: instances from seeds, and from files that a user downloads."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli.common import NoProgress, Quiet, Seed, Verbose, note

if TYPE_CHECKING:
    from planner.domain.instance import Instance

File = Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The file, .json or .json.gz.")]
Count = typer.Option(min=1, metavar="N", show_default=True)


def register(group: typer.Typer) -> None:
    """Add the commands that make instances."""
    generate = typer.Typer(name="generate", help="An instance from a generator and a seed.", no_args_is_help=True)
    generate.command("five-region")(five_region)
    generate.command("grid")(grid)
    generate.command("shipped")(shipped)
    group.add_typer(generate)
    group.command()(build)


def five_region(
    output: File,
    hours: Annotated[int, Count] = 168,
    requests_per_hour: Annotated[int, Count] = 200,
    seed: Seed = 42,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """The published five-region study: its carbon series and every request, drawn as the study draws them."""
    from planner.data.five_region import five_region_week

    write(five_region_week(hours, requests_per_hour, seed), output)


def grid(
    output: File,
    regions: Annotated[int, Count] = 12,
    origins: Annotated[int, Count] = 13,
    hours: Annotated[int, Count] = 168,
    step: Annotated[int, typer.Option(metavar="MIN", help="Minutes of a period: 60, or a part of it down to 5.")] = 60,
    workloads: Annotated[int, Count] = 6,
    capacity: Annotated[
        float,
        typer.Option(metavar="X", help="Fleet over the busiest period's work: 0.8 infeasible, 1.6 binding, 4 loose."),
    ] = 1.6,
    provisioning: Annotated[bool, typer.Option("--provisioning", help="Servers are switched on and off.")] = False,
    unsplittable: Annotated[bool, typer.Option("--unsplittable", help="Batches run whole.")] = False,
    seed: Seed = 0,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """The family grid/1: any number of regions with the statistics of real grids."""
    from planner.data.grid import GridSize
    from planner.data.grid import grid as generated

    size = GridSize(regions, origins, hours, step, workloads, capacity, provisioning, unsplittable)
    write(generated(size, seed=seed), output)


def shipped(
    name: Annotated[str, typer.Argument(metavar="NAME", help="seed/..., faas/... or jobs/...")],
    output: File,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """A shipped instance again, from the generator that made it."""
    from planner.data.shipped import regenerate

    write(regenerate(name), output)


def build(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="A TOML file or a shipped one (real/...).")],
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="The folder with the files it names.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Default: out/NAME.json.gz.")
    ] = None,
    no_progress: NoProgress = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Rebuild a real instance from downloaded series, each checked against its SHA-256."""
    from planner.campaign.recipes import real_instance
    from planner.data.recipe import load_recipe
    from planner.io.library import find_recipe

    found = load_recipe(find_recipe(recipe))
    if not no_progress:
        note(f"building {found.name} from {len(found.sources)} files in {data}")
    write(real_instance(found, data), output or _default_output(found.name))


def _default_output(name: str) -> Path:
    folder = Path("out")
    folder.mkdir(exist_ok=True)
    return folder / f"{Path(name).name}.json.gz"


def write(instance: "Instance", path: Path) -> None:
    """Save an instance and say so."""
    from planner.io.instances import instance_sha256, save_instance

    save_instance(instance, path)
    note(f"wrote {path}: {instance.name}, {instance.periods} periods, sha256 {instance_sha256(instance)[:12]}")
