"""Where the recommender's training finds its events: the shop's own records, and tables of other shops."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from assistant.app import load_configured_encoder, open_configured_catalogue, open_shop_records
from assistant.settings import Settings
from finetune.train_recommender import Shop
from retrieval.evaluation.interactions import read_histories
from retrieval.evaluation.item_tables import read_items
from retrieval.recommending.events import read_events


def own_shop(settings: Settings, now: datetime) -> Shop:
    """Return the events and orders of the store that the settings name. Raises what opening the store raises."""
    records = open_shop_records(settings)
    items = open_configured_catalogue(settings).items()
    log = read_events(records.interactions.everything(), items, now, records.customers.languages())
    return Shop("own", log, items)


def other_shops(settings: Settings, tables: Sequence[tuple[Path, Path]]) -> Iterator[Shop]:
    """Yield the shops of pairs of interactions and items, read as by `evaluate recommend`. Raises `CatalogueError`."""
    encoder = load_configured_encoder(settings) if tables else None
    for interactions, file in tables:
        assert encoder is not None
        items = read_items(file, encoder)
        yield Shop(interactions.stem, read_histories(interactions, items.rows).log, items)
