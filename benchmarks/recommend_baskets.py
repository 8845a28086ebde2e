"""Next baskets and the chance to buy, on a year of order lines: RECOMMEND_BASKETS names the folder.

The folder holds transactions_dev.parquet (InvoiceNo, StockCode, InvoiceDate, CustomerID) and products.parquet
(StockCode, description).
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from assistant.app import load_configured_encoder
from assistant.settings import Settings
from retrieval.evaluation.item_tables import encoded
from retrieval.recommending.events import PURCHASE, EventLog
from retrieval.recommending.fitted import Fitted, fit
from retrieval.recommending.items import Items, make_items
from retrieval.recommending.learned import Ranking
from retrieval.recommending.learning import Case, scores_of_all, train_ranking
from retrieval.recommending.past import Past, past_of_rows
from retrieval.recommending.propensity import (
    FEATURES,
    HORIZON,
    Purchases,
    describe,
    learn_propensity,
    outcome,
    purchases_by,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

K = 20
_PLOT = Path(__file__).parents[1] / "docs" / "propensity-reliability.png"
_TRAINED, _RANKED = 1500, 1200
"""Customers that the ranking is trained on, and customers that are ranked, drawn by chance."""
_EACH = 2


def measure(settings: Settings) -> dict[str, Any]:
    folder = Path(os.environ.get("RECOMMEND_BASKETS", ""))
    if not (folder / "transactions_dev.parquet").is_file():
        raise SystemExit("Set RECOMMEND_BASKETS to the folder with transactions_dev.parquet and products.parquet.")
    items, log = _read(settings, folder)
    figures = {"propensity": propensity(log, items), "next_basket": next_baskets(log, items)}
    figures["read"] = {"products": len(items.ids), "customers": log.people, "lines": len(log)}
    return figures


def _read(settings: Settings, folder: Path) -> tuple[Items, EventLog]:
    products = pd.read_parquet(folder / "products.parquet")
    ids = [str(code) for code in products["StockCode"]]
    texts = [str(text).strip() for text in products[next(c for c in products if c.lower() == "description")]]
    vectors = encoded(load_configured_encoder(settings), texts, lambda done: None)
    items = make_items(ids, [None] * len(ids), [None] * len(ids), vectors)
    lines = pd.read_parquet(folder / "transactions_dev.parquet")
    lines = lines[lines["StockCode"].astype(str).isin(items.rows)]
    lines = lines.drop_duplicates(["CustomerID", "InvoiceNo", "StockCode"]).sort_values(["CustomerID", "InvoiceDate"])
    people, _ = pd.factorize(lines["CustomerID"], sort=True)
    days = pd.to_datetime(lines["InvoiceDate"]).to_numpy().astype("datetime64[s]").astype(float) / 86400
    return items, EventLog(
        persons=people.astype(np.int32),
        rows=np.array([items.rows[str(code)] for code in lines["StockCode"]], dtype=np.int32),
        kinds=np.full(len(lines), PURCHASE, dtype=np.int8),
        days=days,
        people=int(people.max()) + 1,
        now=float(days.max()),
    )


# -- the chance to buy -------------------------------------------------------------------------------------------------


def propensity(log: EventLog, items: Items) -> dict[str, Any]:
    """Roll the origin month by month: each is told by models that learned from the ones before."""
    levels = {"any": purchases_by(log), "product_again": purchases_by(log, np.arange(len(items.ids), dtype=np.int32))}
    figures: dict[str, Any] = {"horizon_days": HORIZON}
    told = {}
    for name, purchases in levels.items():
        first, last = purchases.days.min() + 90, purchases.days.max() - HORIZON + 1
        origins = list(np.arange(last, first, -HORIZON))[::-1]
        truth: list[Any] = []
        ours: list[Any] = []
        rf: list[Any] = []
        for place in range(3, len(origins)):
            found = _one_origin(purchases, origins[:place], origins[place], most=None if name == "any" else 60_000)
            for held, part in zip((truth, ours, rf), found, strict=True):
                held.append(part)
        y, p, q = map(np.concatenate, (truth, ours, rf))
        told[name] = (y, p, q)
        figures[name] = {
            "origins": len(truth),
            "cases": len(y),
            "share_that_bought": float(y.mean()),
            "ours": {"auc": float(roc_auc_score(y, p)), "brier": float(brier_score_loss(y, p))},
            "recency_frequency": {"auc": float(roc_auc_score(y, q)), "brier": float(brier_score_loss(y, q))},
            "always_the_share": {"auc": 0.5, "brier": float(brier_score_loss(y, np.full(len(y), y.mean())))},
            "reliability": _reliability(y, p),
        }
    _plot(told)
    return figures


def _one_origin(
    purchases: Purchases, known: list[float], origin: float, most: int | None
) -> "tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]":
    # What comes after the origin isn't known on that day.
    before = purchases.days < origin
    seen = Purchases(purchases.persons[before], purchases.keys[before], purchases.days[before])
    model = learn_propensity(seen, known)
    table = describe(seen, origin)
    happened = outcome(purchases, table, origin)
    chosen = np.arange(len(happened))
    if most is not None and len(chosen) > most:
        chosen = np.random.default_rng(0).choice(chosen, most, replace=False)
    assert model is not None
    rf = LogisticRegression(max_iter=1000)
    history = [(describe(seen, day), day) for day in known]
    rows = np.concatenate([_recency_frequency(each.features) for each, _ in history])
    labels = np.concatenate([outcome(seen, each, day) for each, day in history])
    rf.fit(rows, labels)
    told = rf.predict_proba(_recency_frequency(table.features[chosen]))[:, 1]
    return happened[chosen], model.chances(table.features[chosen]), told


def _recency_frequency(features: "NDArray[np.float32]") -> "NDArray[np.float32]":
    columns = [FEATURES.index("recency"), FEATURES.index("frequency")]
    return np.log1p(features[:, columns])


def _reliability(y: "NDArray[np.bool_]", p: "NDArray[np.float64]") -> list[dict[str, float]]:
    edges = np.unique(np.quantile(p, np.linspace(0, 1, 11)))
    bins = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, len(edges) - 2)
    return [
        {"told": float(p[bins == b].mean()), "happened": float(y[bins == b].mean()), "cases": int((bins == b).sum())}
        for b in range(len(edges) - 1)
        if (bins == b).any()
    ]


def _plot(told: "dict[str, tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]]") -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(told), figsize=(4.6 * len(told), 4.2), layout="constrained")
    for axis, (name, (y, p, q)) in zip(np.atleast_1d(axes), told.items(), strict=True):
        top = 0.0
        for label, chances in (("ours", p), ("recency and frequency", q)):
            points = _reliability(y, chances)
            x, height = [point["told"] for point in points], [point["happened"] for point in points]
            axis.plot(x, height, marker="o", label=label)
            top = max(top, *x, *height)
        axis.plot([0, top], [0, top], color="grey", linestyle=":", label="perfect")
        axis.set(title=name.replace("_", " "), xlabel="chance that was told", ylabel="share that bought in 30 days")
        axis.legend()
    _PLOT.parent.mkdir(exist_ok=True)
    figure.savefig(_PLOT, dpi=110)
    pyplot.close(figure)


# -- the next basket ---------------------------------------------------------------------------------------------------


def next_baskets(log: EventLog, items: Items) -> dict[str, Any]:
    """Rank every product for each customer's last basket; products bought before and new ones apart."""
    rng = np.random.default_rng(1)
    dates = np.floor(log.days)
    starts = np.flatnonzero(np.r_[True, log.persons[1:] != log.persons[:-1]])
    ends = np.r_[starts[1:], len(log)]
    baskets = {}
    kept = np.ones(len(log), dtype=bool)
    for start, end in zip(starts, ends, strict=True):
        if len(np.unique(dates[start:end])) >= 3:
            last = start + int(np.searchsorted(dates[start:end], dates[end - 1]))
            baskets[int(log.persons[start])] = (start, last, end)
            kept[last:end] = False
    past_log = EventLog(log.persons[kept], log.rows[kept], log.kinds[kept], log.days[kept], log.people, log.now)
    people = rng.permutation(sorted(baskets))
    ranked = people[:_RANKED]
    ranking = train_ranking(past_log, items, _cases(past_log, rng.permutation(past_log.people)[:_TRAINED]))
    assert ranking is not None
    fitted = fit(past_log, items)
    recall: dict[str, dict[str, list[float]]] = {}
    for person in ranked:
        start, last, end = baskets[int(person)]
        today = float(log.days[last])
        before, target = set(log.rows[start:last].tolist()), set(log.rows[last:end].tolist())
        past = past_of_rows(log.rows[start:last], log.kinds[start:last], log.days[start:last])
        lists = _lists(fitted, ranking, past, log.rows[start:last], log.days[start:last], today)
        for part, wanted in (("bought_before", target & before), ("new", target - before), ("all", target)):
            if not wanted:
                continue
            had = part == "bought_before"
            for name, order in lists.items():
                pool = order if part == "all" else [row for row in order if (row in before) == had]
                hits = len(wanted & set(pool[:K])) / len(wanted)
                recall.setdefault(part, {}).setdefault(name, []).append(hits)
    figures = {
        part: {"baskets": len(next(iter(systems.values()))), **{n: float(np.mean(v)) for n, v in systems.items()}}
        for part, systems in recall.items()
    }
    return {f"recall_at_{K}": figures, "gains": ranking.gains()}


