"""The rules in force in a running shop: the file is looked at before every search, and read when it has changed."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from retrieval.errors import CatalogueError
from retrieval.merchandising.arranging import Arranged, arrange
from retrieval.merchandising.file import MERCHANDISING_FILE, parse_rules
from retrieval.merchandising.rules import Rules, Selection
from retrieval.schema import Filters, Hit, Product, Query
from retrieval.watched_file import WatchedFile


class Merchandising:
    """The rules in force: those in the file now, or the last good ones while it is broken. Safe to share."""

    def __init__(self, store: Path, today: Callable[[], date] = date.today) -> None:
        self._file = WatchedFile(store / MERCHANDISING_FILE, parse_rules, (CatalogueError,))
        self._today = today
        self._hidden: tuple[Rules, str | None, frozenset[str]] = (self.rules(), None, frozenset())

    def rules(self) -> Rules:
        """Return the rules, read anew where the file has changed; a file that cannot be read is logged once."""
        return self._file.current()

    def arrange(
        self, query: Query, hits: Sequence[Hit], get_products: Callable[[Sequence[str]], list[Product]]
    ) -> Arranged:
        """Arrange the hits, best first, as the rules say today; see `retrieval.merchandising.arranging`."""
        return arrange(self.rules(), query, hits, get_products, self._today())

    def expand(self, text: str) -> list[str]:
        """Return the synonyms of what the text says: words or phrases to search as well."""
        return self.rules().expand(text)

    def rewrite(self, text: str) -> list[str]:
        """Return the text with each synonym in place of the word it stands for, a few at most."""
        return self.rules().rewrite(text)

    def hidden_ids(self, generation: str | None, admitted_ids: Callable[[Filters], set[str]]) -> frozenset[str]:
        """Return the ids of what is never shown, found with `admitted_ids` once for each generation of the index."""
        rules = self.rules()
        held, of_generation, ids = self._hidden
        if held is not rules or of_generation != generation:
            ids = frozenset(_selected_ids(rules.never_show, admitted_ids))
            self._hidden = (rules, generation, ids)
        return ids


def _selected_ids(selection: Selection, admitted_ids: Callable[[Filters], set[str]]) -> set[str]:
    limits = [
        *(Filters(brand=name) for name in selection.brands),
        *(Filters(category=name) for name in selection.categories),
        *(Filters(department=name) for name in selection.departments),
    ]
    return set(selection.products).union(*map(admitted_ids, limits))
