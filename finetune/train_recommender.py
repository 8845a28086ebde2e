"""Train the model that ranks recommendations on events of one shop or several: `shelftalk train recommend`.

Of each shop a fifth of the people is held back and ranked by the model and by the formula; where the model isn't better
it is not written, and the shop goes on with what it had.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from assistant.schema import Value
from finetune.errors import TrainingError
from retrieval.recommending.events import EventLog
from retrieval.recommending.fitted import fit
from retrieval.recommending.formula import Formula
from retrieval.recommending.items import Items
from retrieval.recommending.learned import MODEL_FILE, Ranking
from retrieval.recommending.learning import (
    FEWEST,
    Case,
    Examples,
    cases_of,
    examples_of,
    scores_of_all,
    train_on,
    without,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CASES = 5_000
CARD_FILE = "card.md"
_HELD_OUT = 0.2
_MOST_HELD = 500
_SEED = 17


class Shop(NamedTuple):
    """Events to learn from, and the products that they are of."""

    name: str
    log: EventLog
    items: Items


class ShopFigures(Value):
    """What was learned from a shop, and NDCG@10 of what its held-back people took next."""

    name: str
    people: int
    events: int
    left_out: int
    cases: int
    held_back: int
    ndcg: float
    ndcg_formula: float


class Trained(Value):
    """What came of a training; `written`: on the mean of the shops the model is better than the formula."""

    shops: tuple[ShopFigures, ...]
    written: bool


def train_recommender(
    shops: Sequence[Shop],
    now: datetime,
    out: Path,
    note: str = "",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Trained:
    """Train one model on the shops, and write it and its card, with a note on the data, to `out`.

    Raises `TrainingError` for too few events.
    """
    parts = [_Part(shop) for shop in shops]
    learned = sum(len(part.learned) for part in parts)
    if learned < FEWEST:
        raise TrainingError(
            f"{learned} of what customers took next can be learned from; it takes {FEWEST} at least. The recommender "
            "goes on with what it had. Import more: shelftalk events FILE, or --from-orders."
        )
    ranking = train_on([part.examples(progress) for part in parts])
    if ranking is None:
        raise TrainingError("Too few of what customers took next were among the candidates; what there was stays.")
    figures = tuple(part.figures(ranking) for part in parts)
    better = float(np.mean([each.ndcg - each.ndcg_formula for each in figures])) > 0
    trained = Trained(shops=figures, written=better)
    if trained.written:
        out.mkdir(parents=True, exist_ok=True)
        fresh = out / f"{MODEL_FILE}.new"
        ranking.save(fresh)
        fresh.replace(out / MODEL_FILE)
        (out / CARD_FILE).write_text(card(trained, ranking.gains(), now, note), encoding="utf-8")
    return trained


def card(trained: Trained, gains: dict[str, float], now: datetime, note: str) -> str:
    """Return the card of a model: from what it was made, how good it is, what it goes by."""
    most = sorted(gains.items(), key=lambda pair: -pair[1])[:8]
    lines = [
        "# Recommender",
        "",
        f"LightGBM, lambdarank over {len(gains)} features of a customer's candidates, none of them an id or a word; "
        f"{now:%Y-%m-%d}. A fifth of each shop's people was held back; NDCG@10 over all its products of what they took "
        "next, by the model and by the formula that ranks without one.",
        "",
        *([note, ""] if note else []),
        "| shop | people | events | left out | learned from | held back | formula | model |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {each.name} | {each.people} | {each.events} | {each.left_out} | {each.cases} | {each.held_back} | "
            f"{each.ndcg_formula:.4f} | {each.ndcg:.4f} |"
            for each in trained.shops
        ),
        "",
        "| feature | share of the gain |",
        "|---|---|",
        *(f"| {name} | {share:.2f} |" for name, share in most),
    ]
    return "\n".join(lines) + "\n"


class _Part:
    """One shop's people, parted into those who are learned from and those who are held back."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        log = shop.log
        self._held = np.random.default_rng(_SEED).random(max(log.people, 1)) < _HELD_OUT
        cases = list(cases_of(log, MOST_CASES))
        self.learned = [case for case in cases if not self._held[case.person]]
        self._told = [case for case in cases if self._held[case.person]][:_MOST_HELD]

    def examples(self, progress: Callable[[int, int], None]) -> Examples:
        """Return what can be learned from this shop."""
        return examples_of(without(self._shop.log, self._held), self._shop.items, self.learned, progress)

    def figures(self, ranking: Ranking) -> ShopFigures:
        """Rank what the held-back people took next."""
        log = self._shop.log
        ours, formula = (_ndcg(log, self._held, self._shop.items, self._told, each) for each in (ranking, Formula()))
        return ShopFigures(
            name=self._shop.name,
            people=log.people,
            events=len(log),
            left_out=log.left_out,
            cases=len(self.learned),
            held_back=len(self._told),
            ndcg=ours,
            ndcg_formula=formula,
        )


def _ndcg(log: EventLog, held: "NDArray[np.bool_]", items: Items, cases: Sequence[Case], ranking: Ranking) -> float:
    fitted = fit(replace(without(log, held), now=log.now), items)
    gains = []
    for case in cases:
        scores = scores_of_all(fitted, ranking, case.past, case.today)
        own = scores[case.target]
        rank = int((scores > own).sum()) + (int((scores == own).sum()) - 1) / 2 + 1
        gains.append(1 / np.log2(rank + 1) if rank <= 10 else 0.0)
    return float(np.mean(gains)) if gains else 0.0
