"""The demo shop behind a real socket, with a line that can be cut."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from assistant.chat_models import ChatModel
from assistant.settings import Settings
from assistant.testing.stage import ShopCopy, Stage
from ui.gradio_app import picture_route
from ui.server.serving import Site
from ui.widget import widget_routes


@dataclass
class Served:
    """A shop that answers at an address, and what is behind it."""

    address: str
    stage: Stage


@contextmanager
def serve(copy: ShopCopy, settings: Settings, model: ChatModel, more: Sequence[BaseRoute] = ()) -> Iterator[Served]:
    """Serve a stage of the shop with `model`; `more` are pages of a test's own."""
    with copy.stage(model) as stage:
        # The copy of the store has no pictures; they are served from the original.
        shop = replace(stage.app, settings=settings)
        site = Site(shop, [*more, picture_route(settings.store), *widget_routes(shop)])
        with listening(site.app) as address:
            yield Served(address, stage)


@contextmanager
def listening(app: Starlette) -> Iterator[str]:
    """Serve an app at a free port; yield its address."""
    place = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [place]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{place.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        place.close()


class Line:
    """A line to a server that can be cut, and is up again for who calls anew unless it is `down`."""

    def __init__(self, address: str) -> None:
        self._target = ("127.0.0.1", int(address.rsplit(":", 1)[1]))
        self._door = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.down = False
        self.address = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._answer, daemon=True).start()

    def cut(self) -> None:
        """Drop every connection, in the middle of whatever it carries."""
        while self._open:
            with suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Take the line away."""
        self.down = True
        self.cut()
        # Closing alone would leave the thread that waits at the door, and let one more caller in.
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _answer(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._door.accept()
                if self.down:
                    caller.close()
                    continue
                threading.Thread(target=self._connect, args=(caller,), daemon=True).start()

    def _connect(self, caller: socket.socket) -> None:
        # A server that is gone is a line that is down.
        with suppress(OSError), caller, socket.create_connection(self._target) as behind:
            self._open += [caller, behind]
            back = threading.Thread(target=_pass_on, args=(behind, caller), daemon=True)
            back.start()
            _pass_on(caller, behind)
            back.join()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
