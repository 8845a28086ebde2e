"""Train the model that ranks recommendations on a shop's own events: `shelftalk train recommend`.

A fifth of the people is held back and ranked by the model and by the formula; where the model isn't better it is not
written, and the shop goes on with the formula.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.schema import Value
from finetune.errors import TrainingError
from retrieval.recommending.events import EventLog, RawEvent, read_events
from retrieval.recommending.fitted import fit
from retrieval.recommending.formula import Formula
from retrieval.recommending.items import Items
from retrieval.recommending.learned import MODEL_FILE, Ranking
from retrieval.recommending.learning import FEWEST, Case, cases_of, scores_of_all, train_ranking, without

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CASES = 10_000
_HELD_OUT = 0.2
_MOST_HELD = 500
_SEED = 17


class Trained(Value):
    """What came of a training. NDCG@10 of what the held-back people took next; `written`: the model is better."""

    people: int
    events: int
    left_out: int
    cases: int
    ndcg: float
    ndcg_formula: float
    written: bool


def train_recommender(
    events: Sequence[RawEvent],
    items: Items,
    now: datetime,
    out: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Trained:
    """Train on events and write the model and its card to `out`. Raises `TrainingError` for too few events."""
    log = read_events(events, items, now)
    cases = list(cases_of(log, MOST_CASES))
    held = np.random.default_rng(_SEED).random(max(log.people, 1)) < _HELD_OUT
    learned = [case for case in cases if not held[case.person]]
    if len(learned) < FEWEST:
        raise TrainingError(
            f"{len(learned)} of what customers took next can be learned from; it takes {FEWEST} at least. The "
            "recommender goes on with its formula. Import more: shelftalk events FILE, or --from-orders."
        )
    ranking = train_ranking(without(log, held), items, learned, progress)
    if ranking is None:
        raise TrainingError("Too few of what customers took next were among the candidates; the formula stays.")
    told = [case for case in cases if held[case.person]][:_MOST_HELD]
    ours, formula = (_ndcg(log, held, items, told, each) for each in (ranking, Formula()))
    trained = Trained(
        people=log.people,
        events=len(log),
        left_out=log.left_out,
        cases=len(learned),
        ndcg=ours,
        ndcg_formula=formula,
        written=ours > formula,
    )
    if trained.written:
        out.mkdir(parents=True, exist_ok=True)
        fresh = out / f"{MODEL_FILE}.new"
        ranking.save(fresh)
        fresh.replace(out / MODEL_FILE)
        (out / "card.md").write_text(card(trained, ranking.gains(), now), encoding="utf-8")
    return trained


def card(trained: Trained, gains: dict[str, float], now: datetime) -> str:
    """Return the card of a model: from what it was made, how good it is, what it goes by."""
    most = sorted(gains.items(), key=lambda pair: -pair[1])[:8]
    lines = [
        "# Recommender",
        "",
        f"LightGBM, lambdarank over {len(gains)} features of a customer's candidates; {now:%Y-%m-%d}.",
        f"Learned from {trained.cases} products that {trained.people} people took next ({trained.events} events; "
        f"{trained.left_out} were left out as future, unknown, repeated or a robot's).",
        "",
        f"People held back: NDCG@10 {trained.ndcg:.4f}, by the formula {trained.ndcg_formula:.4f}.",
        "",
        "| feature | share of the gain |",
        "|---|---|",
        *(f"| {name} | {share:.2f} |" for name, share in most),
    ]
    return "\n".join(lines) + "\n"


def _ndcg(log: EventLog, held: "NDArray[np.bool_]", items: Items, cases: Sequence[Case], ranking: Ranking) -> float:
    fitted = fit(replace(without(log, held), now=log.now), items)
    gains = []
    for case in cases:
        scores = scores_of_all(fitted, ranking, case.past, case.today)
        own = scores[case.target]
        rank = int((scores > own).sum()) + (int((scores == own).sum()) - 1) / 2 + 1
        gains.append(1 / np.log2(rank + 1) if rank <= 10 else 0.0)
    return float(np.mean(gains)) if gains else 0.0
