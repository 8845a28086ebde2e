"""A Chroma server of the tests' own, from the installed package."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

_SECONDS = 120


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def running_chroma(folder: Path, port: int | None = None) -> Iterator[str]:
    """Start a server that keeps its data in `folder`, on a free port unless told; yield its address; stop it."""
    port = port or free_port()
    command = [Path(sys.executable).parent / "chroma", "run", "--path", folder, "--host", "127.0.0.1", "--port", port]
    with (folder.parent / "chroma.log").open("ab") as log:
        server = subprocess.Popen(
            [str(word) for word in command],
            env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
            cwd=folder.parent,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _SECONDS
    while True:
        try:
            httpx.get(f"{address}/api/v2/heartbeat", timeout=30).raise_for_status()
            return
        except httpx.HTTPError:
            if server.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)
