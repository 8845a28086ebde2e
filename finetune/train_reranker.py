"""Train a cross-encoder on judged search sets: python -m finetune.train_reranker FOLDER… --base ENCODER --work CACHE.

It is measured by sorting the best candidates of queries that it hasn't seen.
"""

import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from finetune.options import Anyway, Base, Folds, Out, Sets, Steps, Work
from finetune.pairs import Pair, above_the_rest, judged_pairs, made_pairs, reranked_text
from finetune.ranker_data import RankedQuery, RankedShop
from finetune.sentence_job import SentenceJob
from finetune.sentence_training import SentenceRecipe, bare_base, table_of, trainer_arguments

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEPTH = 50
"""So many of the best candidates are sorted, as the search does with a reranker."""


def train_reranker(base: Path, pairs: Sequence[Pair], recipe: SentenceRecipe) -> Any:
    """Return a CrossEncoder trained on the pairs. Raises `TrainingError` where there are none."""
    from sentence_transformers import CrossEncoder
    from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
    from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss

    rows = table_of([{"query": pair.query, "text": pair.text, "label": pair.gain} for pair in pairs])
    with tempfile.TemporaryDirectory() as scratch:
        model = CrossEncoder(str(bare_base(base, Path(scratch) / "base")), num_labels=1, max_length=recipe.tokens)
        arguments = CrossEncoderTrainingArguments(**trainer_arguments(recipe, Path(scratch) / "run"))
        CrossEncoderTrainer(model, arguments, train_dataset=rows, loss=BinaryCrossEntropyLoss(model)).train()
    return model


def main(
    sets: Sets,
    base: Base,
    work: Work,
    out: Out = Path("reranker"),
    folds: Folds = 3,
    steps: Steps = 0,
    made: Annotated[int, typer.Option(min=0, help="Made pairs a shop.")] = 4000,
    anyway: Anyway = False,
) -> None:
    """Train a cross-encoder, and write it where cross-validation proves it better than the fused order."""
    job = SentenceJob(
        title="The reranker",
        about=f"Sorts the {DEPTH} best candidates of a query by reading query and product together.",
        against="the fused order",
        afterwards="The search uses it with SHELFTALK_RERANKER={out}.",
        recipe=SentenceRecipe(steps=steps, made=made),
        examples=_pairs,
        train=train_reranker,
        score=_scores,
    )
    job.run(sets, base, work, out, folds, anyway)


def _pairs(shop: RankedShop, queries: Iterable[RankedQuery], recipe: SentenceRecipe) -> Iterator[Pair]:
    """Yield judged and made pairs of a shop."""
    yield from judged_pairs(shop, queries)
    yield from made_pairs(list(shop.shop.products.values()), recipe.made, random.Random(0))


def _scores(model: Any, shop: RankedShop, query: RankedQuery) -> "NDArray[np.float64]":
    texts = [reranked_text(shop, int(row)) for row in query.rows[:DEPTH]]
    found = model.predict([(query.text, text) for text in texts], show_progress_bar=False)
    return above_the_rest([float(score) for score in found], len(query.rows))


if __name__ == "__main__":
    typer.run(main)
