"""What a dispatch may ask: fields, sizes, functions, storage URIs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_jsonable_python

from planner.protocol.functions.payloads import HealthCheck, ImageConversion, KeyGeneration, Payload, Transcoding

PAYLOADS: Mapping[str, type[Payload]] = {
    "api-health-check": HealthCheck,
    "crypto-key-gen": KeyGeneration,
    "image-format-converter": ImageConversion,
    "video-transcoder": Transcoding,
}
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Refused(Exception):
    """A request that is not taken: HTTP status and why; the message may be shown to the client."""

    def __init__(self, status: int, detail: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})


def _utc(moment: datetime) -> datetime:
    if not FIRST <= moment < LAST:
        raise ValueError("a time from 2000 to 2199 is expected")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)]


class DispatchRequest(BaseModel):
    """The body of `POST /dispatch`."""

    model_config = ConfigDict(extra="forbid")

    event_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=128)]
    function: Annotated[str, Field(min_length=1, max_length=64)]
    deadline: Moment
    trace_hour: Moment
    experiment_id: Name
    scenario: Name
    payload: dict[str, Any]


def asked(body: bytes, prefix: str) -> DispatchRequest:
    """A body that keeps all limits; URIs lie under `prefix`. Refused: 422, or 404 for a function there is not."""
    try:
        wanted = DispatchRequest.model_validate_json(body)
    except ValidationError as error:
        raise Refused(422, _faults(error)) from None
    if wanted.function not in PAYLOADS:
        raise Refused(404, "there is no such function")
    try:
        payload = PAYLOADS[wanted.function].model_validate(wanted.payload)
    except ValidationError as error:
        raise Refused(422, _faults(error)) from None
    if not _under(prefix, getattr(payload, "gcs_uri", None)):
        raise Refused(422, "the URI is not under the configured prefix")
    return wanted


def _under(prefix: str, uri: str | None) -> bool:
    """A first look, without the disk; the function has the last word."""
    if uri is None:
        return True
    root = prefix.rstrip("/") + "/"
    parts = uri.removeprefix(root).split("/")
    return uri.startswith(root) and all(p not in {"", ".", ".."} and p.isprintable() and "%" not in p for p in parts)


def _faults(error: ValidationError) -> list[dict[str, Any]]:
    """Where and why, without what was sent: that may be anything."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return [to_jsonable_python({"loc": fault["loc"], "msg": fault["msg"]}) for fault in faults]
