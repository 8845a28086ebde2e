"""The ranker as the search uses it: candidates of an index in, their order and whether anything fits out."""

from dataclasses import dataclass
from pathlib import Path

from retrieval.candidates import Candidates
from retrieval.errors import UnknownName
from retrieval.indexing import SearchIndex
from retrieval.ranking.features import candidate_features
from retrieval.ranking.fit import FIT_FILE, QueryFit, load_fit
from retrieval.ranking.model import MODEL_FILE, LearnedRanker, load_ranker
from retrieval.schema import Encoder

LEARNED, NONE = "learned", "none"
_SHIPPED = Path(__file__).parents[2] / "finetune" / "adapters" / "ranker"


@dataclass(frozen=True)
class Ranked:
    """(id, score) pairs, best first, the score being the log odds of relevance, and whether any product fits."""

    entries: list[tuple[str, float]]
    fits: bool


@dataclass(frozen=True)
class Ranker:
    """Boosted trees, and the regression that tells by their scores whether anything fits. Safe to share."""

    trees: LearnedRanker
    fit: QueryFit

    def knows(self, encoder: Encoder) -> bool:
        """Tell whether the trees were trained with this encoder, fine-tuned or not."""
        return encoder.name.startswith(self.trees.encoder)

    def rank(self, index: SearchIndex, candidates: Candidates) -> Ranked:
        """Order the candidates. They must have a vector: the trees were trained where the encoder can read."""
        lexical = index.lexical
        rows, features = candidate_features(
            index.fields,
            candidates.english or candidates.text,
            lexical.rows(candidates.lexical),
            lexical.rows(candidates.dense),
            candidates.vector,
        )
        scores = self.trees.score(features)
        order = sorted(range(len(rows)), key=lambda place: -scores[place])
        entries = [(lexical.ids[rows[place]], float(scores[place])) for place in order]
        return Ranked(entries, self.fit.fits(features, scores))


def shipped_ranker() -> Path:
    """Return the folder of the ranker that ships."""
    return _SHIPPED


def load_ranker_named(name: str) -> Ranker | None:
    """Load the ranker that ships ('learned'), one from a folder that a trainer wrote, or None for 'none'.

    Raises `UnknownName` for what is neither, and `WeightsError` for a ranker that cannot be read.
    """
    if name == NONE:
        return None
    folder = _SHIPPED if name == LEARNED else Path(name)
    if not folder.is_dir():
        raise UnknownName(f"There is no ranker called '{name}'. Choose {LEARNED}, {NONE}, or a folder with a ranker.")
    return Ranker(load_ranker(folder / MODEL_FILE), load_fit(folder / FIT_FILE))
