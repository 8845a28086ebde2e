"""What the shop's own people call its products, learned from their searches while the shop is open."""

from datetime import timedelta

from assistant.refitting import Pace, Refitted
from assistant.shop.records import ShopRecords
from assistant.shop.sessions import Clock, utc_now
from retrieval.search import Catalogue
from retrieval.understanding.query_log import QueryLog

_HEARD = timedelta(days=180)
"""How far back a search teaches anything: fashions of speech pass, and so do products."""


def heed_shoppers(
    catalogue: Catalogue, records: ShopRecords, clock: Clock = utc_now, pace: Pace = Pace()
) -> Refitted[QueryLog]:
    """Let the catalogue understand what shoppers searched and then clicked; return what keeps that up to date."""

    def state() -> str:
        return f"{records.interactions.state()} {catalogue.generation()}"

    def fit() -> QueryLog:
        return catalogue.learn_words(records.interactions.after_searches(clock() - _HEARD))

    words = Refitted(state, fit, pace, learner="search")
    catalogue.heed(words.current)
    return words
