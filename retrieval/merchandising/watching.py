"""The rules in force in a running shop: the file is looked at before every search, and read when it has changed."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from retrieval.errors import CatalogueError
from retrieval.merchandising.arranging import Arranged, arrange
from retrieval.merchandising.file import MERCHANDISING_FILE, parse_rules, read_content
from retrieval.merchandising.rules import Rules, Selection
from retrieval.schema import Filters, Hit, Product, Query

# Two changes within one tick of the file system's clock look alike, so a file younger than this is read each time.
_TICK_NS = 50_000_000

_logger = logging.getLogger(__name__)


class Merchandising:
    """The rules in force: those in the file now, or the last good ones while it is broken. Safe to share."""

    def __init__(self, store: Path, today: Callable[[], date] = date.today) -> None:
        self._path = store / MERCHANDISING_FILE
        self._today = today
        self._reading = threading.Lock()
        self._seen: object = None
        self._content: bytes | None = None
        self._rules = Rules()
        self._hidden: tuple[Rules, str | None, frozenset[str]] = (self._rules, None, frozenset())

    def rules(self) -> Rules:
        """Return the rules, read anew where the file has changed; a file that cannot be read is logged once."""
        signature = _signature(self._path)
        if signature is None or signature != self._seen:
            with self._reading:
                self._read(signature)
        return self._rules

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

    def _read(self, signature: object) -> None:
        try:
            content = read_content(self._path)
            if content != self._content:
                self._content = content
                self._rules = parse_rules(content)
        except (CatalogueError, OSError) as error:
            _logger.warning("%s: %s The rules before stay in force.", self._path, error)
        self._seen = signature


def _signature(path: Path) -> object:
    """Return what changes with the file, None where that cannot be told yet."""
    try:
        found = path.stat()
    except OSError as error:
        return type(error)
    if abs(time.time_ns() - found.st_mtime_ns) < _TICK_NS:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _selected_ids(selection: Selection, admitted_ids: Callable[[Filters], set[str]]) -> set[str]:
    limits = [
        *(Filters(brand=name) for name in selection.brands),
        *(Filters(category=name) for name in selection.categories),
        *(Filters(department=name) for name in selection.departments),
    ]
    return set(selection.products).union(*map(admitted_ids, limits))
