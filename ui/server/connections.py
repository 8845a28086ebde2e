"""Connections that say nothing are closed, so that a thousand of them keep nobody else out."""

import asyncio
import resource

from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 10.0
"""Seconds in which a new connection has to have sent the head of a request."""


class ImpatientProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, but for connections on which no request begins in time."""

    patience = PATIENCE

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request; the ones after it have uvicorn's own time limit."""
        super().connection_made(transport)
        self._alarm = self.loop.call_later(self.patience, self._close_if_silent)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._alarm.cancel()
        super().connection_lost(exc)

    def _close_if_silent(self) -> None:
        if self.cycle is None:
            self.transport.close()


def allow_many_connections() -> None:
    """Raise the number of files that this process may have open to the most that the system lets it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
