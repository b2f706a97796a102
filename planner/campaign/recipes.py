"""Instances from recipes, checked against what each recipe says of its own."""

from pathlib import Path

from planner.data.build import build_recipe
from planner.data.recipe import Recipe
from planner.domain.instance import Instance
from planner.errors import InvalidInput
from planner.io.instances import instance_sha256


def real_instance(recipe: Recipe, data_folder: Path) -> Instance:
    """What the recipe builds. InvalidInput: of its files, or of an instance with another SHA-256 than it states."""
    built = build_recipe(recipe, data_folder)
    digest = instance_sha256(built)
    if recipe.instance not in (None, digest):
        expected = f"SHA-256 {recipe.instance} (a recipe that was changed states its own, or none)"
        raise InvalidInput("/instance", f"SHA-256 {digest}", expected, recipe.name)
    return built
