"""Where a suite's instances come from, before any axis: files, shipped names, recipes and generators."""

from dataclasses import dataclass, field
from pathlib import Path

from planner.campaign.recipes import real_instance
from planner.campaign.store import Folder
from planner.campaign.suite import Grid, Product
from planner.data.grid import GridSize, grid
from planner.data.recipe import load_recipe
from planner.domain.instance import Instance
from planner.errors import UsageError
from planner.io.instances import load_instance
from planner.io.library import find_recipe, shipped_recipes

Source = str | Grid


@dataclass(frozen=True, slots=True)
class Base:
    """An instance before any axis, and the file of the campaign's folder that the workers read it from."""

    instance: Instance
    file: str


@dataclass(frozen=True, slots=True)
class Bases:
    """Makes each once and keeps it in the folder; `data` holds the files that recipes name."""

    folder: Folder
    data: Path | None = None
    known: dict[str, Base] = field(default_factory=dict)

    def of(self, source: Source, seed: int) -> Base:
        """The instance of a source; the seed is the generator's. UsageError: a recipe, and no folder of data."""
        key = _key(source, seed)
        if key not in self.known:
            self.known[key] = self._made(source, seed, key)
        return self.known[key]

    def _made(self, source: Source, seed: int, key: str) -> Base:
        kept = self.folder.instance_file(key)
        if isinstance(source, Grid):
            instance = grid(GridSize(**source.model_dump()), seed=seed)
        elif not _is_recipe(source):
            instance = load_instance(source)
        elif self.data is not None:
            instance = real_instance(load_recipe(find_recipe(source)), self.data)
        elif kept.is_file():
            instance = load_instance(kept)
        else:
            raise UsageError(f"{source} is made of downloaded series: name their folder, --data DIR")
        self.folder.keep_instance(key, instance)
        return Base(instance, key)


def sources(product: Product) -> tuple[Source, ...]:
    """All of a product's, in the order of the file."""
    return (*product.instances, *product.grids)


def _is_recipe(name: str) -> bool:
    return name.endswith(".toml") or name in shipped_recipes()


def _key(source: Source, seed: int) -> str:
    """A file name without its suffix, for people."""
    if isinstance(source, Grid):
        given = source.model_dump(exclude_defaults=True)
        return "-".join(["grid", *(f"{name}{value}" for name, value in given.items()), f"seed{seed}"])
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in source)
