"""One question to a service: what is asked again, what is kept, and what is told to whom."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from planner.data.carbon.live.retry import ATTEMPTS, LONGEST_S
from planner.errors import InvalidInput, NetworkError, UsageError
from tests.unit.data.carbon.live_server import SECRET, Naps, holds, question, web

BODY = {"data": [1, 2]}


def answers(server: HTTPServer, *responses: Response) -> str:
    """The address of a server that gives these responses in turn, and no more."""
    for response in responses:
        server.expect_ordered_request("/ci").respond_with_response(response)
    return server.url_for("/ci")


def good() -> Response:
    return Response(json.dumps(BODY), content_type="application/json")


def asked(server: HTTPServer) -> int:
    return len(server.log)


def test_an_answer_is_read_and_kept_so_that_the_next_time_nobody_is_asked(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    url = answers(httpserver, good())
    assert web(tmp_path).ask(question(url), json.loads) == BODY
    assert web(tmp_path).ask(question(url), json.loads) == BODY
    assert asked(httpserver) == 1


def test_what_is_kept_answers_offline_and_without_credentials(httpserver: HTTPServer, tmp_path: Path) -> None:
    url = answers(httpserver, good())
    web(tmp_path).ask(question(url), json.loads)

    def headers() -> dict[str, str]:
        raise AssertionError

    assert web(tmp_path, offline=True).ask(question(url), json.loads, headers=headers) == BODY


def test_offline_with_nothing_kept_is_an_error_that_names_the_cache(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=f"not in the cache .*{tmp_path.name}.*offline"):
        web(tmp_path, offline=True).ask(question("http://nowhere.invalid"), json.loads)


def test_refresh_asks_again_and_keeps_the_new_answer(httpserver: HTTPServer, tmp_path: Path) -> None:
    url = answers(httpserver, good(), Response('{"data": [3]}'))
    web(tmp_path).ask(question(url), json.loads)
    web(tmp_path, refresh=True).ask(question(url), json.loads)
    assert web(tmp_path).ask(question(url), json.loads) == {"data": [3]}


def test_the_newest_is_asked_for_each_time_and_kept_for_offline(httpserver: HTTPServer, tmp_path: Path) -> None:
    url = answers(httpserver, good(), Response('{"data": [3]}'))
    web(tmp_path).ask(question(url), json.loads, newest=True)
    web(tmp_path).ask(question(url), json.loads, newest=True)
    assert asked(httpserver) == 2
    assert web(tmp_path, offline=True).ask(question(url), json.loads, newest=True) == {"data": [3]}


def test_an_answer_that_is_not_understood_is_not_kept(httpserver: HTTPServer, tmp_path: Path) -> None:
    url = answers(httpserver, good(), good())

    def refuse(body: bytes) -> None:
        raise InvalidInput("/", "something else", "data")

    with pytest.raises(InvalidInput):
        web(tmp_path).ask(question(url), refuse)
    assert web(tmp_path).ask(question(url), json.loads) == BODY
    assert asked(httpserver) == 2


@pytest.mark.parametrize("damage", ["", '{"data": [1, 2, 3]}'])
def test_a_damaged_entry_of_the_cache_is_asked_again(httpserver: HTTPServer, tmp_path: Path, damage: str) -> None:
    url = answers(httpserver, good(), good())
    web(tmp_path).ask(question(url), json.loads)
    for kept in (tmp_path / "answers").iterdir():
        kept.write_text(damage)
    assert web(tmp_path).ask(question(url), json.loads) == BODY
    assert asked(httpserver) == 2


def test_equal_answers_are_kept_once_and_nothing_is_left_over(httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/a").respond_with_json(BODY)
    httpserver.expect_request("/b").respond_with_json(BODY)
    for path in ("/a", "/b"):
        web(tmp_path).ask(question(httpserver.url_for(path)), json.loads)
    assert len(list((tmp_path / "answers").iterdir())) == 1
    assert len(list((tmp_path / "questions").iterdir())) == 2


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_service_that_is_busy_once_is_asked_again(httpserver: HTTPServer, tmp_path: Path, status: int) -> None:
    naps = Naps()
    url = answers(httpserver, Response(status=status), good())
    assert web(tmp_path, naps).ask(question(url), json.loads) == BODY
    assert len(naps.seconds) == 1


def test_attempts_back_off_and_end_with_the_last_status(httpserver: HTTPServer, tmp_path: Path) -> None:
    naps = Naps()
    url = answers(httpserver, *(Response(status=503) for _ in range(ATTEMPTS)))
    with pytest.raises(NetworkError, match="Some Service, zone DE: the service answers 503"):
        web(tmp_path, naps).ask(question(url), json.loads)
    assert asked(httpserver) == ATTEMPTS == len(naps.seconds) + 1
    assert naps.seconds[-1] > naps.seconds[0] > 0


def test_retry_after_in_seconds_is_what_is_waited(httpserver: HTTPServer, tmp_path: Path) -> None:
    naps = Naps()
    url = answers(httpserver, Response(status=429, headers={"Retry-After": "7"}), good())
    web(tmp_path, naps).ask(question(url), json.loads)
    assert naps.seconds == [7.0]


def test_retry_after_as_a_date_is_what_is_waited(httpserver: HTTPServer, tmp_path: Path) -> None:
    naps = Naps()
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    url = answers(httpserver, Response(status=503, headers={"Retry-After": later}), good())
    web(tmp_path, naps).ask(question(url), json.loads)
    assert 50 < naps.seconds[0] <= 60


def test_a_retry_after_that_says_nothing_is_backed_off_from(httpserver: HTTPServer, tmp_path: Path) -> None:
    url = answers(httpserver, Response(status=429, headers={"Retry-After": "soon"}), good())
    assert web(tmp_path).ask(question(url), json.loads) == BODY


def test_a_service_that_wants_an_hour_is_not_waited_for(httpserver: HTTPServer, tmp_path: Path) -> None:
    naps = Naps()
    url = answers(httpserver, Response(status=429, headers={"Retry-After": f"{LONGEST_S + 1:.0f}"}))
    with pytest.raises(NetworkError, match="come back in 121 s"):
        web(tmp_path, naps).ask(question(url), json.loads)
    assert naps.seconds == []


@pytest.mark.parametrize(
    ("response", "error", "said"),
    [
        (Response(SECRET, status=401), NetworkError, "refuses the credentials"),
        (Response(SECRET, status=403), NetworkError, "do not cover"),
        (Response(SECRET, status=404), UsageError, "no such zone"),
        (Response(SECRET, status=400), UsageError, "no such zone"),
        (Response(SECRET, status=418), NetworkError, "answers 418"),
        (Response(status=302, headers={"Location": "http://elsewhere.invalid"}), NetworkError, "answers 302"),
        (Response(""), NetworkError, "nothing in it"),
        (Response("<html>" + SECRET, content_type="text/html"), NetworkError, r"no JSON \(text/html\)"),
    ],
)
def test_a_refusal_is_named_at_once_without_repeating_what_it_says(
    httpserver: HTTPServer, tmp_path: Path, response: Response, error: type[Exception], said: str
) -> None:
    url = answers(httpserver, response)
    with pytest.raises(error, match=said) as raised:
        web(tmp_path).ask(question(url), json.loads)
    assert SECRET not in str(raised.value)
    assert asked(httpserver) == 1
    assert not list(tmp_path.iterdir())


def test_a_silent_service_is_given_up_after_the_timeout(httpserver: HTTPServer, tmp_path: Path) -> None:
    import time

    def slow(_: Request) -> Response:
        time.sleep(0.2)
        return good()

    httpserver.expect_request("/ci").respond_with_handler(slow)
    with pytest.raises(NetworkError, match=r"localhost cannot be reached \(ReadTimeout\)"):
        web(tmp_path, timeout=0.02).ask(question(httpserver.url_for("/ci")), json.loads)


def test_nobody_at_the_address(tmp_path: Path) -> None:
    naps = Naps()
    with pytest.raises(NetworkError, match=r"127.0.0.1 cannot be reached \(ConnectError\)"):
        web(tmp_path, naps).ask(question("http://127.0.0.1:9/ci"), json.loads)
    assert len(naps.seconds) == ATTEMPTS - 1


@pytest.mark.parametrize("url", ["ftp://example.invalid/ci", "no address", "http://example.invalid:port"])
def test_an_address_that_is_none_is_told_at_once(tmp_path: Path, url: str) -> None:
    naps = Naps()
    with pytest.raises(NetworkError, match="cannot be asked"):
        web(tmp_path, naps).ask(question(url), json.loads)
    assert naps.seconds == []


def test_the_headers_reach_the_service_and_no_file(httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/ci", headers={"auth-token": SECRET}).respond_with_json(BODY)
    web(tmp_path).ask(question(httpserver.url_for("/ci")), json.loads, headers=lambda: {"auth-token": SECRET})
    assert not holds(tmp_path, SECRET)
