"""What every test may use: the demo shop, built once, and no network beyond this machine."""

import hashlib
import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from assistant.chat_models.scripted import SilentModel
from assistant.demo_store import build_demo_store
from assistant.settings import PREFIX, Settings, load_settings
from assistant.testing.stage import ShopCopy, copy_shop
from retrieval.encoders import HashingEncoder, load_encoder
from retrieval.schema import Encoder

_SOURCES = ("retrieval", "assistant/shop", "assistant/demo_store.py")


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Block every connection that leaves this machine, and the look-up of any name that isn't its own."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not _is_loopback(address[0]):
            raise RuntimeError(f"A test wanted to connect to {address}. Tests use this machine only.")
        connect(self, address)

    def guarded_look_up(host: Any, *arguments: Any, **named: Any) -> Any:
        if not _is_loopback(host):
            raise RuntimeError(f"A test wanted to look up {host}. Tests use this machine only.")
        return look_up(host, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_this_machine() -> Iterator[None]:
    """Take the developer's own settings away, but for where the weights are."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(PREFIX) and name != f"{PREFIX}MODELS"]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder where this machine's model files are, or would be: SHELFTALK_MODELS, else the user's data folder."""
    return load_settings().models


@pytest.fixture(scope="session")
def demo_encoder() -> Encoder:
    """The encoder of `demo_store`: hashed words, or the real MiniLM where MINILM_FOLDER names its folder."""
    folder = os.environ.get("MINILM_FOLDER")
    return load_encoder("all-minilm-l6-v2", Path(folder)) if folder else HashingEncoder()


@pytest.fixture(scope="session")
def demo_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, demo_encoder: Encoder) -> Path:
    """A store with the whole demo shop. It is shared and kept between runs: copy it before you change anything."""
    # Without pytest's cache (-p no:cacheprovider) it is built anew each time.
    cache: pytest.Cache | None = getattr(request.config, "cache", None)
    folder = cache.mkdir("shelftalk-demo") if cache else tmp_path_factory.mktemp("shelftalk-demo")
    store = folder / _fingerprint(demo_encoder.name)
    with FileLock(folder / ".lock"):
        if not store.is_dir():
            for old in folder.glob("demo-*"):
                shutil.rmtree(old)
            build_demo_store(store, demo_encoder, date.today())
    return store


@pytest.fixture(scope="session")
def demo_settings(demo_store: Path) -> Settings:
    """Settings that open `demo_store`; its chat model must be given."""
    return load_settings(environ={}, store=demo_store, chat_model="scripted")


@pytest.fixture(scope="session")
def demo_shop(demo_settings: Settings, demo_encoder: Encoder) -> Iterator[ShopCopy]:
    """A copy of the demo shop, whose stages have fresh records each."""
    with copy_shop(demo_settings, SilentModel(), demo_encoder) as shop:
        yield shop


def _fingerprint(encoder: str) -> str:
    """Name what the demo store is made from: its sources, the encoder, and the day, since orders are dated by it."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256(f"{encoder} {date.today()}".encode())
    for source in _SOURCES:
        paths = [root / source] if (root / source).is_file() else sorted((root / source).rglob("*"))
        for path in paths:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return f"demo-{digest.hexdigest()[:16]}"


def _is_loopback(host: Any) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False
