"""What can go wrong below the assistant, in the words of the operator who must act."""


class RetrievalError(Exception):
    """Something that the shop's operator has to mend."""


class CatalogueError(RetrievalError):
    """A feed or a catalogue cannot be read; says file, row and column."""


class ProductNotFound(RetrievalError):
    """No product has this id."""


class IndexDamaged(RetrievalError):
    """The search index is missing, incomplete or of another encoder; names the command that rebuilds it."""


class IndexServerError(RetrievalError):
    """The Chroma server that keeps the vectors does not answer, or is none; says which and what to look at."""


class WeightsError(RetrievalError):
    """A model file is missing or does not have the expected SHA-256; says what was tried."""


class UnknownName(RetrievalError):
    """A table has no entry of this name; lists the names it has."""


class MissingExtra(RetrievalError):
    """An optional dependency is not installed; names the pip line."""


class JudgmentsError(RetrievalError):
    """Queries or judgments that search is measured by cannot be read; says file and line."""
