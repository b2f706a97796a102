"""Credentials and base addresses: from environment variables only, never shown, never stored."""

import os
from urllib.parse import urlsplit

from planner.errors import NetworkError, UsageError


def credential(variable: str, service: str) -> str:
    """The value of an environment variable. NetworkError, without the value: unset, or no header can carry it."""
    value = os.environ.get(variable, "").strip()
    if not value:
        raise NetworkError(f"{service} needs credentials: set the environment variable {variable}")
    require_sendable(value, variable)
    return value


def require_sendable(value: str, name: str) -> None:
    """NetworkError, without the value: `name` holds what no header can carry.

    A client library would otherwise quote the whole of it in its own error.
    """
    if not (value.isascii() and value.isprintable()):
        raise NetworkError(f"{name} holds characters that cannot be sent, such as a line break or an accent")


def base_url(variable: str, default: str) -> str:
    """Where a service is reached: an environment variable, or its public address. UsageError: it holds credentials."""
    url = os.environ.get(variable) or default
    if "@" in urlsplit(url).netloc:
        raise UsageError(f"{variable} is an address, which is shown and kept: no name or password belongs into it")
    return url.rstrip("/")
