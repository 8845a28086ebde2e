"""Which pictures cannot be shown: files that are not in the store folder, addresses that do not answer with one."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

_AT_ONCE = 16
_TIMEOUT = 8.0
# Servers that refuse to tell of a file without sending it.
_ASK_AGAIN = {403, 405, 501}


def dead_images(images: Iterable[str], store: Path, ask_the_web: bool) -> dict[str, str]:
    """Return image → why it cannot be shown, for those that cannot.

    A path counts from the store folder and may not leave it. Addresses are asked for only with `ask_the_web`, each
    once, sixteen at a time, at most eight seconds each.
    """
    listed = list(images)
    dead = {image: reason for image in listed if not _is_address(image) and (reason := _missing(image, store))}
    if ask_the_web:
        dead |= _dead_on_the_web([image for image in listed if image.startswith(("http://", "https://"))])
    return dead


def _is_address(image: str) -> bool:
    return image.startswith(("http://", "https://", "data:"))


def _missing(image: str, store: Path) -> str | None:
    path = (store / image).resolve()
    if not path.is_relative_to(store.resolve()):
        return "it lies outside the store folder"
    return None if path.is_file() else "there is no such file in the store folder"


def _dead_on_the_web(addresses: list[str]) -> dict[str, str]:
    if not addresses:
        return {}
    with (
        httpx.Client(timeout=_TIMEOUT, follow_redirects=True) as client,
        ThreadPoolExecutor(_AT_ONCE) as pool,
    ):
        answers = pool.map(lambda address: _ask(client, address), addresses)
        return {address: reason for address, reason in zip(addresses, answers, strict=True) if reason}


def _ask(client: httpx.Client, address: str) -> str | None:
    """Return why the address shows no picture."""
    try:
        answer = client.head(address)
        if answer.status_code in _ASK_AGAIN:
            # The head of the answer is enough; the picture itself is not read.
            with client.stream("GET", address) as answer:
                return _judge(answer)
        return _judge(answer)
    except httpx.TimeoutException:
        return f"no answer within {_TIMEOUT:.0f} seconds"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"no answer ({error})"


def _judge(answer: httpx.Response) -> str | None:
    if answer.status_code >= 400:
        return f"the server answers {answer.status_code}"
    kind = answer.headers.get("content-type", "").split(";")[0].strip()
    return f"it is {kind}, no picture" if kind.startswith("text/") else None
