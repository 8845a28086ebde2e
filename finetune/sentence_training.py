"""What training an encoder and a reranker share: the base without its head, arguments, figures, the card."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from finetune.errors import TrainingError
from finetune.ranker_data import RankedQuery
from finetune.train_ranker import ndcg_of
from retrieval.evaluation.bootstrap import Difference, paired_difference

Figures = dict[str, tuple[float, float, Difference]]
"""Set → NDCG@10 before, after, and the paired difference."""


@dataclass(frozen=True)
class SentenceRecipe:
    """How long and how fast a model of the MiniLM family is trained; `steps` 0 is as many as the epochs take."""

    epochs: float = 2.0
    steps: int = 0
    batch: int = 32
    rate: float = 5e-5
    tokens: int = 96
    made: int = 4000
    """Made pairs a shop."""


def table_of(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Return the rows as a data set. Raises `TrainingError` where none is left, or its library is missing."""
    if not rows:
        raise TrainingError("There is nothing to learn from: no query has judged candidates.")
    try:
        from datasets import Dataset
    except ModuleNotFoundError:
        raise TrainingError("Training this needs datasets. Install it with: pip install 'shelftalk[train]'") from None
    return Dataset.from_list([dict(row) for row in rows])


def trainer_arguments(recipe: SentenceRecipe, folder: Path, seed: int = 0) -> dict[str, Any]:
    """Return what both kinds of trainers are told."""
    import torch

    return {
        "output_dir": str(folder),
        "num_train_epochs": recipe.epochs,
        "max_steps": recipe.steps or -1,
        "per_device_train_batch_size": recipe.batch,
        "learning_rate": recipe.rate,
        "warmup_steps": 10,
        "bf16": torch.cuda.is_available(),
        "use_cpu": not torch.cuda.is_available(),
        "dataloader_pin_memory": torch.cuda.is_available(),
        "report_to": "none",
        "save_strategy": "no",
        "logging_strategy": "no",
        "disable_tqdm": True,
        "seed": seed,
    }


def bare_base(base: Path, folder: Path) -> Path:
    """Copy the base's transformer to a folder, without what says that it is an encoder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in base.iterdir():
        if path.is_file() and path.name not in ("modules.json", "config_sentence_transformers.json"):
            shutil.copy(path, folder / path.name)
    return folder


def figures_of(
    queries: Sequence[RankedQuery],
    before: "Mapping[str, np.ndarray[Any, np.dtype[np.float64]] | None]",
    after: "Mapping[str, np.ndarray[Any, np.dtype[np.float64]]]",
) -> Figures:
    """Return set → NDCG@10 by the scores before and after (query id → a score a candidate; None: as fused)."""
    figures: Figures = {}
    for shop in dict.fromkeys(query.shop for query in queries):
        told = [query for query in queries if query.shop == shop and any(query.ideal)]
        old = {query.query_id: ndcg_of(query, before[query.query_id]) or 0.0 for query in told}
        new = {query.query_id: ndcg_of(query, after[query.query_id]) or 0.0 for query in told}
        if difference := paired_difference(new, old):
            figures[shop] = (float(np.mean(list(old.values()))), float(np.mean(list(new.values()))), difference)
    return figures


def is_better(figures: Figures) -> bool:
    """Tell whether no set got worse and one provably better."""
    gaps = [difference for _, _, difference in figures.values()]
    return bool(gaps) and all(gap.mean >= 0 for gap in gaps) and any(gap.low > 0 for gap in gaps)


def card(title: str, about: str, figures: Figures, recipe: SentenceRecipe, pairs: int) -> str:
    """Return the model's card as Markdown: data, licence, recipe, and NDCG@10 before and after."""
    lines = [
        f"| {shop} | {before:.3f} | {after:.3f} | {gap.mean:+.3f} ({gap.low:+.3f} to {gap.high:+.3f}) |"
        for shop, (before, after, gap) in figures.items()
    ]
    return _CARD.format(title=title, about=about, lines="\n".join(lines), recipe=recipe, pairs=pairs)


_CARD = """# {title}

{about}

## Data and licence
- Base: all-MiniLM-L6-v2, Apache-2.0.
- esci: Amazon Shopping Queries (Reddy et al. 2022, arXiv 2206.06588), Apache-2.0; chorus: ratings Apache-2.0, product
  data © Icecat, under the Open Content License (OPL). Of another shop: its own judgments.
- {pairs} examples, judged ones and ones made of titles and categories.

## Recipe
{recipe}

## NDCG@10, cross-validated by query
| set | before | after | difference, paired bootstrap 95 % |
|---|---|---|---|
{lines}
"""
