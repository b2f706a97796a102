import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from google.auth import crypt, jwt

from planner.protocol.dispatcher.auth import IdTokens
from planner.protocol.dispatcher.limits import Refused

AUDIENCE, RUNNER = "https://dispatcher.example", "runner@project.example"
KEY = generate_private_key(65_537, 2048)
PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture
def certificates() -> Iterator[str]:
    """A server of the issuer's keys, as Google publishes them."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"key-1": PUBLIC}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/certs"
    server.shutdown()
    thread.join()
    server.server_close()


def token(**changes: Any) -> str:
    now = int(time.time())
    claims = {"aud": AUDIENCE, "email": RUNNER, "email_verified": True, "iat": now, "exp": now + 3600, "sub": "1"}
    signer = crypt.RSASigner.from_string(PRIVATE, "key-1")
    return jwt.encode(signer, {**claims, **changes}).decode()


def checked(certificates: str, header: str) -> int:
    """0: let in, else the status."""
    guard = IdTokens(AUDIENCE, [RUNNER], certificates=certificates)
    try:
        asyncio.run(guard.check(header))
    except Refused as refused:
        return refused.status
    finally:
        guard.close()
    return 0


def test_an_id_token_of_a_known_caller_is_let_in(certificates: str) -> None:
    assert checked(certificates, f"Bearer {token()}") == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://elsewhere.example"},
        {"email": "somebody@else.example"},
        {"email_verified": False},
        {"iat": int(time.time()) - 9000, "exp": int(time.time()) - 5000},
    ],
)
def test_other_tokens_are_not(certificates: str, changes: dict[str, Any]) -> None:
    assert checked(certificates, f"Bearer {token(**changes)}") == 403


def test_forged_tokens_are_not(certificates: str) -> None:
    head, claims, _ = token().split(".")
    for header, status in ((f"Bearer {head}.{claims}.AAAA", 403), ("Bearer x", 403), ("", 401), ("Basic x", 401)):
        assert checked(certificates, header) == status


def test_an_issuer_that_does_not_answer_is_503() -> None:
    assert checked("http://127.0.0.1:9/certs", f"Bearer {token()}") == 503
