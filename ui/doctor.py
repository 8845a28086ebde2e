"""What is here, what is missing, and the line that mends it."""

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from assistant.app import adapter_folder, open_configured_catalogue
from assistant.chat_models.adapters import load_adapter
from assistant.errors import AssistantError
from assistant.prompting import prompt_hash
from assistant.settings import Settings, load_settings
from assistant.shop.policies import Policies
from assistant.shop.rules import POLICY_FILE, WatchedRules
from assistant.shop.shipping import SHIPPING_FILE, WatchedShipping
from assistant.shop.sizing import SIZES_FILE, WatchedSizes
from retrieval.errors import RetrievalError
from retrieval.merchandising import MERCHANDISING_FILE, check_merchandising
from retrieval.schema import Value
from retrieval.search import Catalogue
from retrieval.weights import find_weights, known_weights, load_weights
from ui.setup import weights_of

_PACKAGES = ("shelftalk", "torch", "transformers", "sentence-transformers", "chromadb", "openvino-genai", "gradio")


class Finding(Value):
    """One thing that was looked at."""

    what: str
    ok: bool
    detail: str

    def __str__(self) -> str:
        return f"{'ok  ' if self.ok else 'FAIL'} {self.what}: {self.detail}"


def diagnose(store: Path | None) -> list[Finding]:
    """Look at everything; nothing that is found stops the look at the rest."""
    try:
        settings = load_settings(store=store)
    except AssistantError as error:
        return [Finding(what="settings", ok=False, detail=str(error))]
    return [*_installed(), *_models(settings), *_store(settings)]


def _installed() -> Iterator[Finding]:
    yield Finding(what="python", ok=True, detail=f"{platform.python_version()} on {platform.machine()}")
    for package in _PACKAGES:
        try:
            yield Finding(what=package, ok=True, detail=version(package))
        except PackageNotFoundError:
            yield Finding(what=package, ok=False, detail="not installed. Mend it with: make install")


def _models(settings: Settings) -> Iterator[Finding]:
    yield Finding(what="chat model", ok=True, detail=f"{settings.chat_model} {settings.chat_model_name or ''}".strip())
    for name, weights in known_weights().items():
        if weights.optional and name not in weights_of(settings) and find_weights(name, settings.models) is None:
            continue
        try:
            folder = load_weights(name, settings.models)
        except RetrievalError as error:
            yield Finding(what=name, ok=False, detail=str(error))
        else:
            yield Finding(what=name, ok=True, detail=f"{weights.about}, verified, in {folder}")
    yield from _adapter(settings)


def _adapter(settings: Settings) -> Iterator[Finding]:
    folder = adapter_folder(settings)
    if folder is None:
        return
    try:
        adapter = load_adapter(folder)
    except AssistantError as error:
        yield Finding(what="adapter", ok=False, detail=str(error))
        return
    same = adapter.card.prompt_sha256 == prompt_hash()
    about = f"of {adapter.card.base}, in {folder}"
    stale = f"{about}, was trained with another prompt or other tools than these, and may call them wrongly. Train it "
    yield Finding(what="adapter", ok=same, detail=about if same else f"{stale}again, or set SHELFTALK_ADAPTER=none.")


def _store(settings: Settings) -> Iterator[Finding]:
    try:
        catalogue = open_configured_catalogue(settings)
        vectors = f", vectors on the Chroma server at {settings.chroma_url}" if settings.chroma_url else ""
        yield Finding(what="index", ok=True, detail=f"{catalogue.count()} products in {settings.store}{vectors}")
        yield from _merchandising(settings, catalogue)
        yield from _tables(settings, catalogue)
    except (RetrievalError, SQLAlchemyError) as error:
        yield Finding(what="index", ok=False, detail=str(error))
    try:
        passages = Policies(settings.store / "policies").passages
        count = ", ".join(f"{len(found)} {language}" for language, found in passages.items())
        yield Finding(what="policies", ok=True, detail=f"passages: {count or 'none'}")
    except AssistantError as error:
        yield Finding(what="policies", ok=False, detail=str(error))
    try:
        WatchedRules(settings.store)
        where = POLICY_FILE if (settings.store / POLICY_FILE).is_file() else "the defaults"
        yield Finding(what="rules", ok=True, detail=f"{where} in force")
    except AssistantError as error:
        yield Finding(what="rules", ok=False, detail=str(error))


def _tables(settings: Settings, catalogue: Catalogue) -> Iterator[Finding]:
    """Look at the shipping table and the size guides: whether they can be read, and name what the shop sells."""
    sold = {name.casefold() for name in (*catalogue.categories(), *catalogue.departments())}
    try:
        zones = WatchedShipping(settings.store).current().zones
        guides = WatchedSizes(settings.store).current().guides
    except AssistantError as error:
        yield Finding(what="shipping and sizes", ok=False, detail=str(error))
        return
    named = [name for zone in zones for way in zone.ways for name in (*way.only, *way.never)]
    for what, names, detail in (
        (SHIPPING_FILE, named, f"{len(zones)} zones" if zones else "no zones: delivery is looked up in the policies"),
        (SIZES_FILE, [name for guide in guides for name in guide.categories], f"{len(guides)} size guides"),
    ):
        unknown = list(dict.fromkeys(name for name in names if name.casefold() not in sold))
        strange = f"The shop sells nothing called {', '.join(unknown)}. Mend the name, or take it out."
        yield Finding(what=what, ok=not unknown, detail=strange if unknown else detail)


def _merchandising(settings: Settings, catalogue: Catalogue) -> Iterator[Finding]:
    if (settings.store / MERCHANDISING_FILE).is_file():
        problems = check_merchandising(settings.store, catalogue)
        yield Finding(what="merchandising", ok=not problems, detail=" ".join(problems) or "in force")
