"""How long a body may be."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.responses import JSONResponse

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class BodyLimit:
    """ASGI middleware that refuses a body beyond `most` bytes, whatever its header says of its length.

    One that comes more slowly than in `patience` seconds is refused as well.
    """

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], most: int, patience: float = 20) -> None:
        self._app = app
        self._most = most
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body, or answer 413 or 408."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._patience):
                body = await self._read(receive)
        except TimeoutError:
            await _refuse(408, f"The body took longer than {self._patience:g} seconds.", scope, receive, send)
            return
        except _TooLong:
            await _refuse(413, f"The body has more than {self._most} bytes.", scope, receive, send)
            return
        if body is None:
            return
        given = False

        async def again() -> MutableMapping[str, Any]:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)

    async def _read(self, receive: Receive) -> bytes | None:
        """Return the body; None where the caller has gone. Raises _TooLong."""
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return None
            body += message.get("body", b"")
            if len(body) > self._most:
                raise _TooLong
            if not message.get("more_body"):
                return bytes(body)


class _TooLong(Exception):
    """A body has more bytes than are taken."""


async def _refuse(status: int, error: str, scope: Scope, receive: Receive, send: Send) -> None:
    # What is still on its way is not read: the connection ends with this answer.
    await JSONResponse({"error": error}, status_code=status, headers={"Connection": "close"})(scope, receive, send)
