"""Reading a request's body without trusting its length."""

import asyncio

from starlette.requests import ClientDisconnect, Request

LIMIT = 64 * 1024
PATIENCE_SECONDS = 20.0
DISCARDED = 64 * 2**20


async def bounded_body(request: Request, limit: int = LIMIT) -> bytes:
    """At most `limit` + 1 bytes: one more than allowed tells that it is too large.

    The rest is read and forgotten, so that the client, still sending, can hear the answer. ClientDisconnect: the client
    left, or took longer than anybody needs.
    """
    kept, seen = bytearray(), 0
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for piece in request.stream():
                kept += piece[: limit + 1 - len(kept)]
                seen += len(piece)
                if seen > DISCARDED:
                    break
    except TimeoutError:
        raise ClientDisconnect from None
    return bytes(kept)
