"""The HTTP service of the four functions: `POST /{function}`, `GET /healthz`."""

from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from pydantic import BaseModel
from starlette.responses import Response

from planner.protocol.functions import crypto, health, image, video
from planner.protocol.functions.gate import Gate, refusal
from planner.protocol.functions.inputs import Inputs, inputs_under
from planner.protocol.functions.outcome import BadInput, StorageUnavailable
from planner.protocol.functions.payloads import HealthCheck, ImageConversion, KeyGeneration, Transcoding
from planner.protocol.functions.settings import Settings
from planner.protocol.functions.traffic import Traffic
from planner.protocol.functions.workbench import Done, Workbench
from planner.protocol.log import LONGEST, LineLog

REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The body is not JSON that can be read"},
    401: {"description": "No bearer token"},
    403: {"description": "Another token"},
    413: {"description": "The body is too large"},
    422: {"description": "A field is not what it must be, or names an input that may not be read"},
    503: {"description": "Draining, busy, or the object store does not answer: try again"},
}


class Answer(BaseModel):
    """What a function answers; `seconds` is the time of its work."""

    event_id: str
    function: str
    region: str
    seconds: float
    cold: bool
    output_bytes: int
    facts: dict[str, int | str]


class Functions:
    """The four functions of one instance."""

    def __init__(self, settings: Settings, inputs: Inputs) -> None:
        self._region, self._inputs = settings.region, inputs
        self._workbench = Workbench(settings.concurrency, settings.slow_down)

    async def health_check(self, payload: HealthCheck, request: Request) -> Answer:
        """Low compute, low data, high throughput."""
        return self._answer(self._workbench.at_once(partial(health.run, payload)), request)

    async def key_generation(self, payload: KeyGeneration, request: Request) -> Answer:
        """High compute, low data."""
        return self._answer(await self._workbench.do(partial(crypto.run, payload)), request)

    async def image_conversion(self, payload: ImageConversion, request: Request) -> Answer:
        """Moderate compute, moderate data."""
        return self._answer(await self._workbench.do(partial(image.run, payload, self._inputs)), request)

    async def transcoding(self, payload: Transcoding, request: Request) -> Answer:
        """High compute, high data."""
        return self._answer(await self._workbench.do(partial(video.run, payload, self._inputs)), request)

    def _answer(self, done: Done, request: Request) -> Answer:
        usage = request.scope["planner.usage"]
        usage.cpu_seconds, usage.input_bytes = done.cpu_seconds, done.outcome.input_bytes
        return Answer(
            event_id=request.headers.get("x-event-id", "")[:LONGEST],
            function=request.url.path.strip("/"),
            region=self._region,
            seconds=round(done.seconds, 6),
            cold=usage.cold,
            output_bytes=done.outcome.output_bytes,
            facts=dict(done.outcome.facts),
        )


def create_app(settings: Settings, traffic: Traffic, log: LineLog, *, supervised: bool = False) -> FastAPI:
    """The service. UsageError: the data prefix is none."""
    app = FastAPI(title="Functions under test", docs_url=None, redoc_url=None, redirect_slashes=False)
    functions = Functions(settings, inputs_under(settings.prefix))
    route = partial(app.post, responses=REFUSALS, dependencies=[Security(HTTPBearer(auto_error=False))])
    route("/api-health-check")(functions.health_check)
    route("/crypto-key-gen")(functions.key_generation)
    route("/image-format-converter")(functions.image_conversion)
    route("/video-transcoder")(functions.transcoding)
    app.get("/healthz")(partial(_healthy, settings.region))
    _explain_refusals(app)
    app.add_middleware(Gate, settings=settings, traffic=traffic, log=log, supervised=supervised)
    return app


async def _healthy(region: str) -> dict[str, str]:
    return {"status": "ok", "region": region}


def _explain_refusals(app: FastAPI) -> None:
    # Handlers of our own: FastAPI's repeat the input in the answer, and an input may be NaN or no text at all.
    @app.exception_handler(RequestValidationError)
    async def bad_fields(_request: Request, error: RequestValidationError) -> Response:
        return refusal(422, [{"loc": fault["loc"], "msg": fault["msg"]} for fault in error.errors()])

    @app.exception_handler(BadInput)
    async def bad_input(_request: Request, error: BadInput) -> Response:
        return refusal(422, str(error))

    @app.exception_handler(StorageUnavailable)
    async def unavailable(_request: Request, error: StorageUnavailable) -> Response:
        return refusal(503, str(error), {"Retry-After": "5"})
