"""Questions to web services: answered from the cache, or asked with patience, understood, and then kept."""

import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from planner.data.carbon.live.cache import Cache
from planner.data.carbon.live.question import Question
from planner.data.carbon.live.retry import Busy, patiently, retry_after
from planner.errors import NetworkError, PlannerError, UsageError
from planner.extras import require_extra

if TYPE_CHECKING:
    import ssl

    import httpx

Answer = TypeVar("Answer")
Headers = Callable[[], Mapping[str, str]]
LATER = (429, 500, 502, 503, 504)
UNKNOWN = "the service knows no such zone, or has nothing for it at that time"
REFUSED: Mapping[int, tuple[type[PlannerError], str]] = {
    400: (UsageError, UNKNOWN),
    401: (NetworkError, "the service refuses the credentials"),
    403: (NetworkError, "the credentials do not cover this zone or service"),
    404: (UsageError, UNKNOWN),
    422: (UsageError, UNKNOWN),
}


class Web:
    """Asks services for JSON.

    `offline`: from the cache alone. `refresh`: what is kept is asked again. `timeout`: seconds until a silent service
    counts as lost. `sleep` is what waits between attempts. MissingExtra.
    """

    def __init__(
        self,
        cache: Cache,
        *,
        offline: bool = False,
        refresh: bool = False,
        timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        require_extra("data", "asking a service needs", "httpx", "tenacity")
        self._cache, self._offline, self._refresh = cache, offline, refresh
        self._timeout, self._sleep = timeout, sleep

    def ask(
        self,
        question: Question,
        read: Callable[[bytes], Answer],
        *,
        headers: Headers = dict,
        newest: bool = False,
    ) -> Answer:
        """What `read` makes of the answer; only an answer it understands is kept.

        `headers` is called when the service is asked indeed, so that the cache needs no credentials. `newest`: what
        is kept answers only offline, such as yesterday's forecast. NetworkError; UsageError; and what `read` raises.
        """
        if self._offline or not (newest or self._refresh):
            kept = self._cache.get(question)
            if kept is not None:
                return read(kept)
        if self._offline:
            raise NetworkError(f"{question}: not in the cache ({self._cache.folder}), and offline nobody is asked")
        credentials = headers()
        body = self.fetch(question, headers=credentials)
        _require_discreet(body, credentials, str(question))
        answer = read(body)
        self._cache.put(question, body)
        return answer

    def fetch(self, question: Question, *, headers: Mapping[str, str], login: tuple[str, str] | None = None) -> bytes:
        """The body of the answer, which is not kept; `login` is a name and a password. NetworkError; UsageError."""
        import httpx

        auth = httpx.BasicAuth(*login) if login else None
        with httpx.Client(timeout=self._timeout, headers=dict(headers), auth=auth, verify=_tls()) as client:
            return patiently(lambda: _once(client, question), sleep=self._sleep)


@cache
def _tls() -> "ssl.SSLContext":
    """Reading the certificates takes longer than most answers."""
    import httpx

    return httpx.create_ssl_context()


def _once(client: "httpx.Client", question: Question) -> bytes:
    """One attempt. Errors are raised without their cause, which may hold the headers."""
    import httpx

    try:
        answer = client.get(question.url, params=dict(question.params))
    except (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError) as error:
        host = httpx.URL(question.url).host
        raise Busy(f"{question}: {host} cannot be reached ({type(error).__name__})") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NetworkError(f"{question}: {question.url} cannot be asked ({type(error).__name__})") from None
    _require_success(answer, str(question))
    return _require_json(answer, str(question))


def _require_success(answer: "httpx.Response", who: str) -> None:
    """The body of a refusal is not shown: it may repeat the credentials."""
    status = answer.status_code
    if status in LATER:
        raise Busy(f"{who}: the service answers {status}", retry_after(answer.headers.get("Retry-After"), who))
    if status in REFUSED:
        error, reason = REFUSED[status]
        raise error(f"{who}: {reason} ({status})")
    if not answer.is_success:
        raise NetworkError(f"{who}: the service answers {status}")


def _require_json(answer: "httpx.Response", who: str) -> bytes:
    body = answer.content
    if not body.strip():
        raise NetworkError(f"{who}: the service answers {answer.status_code} with nothing in it")
    if body.lstrip()[:1] not in (b"{", b"["):
        kind = answer.headers.get("Content-Type", "no content type").split(";")[0]
        raise NetworkError(f"{who}: the answer is no JSON ({kind}); a proxy or a login page in between?")
    return body


def _require_discreet(body: bytes, headers: Mapping[str, str], who: str) -> None:
    """What repeats a credential would bring it into errors and into the cache."""
    for value in headers.values():
        if value.split()[-1].encode() in body:
            raise NetworkError(f"{who}: the answer repeats the credentials; it is neither shown nor kept")
