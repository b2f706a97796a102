"""How the service describes itself: the handler reads bodies on its own, so FastAPI cannot know what is in them."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

JSON = {"schema": {"type": "object"}}
ANSWERS = {
    "200": "The first answer: the event id was accepted before",
    "202": "Accepted, durably",
    "401": "No bearer token",
    "403": "Another token",
    "404": "No such function",
    "413": "The body is too large",
    "422": "A field is not what it must be, a URI is not under the prefix, or a first attempt is past its deadline",
    "429": "Too many invocations wait",
    "503": "Draining, or the queue cannot be written",
}
DISPATCH: dict[str, Any] = {
    "status_code": 202,
    "openapi_extra": {
        "security": [{"Bearer": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DispatchRequest"}}},
        },
        "responses": {
            code: {"description": said, "content": {"application/json": JSON}} for code, said in ANSWERS.items()
        },
    },
}


def describe(app: FastAPI, body: type[BaseModel]) -> None:
    """Give the app a description with the body of a dispatch and the bearer token."""

    def openapi() -> dict[str, Any]:
        document = app.openapi_schema or get_openapi(title=app.title, version=app.version, routes=app.routes)
        parts = document.setdefault("components", {})
        parts.setdefault("schemas", {})[body.__name__] = body.model_json_schema()
        parts["securitySchemes"] = {"Bearer": {"type": "http", "scheme": "bearer"}}
        app.openapi_schema = document
        return document

    app.openapi = openapi  # type: ignore[method-assign]
