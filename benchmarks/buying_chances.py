"""The chance to buy within thirty days, told from a year of order lines (`benchmarks.order_lines`).

The origin rolls month by month: each is told by models that learned from the ones before. Three questions: buying at
all, a product again, and in a group of products again. The lines know no categories: the groups are clusters of names.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from assistant.settings import Settings
from benchmarks.order_lines import read_order_lines
from retrieval.recommending.described import Table, describe, outcome
from retrieval.recommending.events import EventLog
from retrieval.recommending.items import Items
from retrieval.recommending.propensity import HORIZON, learn_propensity
from retrieval.recommending.purchases import Purchases, purchases_by
from retrieval.recommending.repeats import learn_repeats

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PLOT = Path(__file__).parents[1] / "docs" / "propensity-reliability.png"
_MOST = 60_000
"""Cases of one origin, drawn by chance where there are more."""
_GROUPS = 40
_EARLIER = 3
"""Origins that are learned from at least."""


class Told(NamedTuple):
    """What happened, and the chances that were told of it: arrays of one length."""

    happened: "NDArray[np.bool_]"
    ours: "NDArray[np.float64]"
    recency_frequency: "NDArray[np.float64]"


def measure(settings: Settings) -> dict[str, Any]:
    items, log = read_order_lines(settings)
    told = {name: tell(purchases, groups) for name, (purchases, groups) in _questions(log, items).items()}
    _plot({name: parts for name, (parts, _) in told.items()})
    return {
        "horizon_days": HORIZON,
        "read": {"products": len(items.ids), "customers": log.people, "lines": len(log)},
        **{name: {"origins": origins, **_figures(parts)} for name, (parts, origins) in told.items()},
    }


def _questions(log: EventLog, items: Items) -> "dict[str, tuple[Purchases, NDArray[np.int32]]]":
    products = np.arange(len(items.ids), dtype=np.int32)
    clusters = KMeans(_GROUPS, n_init=3, random_state=0).fit_predict(items.vectors).astype(np.int32)
    return {
        "at_all": (purchases_by(log), np.zeros(1, dtype=np.int32)),
        "product_again": (purchases_by(log, products), items.categories),
        "group_again": (purchases_by(log, clusters), np.zeros(_GROUPS, dtype=np.int32)),
    }


def tell(purchases: Purchases, groups: "NDArray[np.int32]") -> tuple[Told, int]:
    """Roll the origin; return what was told at all of them together, and how many there were."""
    first, last = purchases.days.min() + 90, purchases.days.max() - HORIZON + 1
    origins = np.arange(last, first, -HORIZON)[::-1].tolist()
    found = [_one_origin(purchases, groups, origins[:place], origins[place]) for place in range(_EARLIER, len(origins))]
    return Told(*map(np.concatenate, zip(*found, strict=True))), len(found)


def _one_origin(purchases: Purchases, groups: "NDArray[np.int32]", known: list[float], origin: float) -> Told:
    # What comes after the origin isn't known on that day.
    seen = purchases.before(origin)
    model = learn_propensity(seen, known, groups)
    assert model is not None
    table = describe(seen, origin, learn_repeats(seen, groups, origin))
    happened = outcome(purchases, table, origin, HORIZON)
    chosen = np.arange(len(happened))
    if len(chosen) > _MOST:
        chosen = np.random.default_rng(0).choice(chosen, _MOST, replace=False)
    plain = LogisticRegression(max_iter=1000)
    history = [(describe(seen, day, learn_repeats(seen, groups, day)), day) for day in known]
    plain.fit(
        np.concatenate([_recency_frequency(each) for each, _ in history]),
        np.concatenate([outcome(seen, each, day, HORIZON) for each, day in history]),
    )
    chances = plain.predict_proba(_recency_frequency(table)[chosen])[:, 1]
    return Told(happened[chosen], model.chances(table.features[chosen]), chances)


def _recency_frequency(table: Table) -> "NDArray[np.float32]":
    return np.log1p(np.stack([table.column("recency"), table.column("frequency")], axis=1))


def _figures(told: Told) -> dict[str, Any]:
    y = told.happened
    chances = {
        "ours": told.ours,
        "recency_frequency": told.recency_frequency,
        "always_the_share": np.full(len(y), y.mean()),
    }
    return {
        "cases": len(y),
        "share_that_bought": round(float(y.mean()), 4),
        "mean_told": round(float(told.ours.mean()), 4),
        **{
            name: {"auc": round(float(roc_auc_score(y, p)), 4), "brier": round(float(brier_score_loss(y, p)), 5)}
            for name, p in chances.items()
        },
        "reliability": _reliability(y, told.ours),
    }


def _reliability(y: "NDArray[np.bool_]", p: "NDArray[np.float64]") -> list[dict[str, float]]:
    edges = np.unique(np.quantile(p, np.linspace(0, 1, 11)))
    bins = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, len(edges) - 2)
    return [
        {
            "told": round(float(p[bins == b].mean()), 4),
            "happened": round(float(y[bins == b].mean()), 4),
            "cases": int((bins == b).sum()),
        }
        for b in range(len(edges) - 1)
        if (bins == b).any()
    ]


def _plot(told: dict[str, Told]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(told), figsize=(4.6 * len(told), 4.2), layout="constrained")
    for axis, (name, parts) in zip(np.atleast_1d(axes), told.items(), strict=True):
        top = 0.0
        for label, chances in (("ours", parts.ours), ("recency and frequency", parts.recency_frequency)):
            points = _reliability(parts.happened, chances)
            x, height = [point["told"] for point in points], [point["happened"] for point in points]
            axis.plot(x, height, marker="o", label=label)
            top = max(top, *x, *height)
        axis.plot([0, top], [0, top], color="grey", linestyle=":", label="perfect")
        axis.set(title=name.replace("_", " "), xlabel="chance that was told", ylabel="share that bought in 30 days")
        axis.legend()
    _PLOT.parent.mkdir(exist_ok=True)
    figure.savefig(_PLOT, dpi=110)
    pyplot.close(figure)
