"""The shop's vocabulary with what its shoppers' own searches add, as it is at the moment."""

from collections.abc import Callable

from retrieval.understanding.query_log import QueryLog
from retrieval.vocabulary import Vocabulary


class Heeded:
    """Puts vocabulary and query log together, anew only where one of them is another. Safe to share."""

    def __init__(self) -> None:
        self._log: Callable[[], QueryLog] = QueryLog
        self._held: tuple[Vocabulary, QueryLog, Vocabulary] | None = None

    def heed(self, log: Callable[[], QueryLog]) -> None:
        """Take the log from here, asked anew at every search."""
        self._log = log

    def vocabulary(self, own: Vocabulary) -> Vocabulary:
        """Return the shop's own vocabulary with the log's words in it."""
        log, held = self._log(), self._held
        if not log.words and not log.meanings:
            return own
        if held is None or held[0] is not own or held[1] is not log:
            held = (own, log, own.with_queries(log.words, log.meanings))
            self._held = held
        return held[2]