def _cases(log: EventLog, people: "NDArray[np.int64]") -> list[Case]:
    """Of the last basket of each of some people at most two products that were new and two that weren't."""
    cases = []
    for person in people:
        where = np.flatnonzero(log.persons == person)
        if not len(where):
            continue
        dates = np.floor(log.days[where])
        last = where[dates == dates[-1]]
        before = where[: len(where) - len(last)]
        had = set(log.rows[before].tolist())
        if not len(before):
            continue
        past = past_of_rows(log.rows[before], log.kinds[before], log.days[before])
        fresh = [at for at in last if int(log.rows[at]) not in had]
        known = [at for at in last if int(log.rows[at]) in had]
        for at in (*fresh[:_EACH], *known[:_EACH]):
            cases.append(Case(int(person), past, int(log.rows[at]), float(log.days[at]), len(before)))
    return cases


def _lists(
    fitted: Fitted, ranking: Ranking, past: Past, rows: "NDArray[np.int32]", days: "NDArray[np.float64]", today: float
) -> dict[str, list[int]]:
    """Return each system's ranking of all products, best first."""
    popular = np.argsort(-fitted.popularity.lately, kind="stable").tolist()
    bought, counts = np.unique(rows, return_counts=True)
    latest = {int(row): float(day) for row, day in zip(rows, days, strict=True)}
    often = sorted(zip(bought.tolist(), counts.tolist(), strict=True), key=lambda pair: (-pair[1], -latest[pair[0]]))
    buy_again = [row for row, _ in often]
    return {
        "popularity": popular,
        "buy_again": [*buy_again, *(row for row in popular if row not in latest)],
        "ours": np.argsort(-scores_of_all(fitted, ranking, past, today), kind="stable").tolist(),
    }
