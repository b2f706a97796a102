"""pydantic's verdict on a document as one InvalidInput with a JSON pointer and advice."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from planner.errors import InvalidInput
from planner.io.pointer import describe, one_of, pointer
from planner.io.units import wrong_unit

PHRASES = {
    "Input should be a valid dictionary or instance of": "an object, a",
    "Input should be a valid dictionary": "an object",
    "Input should be a valid list": "an array",
    "Input should be a valid string": "a text",
    "Input should be a valid integer": "a whole number",
    "Input should be a valid number": "a number",
    "Input should be a valid boolean": "true or false",
    "Input should be ": "",
    "List should have": "an array with",
    "Dictionary should have": "an object with",
    "String should have": "a text with",
    "String should match": "a text that matches",
}
Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], document: Mapping[str, Any]) -> Model:
    """The document as a value of the model; InvalidInput for the first thing wrong with it."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        # An unknown key often explains a missing one (a misspelling, another unit): tell it first.
        unknown = [p for p in problems if p["type"] == "extra_forbidden"]
        raise _said(model, dict((unknown or problems)[0])) from None


def _said(model: type[BaseModel], problem: dict[str, Any]) -> InvalidInput:
    path = tuple(problem["loc"])
    match problem["type"]:
        case "extra_forbidden":
            known = _keys(_model_at(model, path[:-1]))
            advice = wrong_unit(str(path[-1]), known) or one_of(known, str(path[-1]))
            return InvalidInput(pointer(*path), f"the unknown key '{path[-1]}'", advice)
        case "missing":
            return InvalidInput(pointer(*path), "nothing", f"the key '{path[-1]}'")
    return InvalidInput(pointer(*path), describe(problem["input"]), _expected(problem["msg"]))


def _expected(message: str) -> str:
    """pydantic's sentence as what comes after "expected"."""
    for said, meant in PHRASES.items():
        if message.startswith(said):
            return meant + message.removeprefix(said)
    return message


def _keys(model: type[BaseModel]) -> list[str]:
    return [f.alias or name for name, f in model.model_fields.items()]


def _model_at(model: type[BaseModel], path: tuple[str | int, ...]) -> type[BaseModel]:
    """The model that describes the object at a path: the last one met on the way down."""
    for key in path:
        field = model.model_fields.get(str(key))
        nested = _models(field.annotation) if field else []
        model = nested[0] if nested else model
    return model


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The models in an annotation such as `list[Model]` or `Model | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for part in getattr(annotation, "__args__", ()) for m in _models(part)]
