"""The ranking model learns what people take next, and is measured on people it hasn't seen."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from retrieval.errors import CatalogueError, WeightsError
from retrieval.evaluation.interactions import read_histories
from retrieval.evaluation.recommending import evaluate_recommending
from retrieval.recommending.described import describe, outcome
from retrieval.recommending.events import read_events
from retrieval.recommending.learned import load_ranking
from retrieval.recommending.learning import cases_of, train_ranking
from retrieval.recommending.propensity import HORIZON, learn_propensity
from retrieval.recommending.purchases import purchases_by
from retrieval.recommending.repeats import learn_repeats
from tests.retrieval.recommending.makers import NOW, did, make_shop

ITEMS = make_shop(4, 6)


def write_histories(folder: Path, people: int = 90) -> Path:
    """People who go through the products of one kind in order."""
    rng = np.random.default_rng(1)
    lines = []
    for person in range(people):
        kind, start = rng.integers(4), rng.integers(3)
        for step in range(3):
            lines.append((f"u{person}", f"k{kind}-{start + step}", 1_700_000_000 + 86_400 * step, "purchase"))
    file = folder / "interactions.csv"
    pd.DataFrame(lines, columns=["user_id", "item_id", "timestamp", "event"]).to_csv(file, index=False)
    return file


def test_ours_beats_the_counter_and_the_figures_have_their_shape(tmp_path: Path) -> None:
    histories = read_histories(write_histories(tmp_path), ITEMS.rows)
    figures = evaluate_recommending(histories, ITEMS, folds=3)
    assert [name for name in figures if name != "shipped"] == [
        "popularity", "co-occurrence", "content", "formula", "ours",
    ]  # fmt: skip
    assert figures["ours"].ndcg > figures["popularity"].ndcg
    assert figures["ours"].cases == 90
    assert set(figures["ours"].by_events) == {"1-2"}
    for each in figures.values():
        assert 0 <= each.ndcg <= each.hr <= 1
        assert 0 <= each.coverage <= 1


def test_equal_scores_share_the_middle_rank(tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    file.write_text("user_id,item_id\na,k0-0\na,k0-1\nb,k1-0\nb,k1-1\n", encoding="utf-8")
    figures = evaluate_recommending(read_histories(file, ITEMS.rows), ITEMS, folds=2)
    # Fitted on the other one alone, popularity knows nothing of the target: rank 13.5 or so of 24, outside of ten.
    assert figures["popularity"].hr == 0


def test_both_shapes_tell_the_same_histories(tmp_path: Path) -> None:
    windows = tmp_path / "windows.parquet"
    rows = [("a", ["k0-0"], "k0-1"), ("a", ["k0-0", "k0-1"], "k0-2"), ("b", ["k1-0"], "k1-1"), ("c", ["x"], "gone")]
    pd.DataFrame(rows, columns=["user_id", "history", "target"]).to_parquet(windows)
    found = read_histories(windows, ITEMS.rows)
    assert [ITEMS.ids[row] for row in found.log.rows] == ["k0-0", "k0-1", "k0-2", "k1-0", "k1-1"]
    assert [case.events for case in found.cases] == [1, 2, 1]
    assert found.left_out == 2
    written = tmp_path / "written.csv"
    written.write_text("user_id,history,target\na,\"['k0-0', 'k0-1']\",k0-2\nb,k1-0,k1-1\n", encoding="utf-8")
    assert [case.events for case in read_histories(written, ITEMS.rows).cases] == [2, 1]


def test_a_table_that_is_none_of_the_shapes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("who,what\na,b\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match="user_id"):
        read_histories(file, ITEMS.rows)
    file.write_text("user_id,item_id\na,unknown\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match="no user"):
        read_histories(file, ITEMS.rows)
    with pytest.raises(CatalogueError, match="cannot be read"):
        read_histories(tmp_path / "missing.csv", ITEMS.rows)


def test_a_model_comes_back_as_it_was_and_another_ones_is_refused(tmp_path: Path) -> None:
    events = [did(f"p{n}", f"k{n % 4}-{(n + step) % 6}", 30 - step) for n in range(80) for step in range(3)]
    log = read_events(events, ITEMS, NOW)
    ranking = train_ranking(log, ITEMS, list(cases_of(log, 500)))
    assert ranking is not None
    file = tmp_path / "model.json"
    ranking.save(file)
    rows = np.random.default_rng(0).random((7, len(ranking.gains()))).astype(np.float32)
    assert np.allclose(load_ranking(file).score(rows), ranking.score(rows))
    held = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**held, "features": held["features"][1:]}), encoding="utf-8")
    with pytest.raises(WeightsError, match="other features"):
        load_ranking(file)
    file.write_text("{", encoding="utf-8")
    with pytest.raises(WeightsError, match="cannot be read"):
        load_ranking(file)


def test_too_few_cases_train_nothing() -> None:
    log = read_events([did("p", "k0-0", 3), did("p", "k0-1", 2)], ITEMS, NOW)
    assert train_ranking(log, ITEMS, list(cases_of(log, 500))) is None


def test_propensity_tells_who_buys_every_week_from_who_stopped() -> None:
    weekly = [did(f"w{n}", "k0-0", 7 * week) for n in range(60) for week in range(40)]
    stopped = [did(f"s{n}", "k0-0", 200 + 7 * week) for n in range(60) for week in range(10)]
    purchases = purchases_by(read_events([*weekly, *stopped], ITEMS, NOW))
    today, whole_shop = purchases.days.max() - 30, np.zeros(1, dtype=np.int32)
    model = learn_propensity(purchases, [today - 90, today - 60, today - 30], whole_shop)
    assert model is not None
    table = describe(purchases, today, learn_repeats(purchases, whole_shop, today))
    chances, truth = model.chances(table.features), outcome(purchases, table, today, HORIZON)
    assert chances[truth].min() > 0.7
    assert chances[~truth].max() < 0.3
    assert abs(chances.mean() - truth.mean()) < 0.1
    assert learn_propensity(purchases, [today], whole_shop) is None


def test_what_others_do_with_a_product_tells_who_buys_it_again() -> None:
    # Everybody buys once of each kind; of k0 three in four come back within a month, of k1 nobody does.
    events = [did(f"p{n}", f"k{kind}-{n % 3}", 300 - n) for n in range(240) for kind in (0, 1)]
    events += [did(f"p{n}", f"k0-{n % 3}", 280 - n) for n in range(240) if n % 4]
    log = read_events(events, ITEMS, NOW)
    purchases = purchases_by(log, np.arange(len(ITEMS.ids), dtype=np.int32))
    today = float(np.floor(log.now)) - 80
    model = learn_propensity(purchases, [today - 90, today - 60, today - 30], ITEMS.categories)
    assert model is not None
    table = describe(purchases, today, learn_repeats(purchases, ITEMS.categories, today))
    fresh = (table.column("frequency") == 1) & (table.column("recency") < 15)
    chances = model.chances(table.features)
    came_back = np.array([ITEMS.ids[key].startswith("k0") for key in table.keys])
    assert chances[fresh & came_back].min() > 5 * chances[fresh & ~came_back].max()
