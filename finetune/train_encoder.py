"""Fine-tune the encoder on judged search sets: python -m finetune.train_encoder FOLDER… --base ENCODER --work CACHE.

Contrastive, with hard negatives out of the fused run; measured by sorting the candidates by cosine.
"""

import random
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import typer

from finetune.options import Anyway, Base, Folds, Out, Sets, Steps, Work
from finetune.pairs import Triple, encoded_text, judged_triples
from finetune.ranker_data import RankedQuery, RankedShop
from finetune.sentence_job import SentenceJob
from finetune.sentence_training import SentenceRecipe, table_of, trainer_arguments
from retrieval.minilm import LONGEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RATE = 2e-5


def train_encoder(base: Path, triples: Sequence[Triple], recipe: SentenceRecipe) -> Any:
    """Return a SentenceTransformer trained on the triples. Raises `TrainingError` where there are none."""
    from sentence_transformers import (
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    rows = table_of([{"anchor": one.query, "positive": one.fitting, "negative": one.misfit} for one in triples])
    model = _load(base)
    with tempfile.TemporaryDirectory() as scratch:
        arguments = SentenceTransformerTrainingArguments(**trainer_arguments(recipe, Path(scratch)))
        loss = MultipleNegativesRankingLoss(model)
        SentenceTransformerTrainer(model, arguments, train_dataset=rows, loss=loss).train()
    return model


def main(
    sets: Sets,
    base: Base,
    work: Work,
    out: Out = Path("encoder"),
    folds: Folds = 3,
    steps: Steps = 0,
    anyway: Anyway = False,
) -> None:
    """Fine-tune the encoder, and write it where cross-validation proves it better than the base."""
    job = SentenceJob(
        title="The encoder",
        about="Texts to unit vectors. NDCG@10 is of the candidates of the fused run, sorted by cosine alone.",
        against="the base",
        afterwards="Every index has to be built anew with it.",
        recipe=SentenceRecipe(steps=steps, rate=_RATE, tokens=LONGEST, made=0),
        examples=_triples,
        train=train_encoder,
        score=_cosines,
        plain=_load,
    )
    job.run(sets, base, work, out, folds, anyway)


def _triples(shop: RankedShop, queries: Iterable[RankedQuery], _: SentenceRecipe) -> Iterable[Triple]:
    return judged_triples(shop, queries, random.Random(0))


def _cosines(model: Any, shop: RankedShop, query: RankedQuery) -> "NDArray[np.float64]":
    texts = [query.text, *(encoded_text(shop, int(row)) for row in query.rows)]
    vectors = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    return np.asarray(vectors[1:] @ vectors[0], dtype=np.float64)


def _load(base: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(base), local_files_only=True)
    model.max_seq_length = LONGEST
    return model


if __name__ == "__main__":
    typer.run(main)
