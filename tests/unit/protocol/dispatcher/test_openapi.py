from collections.abc import Callable, Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from planner.protocol.dispatcher.app import Dispatcher
from tests.unit.protocol.dispatcher.conftest import SECRET, served

FEW = settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def client(make_parts: Callable[..., Dispatcher]) -> Iterator[httpx.Client]:
    with served(make_parts()) as client:
        yield client


@pytest.mark.filterwarnings("ignore")  # schemathesis's own
@pytest.mark.parametrize(
    ("path", "method", "mode"),
    [
        ("/dispatch", "POST", GenerationMode.POSITIVE),
        ("/dispatch", "POST", GenerationMode.NEGATIVE),
        ("/healthz", "GET", GenerationMode.POSITIVE),
        ("/metrics", "GET", GenerationMode.POSITIVE),
    ],
)
def test_nothing_that_the_description_leads_to_is_a_server_error(
    client: httpx.Client, path: str, method: str, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    seen: set[int] = set()

    @FEW
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case) -> None:
        answer = case.call(base_url=str(client.base_url), headers={"Authorization": f"Bearer {SECRET}"})
        seen.add(answer.status_code)
        assert answer.status_code < 500, answer.text

    check()
    assert seen
    assert client.get("/healthz").json()["status"] == "ok"
