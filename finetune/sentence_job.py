"""How a model of the MiniLM family comes about: cross-validated by query, written only where that proves it better."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import typer

from finetune.ranker_data import RankedQuery, RankedShop, ranked_shop
from finetune.search_data import load_search_set
from finetune.sentence_training import Figures, SentenceRecipe, card, figures_of, is_better
from finetune.train_ranker import ENCODER
from retrieval.encoders import load_encoder
from retrieval.evaluation.folds import fold_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Scores = NDArray[np.float64]

Example = TypeVar("Example")
Queries = Mapping[str, Sequence[RankedQuery]]
"""By the name of their shop."""


@dataclass(frozen=True)
class SentenceJob(Generic[Example]):
    """What sets one such model apart from another."""

    title: str
    about: str
    against: str
    """What it has to be better than."""
    afterwards: str
    """What is said of a model that was written to `{out}`."""
    recipe: SentenceRecipe
    examples: Callable[[RankedShop, Iterable[RankedQuery], SentenceRecipe], Iterable[Example]]
    train: Callable[[Path, Sequence[Example], SentenceRecipe], Any]
    score: "Callable[[Any, RankedShop, RankedQuery], Scores]"
    """A score for each candidate of a query."""
    plain: Callable[[Path], Any] | None = None
    """Loads what it is compared with; None: the candidates as they are fused."""

    def run(self, sets: Sequence[Path], base: Path, work: Path, out: Path, folds: int, anyway: bool) -> None:
        """Cross-validate; where no set gets worse and one provably better, train on everything and write it.

        Raises `TrainingError` where there is nothing to learn from, and `typer.Exit` where it isn't better.
        """
        shops = [ranked_shop(load_search_set(folder, load_encoder(ENCODER, base), work)) for folder in sets]
        queries = {shop.shop.name: list(shop.own_queries()) for shop in shops}
        figures = self._cross_validated(shops, queries, base, folds)
        for shop, (before, after, gap) in figures.items():
            typer.echo(f"{shop}: {before:.3f} → {after:.3f} ({gap.low:+.3f} to {gap.high:+.3f})")
        if not is_better(figures) and not anyway:
            typer.echo(f"Not better than {self.against}, so nothing is written. --anyway writes it all the same.")
            raise typer.Exit(1)
        learned = self._learned_from(shops, queries, None, folds)
        self.train(base, learned, self.recipe).save_pretrained(str(out))
        told = card(self.title, self.about, figures, self.recipe, len(learned))
        (out / "README.md").write_text(told, encoding="utf-8")
        typer.echo(f"Written to {out}. {self.afterwards.format(out=out)}")

    def _cross_validated(self, shops: Sequence[RankedShop], queries: Queries, base: Path, folds: int) -> Figures:
        """Compare what is there with a model that hasn't seen the query."""
        before: dict[str, Scores | None] = {}
        after: dict[str, Scores] = {}
        plain = self.plain(base) if self.plain else None
        for fold in range(folds):
            tuned = self.train(base, self._learned_from(shops, queries, fold, folds), self.recipe)
            for shop in shops:
                for query in queries[shop.shop.name]:
                    if fold_of(query.query_id, folds) == fold:
                        before[query.query_id] = None if plain is None else self.score(plain, shop, query)
                        after[query.query_id] = self.score(tuned, shop, query)
        return figures_of([query for asked in queries.values() for query in asked], before, after)

    def _learned_from(
        self, shops: Sequence[RankedShop], queries: Queries, without: int | None, folds: int
    ) -> list[Example]:
        """Return the examples of all shops, those of one fold's queries left out."""
        examples: list[Example] = []
        for shop in shops:
            kept = (query for query in queries[shop.shop.name] if fold_of(query.query_id, folds) != without)
            examples += self.examples(shop, kept, self.recipe)
        random.Random(0).shuffle(examples)
        return examples
