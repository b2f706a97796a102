"""Who may call: a shared secret on one machine, OpenID Connect ID tokens in the cloud."""

import asyncio
import hmac
import time
from collections.abc import Collection
from typing import Any, Protocol

from planner.errors import MissingExtra
from planner.protocol.dispatcher.limits import Refused

GOOGLE_CERTIFICATES = "https://www.googleapis.com/oauth2/v1/certs"
FRESH_SECONDS = 3000.0  # an ID token holds an hour


class Guard(Protocol):
    """Lets requests in."""

    async def check(self, header: str) -> None:
        """The Authorization header. Refused: 401 without a bearer token, 403 with one that does not count."""


class Tokens(Protocol):
    """Bearer tokens for the services that are called."""

    async def token(self, audience: str) -> str:
        """A token that the service at this address takes."""


class SharedSecret:
    """The same secret for all, in both directions."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def check(self, header: str) -> None:
        """See `Guard`."""
        if not hmac.compare_digest(bearer(header).encode(), self._secret.encode()):
            raise Refused(403, "the token is not accepted")

    async def token(self, audience: str) -> str:  # noqa: ARG002
        """See `Tokens`."""
        return self._secret


class IdTokens:
    """ID tokens issued by Google to one of `callers` (e-mail addresses) for `audience`; and our own, for others."""

    def __init__(self, audience: str, callers: Collection[str], *, certificates: str = GOOGLE_CERTIFICATES) -> None:
        self._audience, self._callers, self._certificates = audience, frozenset(callers), certificates
        self._transport = _transport()
        self._known: dict[str, tuple[float, str]] = {}

    async def check(self, header: str) -> None:
        """See `Guard`."""
        from google.auth.exceptions import GoogleAuthError, TransportError

        try:
            claims = await asyncio.to_thread(self._verified, bearer(header))
        except TransportError as error:
            raise Refused(503, "the token cannot be checked now", {"Retry-After": "5"}) from error
        except (GoogleAuthError, ValueError) as error:
            raise Refused(403, "the token is not accepted") from error
        if claims.get("email") not in self._callers or not claims.get("email_verified"):
            raise Refused(403, "the token is not accepted")

    async def token(self, audience: str) -> str:
        """Of the service account that this process runs as (see `Tokens`)."""
        from google.oauth2 import id_token

        until, token = self._known.get(audience, (0.0, ""))
        if time.monotonic() >= until:
            token = await asyncio.to_thread(id_token.fetch_id_token, self._transport, audience)
            self._known[audience] = time.monotonic() + FRESH_SECONDS, token
        return token

    def close(self) -> None:
        """Close idle connections to the issuer."""
        self._transport.session.close()

    def _verified(self, token: str) -> dict[str, Any]:
        from google.oauth2 import id_token

        return dict(id_token.verify_token(token, self._transport, self._audience, certs_url=self._certificates))


def bearer(header: str) -> str:
    """The token of an Authorization header. Refused: 401, there is none."""
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Refused(401, "a bearer token is needed", {"WWW-Authenticate": "Bearer"})
    return token.strip()


def _transport() -> Any:
    try:
        from google.auth.transport.requests import Request
    except ImportError as error:
        raise MissingExtra("ID tokens need google-auth: pip install 'planner[serve]'") from error
    return Request()
