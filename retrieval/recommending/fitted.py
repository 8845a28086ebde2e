"""All that is learned from one event log by counting."""

from dataclasses import dataclass

from retrieval.recommending.events import EventLog
from retrieval.recommending.items import Items
from retrieval.recommending.popularity import Popularity, count_popularity
from retrieval.recommending.repeats import Repeats, learn_repeats
from retrieval.recommending.together import Together, count_together


@dataclass(frozen=True)
class Fitted:
    """The tables over the products, of one log on one day."""

    items: Items
    together: Together
    popularity: Popularity
    repeats: Repeats
    now: float
    events: int


def fit(log: EventLog, items: Items) -> Fitted:
    """Count everything that recommendations rest on."""
    return Fitted(
        items=items,
        together=count_together(log, len(items.ids)),
        popularity=count_popularity(log, len(items.ids)),
        repeats=learn_repeats(log, items.categories),
        now=log.now,
        events=len(log),
    )
