"""Train a cross-encoder on judged search sets: python -m finetune.train_reranker FOLDER… --base ENCODER --work CACHE.

Cross-validated by query: it is measured by sorting the best candidates of queries that it hasn't seen.
"""

import random
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from finetune.pairs import Pair, above_the_rest, judged_pairs, made_pairs, reranked_text
from finetune.ranker_data import RankedQuery, RankedShop, ranked_shop
from finetune.search_data import load_search_set
from finetune.sentence_training import (
    SentenceRecipe,
    bare_base,
    card,
    figures_of,
    is_better,
    table_of,
    trainer_arguments,
)
from finetune.train_ranker import ENCODER
from retrieval.encoders import load_encoder
from retrieval.evaluation.folds import fold_of

if TYPE_CHECKING:
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


def cross_validate(
    shops: Sequence[RankedShop],
    queries: "dict[str, list[RankedQuery]]",
    base: Path,
    recipe: SentenceRecipe,
    folds: int,
) -> "dict[str, NDArray[np.float64]]":
    """Return query id → scores of its candidates, by a reranker that hasn't seen the query."""
    scores: dict[str, NDArray[np.float64]] = {}
    for fold in range(folds):
        model = train_reranker(base, _pairs(shops, queries, recipe, fold, folds), recipe)
        for shop in shops:
            for query in queries[shop.shop.name]:
                if fold_of(query.query_id, folds) == fold:
                    texts = [reranked_text(shop, int(row)) for row in query.rows[:DEPTH]]
                    found = model.predict([(query.text, text) for text in texts], show_progress_bar=False)
                    scores[query.query_id] = above_the_rest([float(score) for score in found], len(query.rows))
    return scores


def main(
    sets: Annotated[list[Path], typer.Argument(help="Folders of judged search sets.")],
    base: Annotated[Path, typer.Option(help="The encoder's folder, from which the cross-encoder starts.")],
    work: Annotated[Path, typer.Option(help="Where vectors are kept.")],
    out: Annotated[Path, typer.Option(help="Where the reranker goes.")] = Path("reranker"),
    folds: Annotated[int, typer.Option(min=2, help="Folds of the cross-validation.")] = 3,
    steps: Annotated[int, typer.Option(min=0, help="Steps at most; 0 is two epochs.")] = 0,
    made: Annotated[int, typer.Option(min=0, help="Made pairs a shop.")] = 4000,
    anyway: Annotated[bool, typer.Option(help="Write it even where it isn't better.")] = False,
) -> None:
    """Cross-validate; where no set gets worse and one provably better, train on everything and write it with its card.

    The search uses it with SHELFTALK_RERANKER=FOLDER.
    """
    recipe = SentenceRecipe(steps=steps, made=made)
    shops = [ranked_shop(load_search_set(folder, load_encoder(ENCODER, base), work)) for folder in sets]
    queries = {shop.shop.name: list(shop.own_queries()) for shop in shops}
    everything = [query for asked in queries.values() for query in asked]
    scores = cross_validate(shops, queries, base, recipe, folds)
    figures = figures_of(everything, dict.fromkeys(scores), scores)
    for shop, (before, after, gap) in figures.items():
        typer.echo(f"{shop}: {before:.3f} → {after:.3f} ({gap.low:+.3f} to {gap.high:+.3f})")
    if not is_better(figures) and not anyway:
        typer.echo("Not better than the fused order, so nothing is written. --anyway writes it all the same.")
        raise typer.Exit(1)
    pairs = _pairs(shops, queries, recipe, None, folds)
    train_reranker(base, pairs, recipe).save_pretrained(str(out))
    (out / "README.md").write_text(card("The reranker", _ABOUT, figures, recipe, len(pairs)), encoding="utf-8")
    typer.echo(f"Written to {out}. Use it with: SHELFTALK_RERANKER={out} {asdict(recipe)}")


def _pairs(
    shops: Sequence[RankedShop],
    queries: "dict[str, list[RankedQuery]]",
    recipe: SentenceRecipe,
    without: int | None,
    folds: int,
) -> list[Pair]:
    """Return judged and made pairs of all shops, those of one fold's queries left out."""
    pairs: list[Pair] = []
    for shop in shops:
        kept = (query for query in queries[shop.shop.name] if fold_of(query.query_id, folds) != without)
        pairs += judged_pairs(shop, kept)
        pairs += made_pairs(list(shop.shop.products.values()), recipe.made, random.Random(0))
    random.Random(0).shuffle(pairs)
    return pairs


_ABOUT = f"Sorts the {DEPTH} best candidates of a query by reading query and product together."


if __name__ == "__main__":
    typer.run(main)
