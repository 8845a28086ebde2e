"""Fine-tune the encoder on judged search sets: python -m finetune.train_encoder FOLDER… --base ENCODER --work CACHE.

Contrastive, with hard negatives out of the fused run; cross-validated by query over the candidates.
"""

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from finetune.pairs import Triple, encoded_text, judged_triples
from finetune.ranker_data import RankedQuery, RankedShop, ranked_shop
from finetune.search_data import load_search_set
from finetune.sentence_training import SentenceRecipe, card, figures_of, is_better, table_of, trainer_arguments
from finetune.train_ranker import ENCODER
from retrieval.encoders import load_encoder
from retrieval.evaluation.folds import fold_of
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


def cross_validate(
    shops: Sequence[RankedShop],
    queries: "dict[str, list[RankedQuery]]",
    base: Path,
    recipe: SentenceRecipe,
    folds: int,
) -> "tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]]]":
    """Return query id → cosines of its candidates, by the base and by an encoder that hasn't seen the query."""
    before: dict[str, NDArray[np.float64]] = {}
    after: dict[str, NDArray[np.float64]] = {}
    plain = _load(base)
    for fold in range(folds):
        tuned = train_encoder(base, _triples(shops, queries, fold, folds), recipe)
        for shop in shops:
            for query in queries[shop.shop.name]:
                if fold_of(query.query_id, folds) == fold:
                    before[query.query_id] = _cosines(plain, shop, query)
                    after[query.query_id] = _cosines(tuned, shop, query)
    return before, after


def main(
    sets: Annotated[list[Path], typer.Argument(help="Folders of judged search sets.")],
    base: Annotated[Path, typer.Option(help="The encoder's folder.")],
    work: Annotated[Path, typer.Option(help="Where vectors are kept.")],
    out: Annotated[Path, typer.Option(help="Where the encoder goes.")] = Path("encoder"),
    folds: Annotated[int, typer.Option(min=2, help="Folds of the cross-validation.")] = 3,
    steps: Annotated[int, typer.Option(min=0, help="Steps at most; 0 is two epochs.")] = 0,
    anyway: Annotated[bool, typer.Option(help="Write it even where it isn't better.")] = False,
) -> None:
    """Cross-validate; where no set gets worse and one provably better, train on everything and write it."""
    recipe = SentenceRecipe(steps=steps, rate=_RATE, tokens=LONGEST, made=0)
    shops = [ranked_shop(load_search_set(folder, load_encoder(ENCODER, base), work)) for folder in sets]
    queries = {shop.shop.name: list(shop.own_queries()) for shop in shops}
    everything = [query for asked in queries.values() for query in asked]
    figures = figures_of(everything, *cross_validate(shops, queries, base, recipe, folds))
    for shop, (before, after, gap) in figures.items():
        typer.echo(f"{shop}: {before:.3f} → {after:.3f} ({gap.low:+.3f} to {gap.high:+.3f})")
    if not is_better(figures) and not anyway:
        typer.echo("Not better than the base, so nothing is written. --anyway writes it all the same.")
        raise typer.Exit(1)
    triples = _triples(shops, queries, None, folds)
    train_encoder(base, triples, recipe).save_pretrained(str(out))
    (out / "README.md").write_text(card("The encoder", _ABOUT, figures, recipe, len(triples)), encoding="utf-8")
    typer.echo(f"Written to {out}. Every index has to be built anew with it.")


def _triples(
    shops: Sequence[RankedShop], queries: "dict[str, list[RankedQuery]]", without: int | None, folds: int
) -> list[Triple]:
    triples: list[Triple] = []
    for shop in shops:
        kept = (query for query in queries[shop.shop.name] if fold_of(query.query_id, folds) != without)
        triples += judged_triples(shop, kept, random.Random(0))
    random.Random(0).shuffle(triples)
    return triples


def _cosines(model: Any, shop: RankedShop, query: RankedQuery) -> "NDArray[np.float64]":
    texts = [query.text, *(encoded_text(shop, int(row)) for row in query.rows)]
    vectors = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    return np.asarray(vectors[1:] @ vectors[0], dtype=np.float64)


def _load(base: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(base), local_files_only=True)
    model.max_seq_length = LONGEST
    return model


_ABOUT = "Texts to unit vectors. NDCG@10 is of the candidates of the fused run, sorted by cosine alone."


if __name__ == "__main__":
    typer.run(main)
