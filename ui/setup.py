"""What `shelftalk setup` does: weights, the model for this machine, and the demo shop."""

from datetime import date
from pathlib import Path

from assistant.app import adapter_folder, load_configured_encoder, vector_place
from assistant.chat_models import DEFAULT_MODEL
from assistant.demo_store import build_demo_store
from assistant.settings import Settings
from retrieval.indexing import INDEX_FOLDER, is_outdated, rebuild_index
from retrieval.weights import fetch_weights, find_weights, known_weights
from ui.progress import console, progress_bars, waiting


def fetch_models(settings: Settings) -> None:
    """Fetch and verify what the settings name; convert the embedded model. Raises WeightsError."""
    settings.models.mkdir(parents=True, exist_ok=True)
    with progress_bars() as report:
        for name in weights_of(settings):
            if find_weights(name, settings.models) is None:
                report(f"Fetching {name}", 0, 1)
            fetch_weights(name, settings.models, report)
    if settings.chat_model == "embedded":
        _convert(settings)


def set_up_demo(settings: Settings, rebuild: bool = False) -> None:
    """Build the demo shop in the configured store if there is none yet, or again with `rebuild`.

    The index of a store that is there is only brought to this version's format and to where the settings want it.
    """
    if store_exists(settings.store) and not rebuild:
        if is_outdated(settings.store, vector_place(settings)):
            reindex(settings)
        return
    encoder = load_configured_encoder(settings)
    with progress_bars() as report:
        count = build_demo_store(settings.store, encoder, date.today(), report, vector_place(settings))
    console.print(f"The demo shop has {count} products. It is in {settings.store}")


def reindex(settings: Settings) -> None:
    """Build the search index anew from the products that the store holds. Raises CatalogueError without any."""
    encoder = load_configured_encoder(settings)
    with progress_bars() as report:
        manifest = rebuild_index(settings.store, encoder, report, place=vector_place(settings))
    console.print(f"The index of {manifest.count} products was built anew.")


def store_exists(store: Path) -> bool:
    """Tell whether the folder holds a store."""
    return (store / INDEX_FOLDER).is_dir()


def weights_of(settings: Settings) -> list[str]:
    """Return the names of the weights that these settings need."""
    names = [settings.encoder] if settings.encoder in known_weights() else []
    if settings.chat_model == "embedded":
        names.append(settings.chat_model_name or DEFAULT_MODEL)
    return names


def _convert(settings: Settings) -> None:
    from assistant.chat_models.embedded import prepare_embedded

    with waiting("Preparing the chat model for this machine (once, about half a minute)…"):
        prepare_embedded(settings.chat_model_name, settings.models, adapter_folder(settings))
