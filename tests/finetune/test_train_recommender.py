"""Training the ranking of recommendations on one shop, on several, and on too little."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from finetune.commands import app
from finetune.errors import TrainingError
from finetune.train_recommender import CARD_FILE, Shop, train_recommender
from retrieval.recommending.events import read_events
from retrieval.recommending.learned import MODEL_FILE, load_ranking, load_shipped_ranking
from tests.retrieval.recommending.makers import NOW, did, make_shop

ITEMS = make_shop(4, 6)


def made_shop(name: str, people: int, seed: int) -> Shop:
    """People who look around among what is alike, and then always buy of the next kind: no formula tells that."""
    rng = np.random.default_rng(seed)
    events = []
    for person in range(people):
        kind = int(rng.integers(4))
        events += [did(f"p{person}", f"k{kind}-{rng.integers(6)}", 30 - step, "view") for step in range(3)]
        events += [did(f"p{person}", f"k{(kind + 1) % 4}-{rng.integers(2)}", 20 - step) for step in range(2)]
    return Shop(name, read_events(events, ITEMS, NOW), ITEMS)


def test_one_model_is_trained_on_two_shops_and_its_card_tells_of_both(tmp_path: Path) -> None:
    out = tmp_path / "model"
    shops = [made_shop("first", 150, 1), made_shop("second", 60, 2)]
    trained = train_recommender(shops, NOW, out, "Made for a test.")
    assert [(each.name, each.people) for each in trained.shops] == [("first", 150), ("second", 60)]
    assert all(each.cases and each.held_back for each in trained.shops)
    assert trained.written
    assert all(each.ndcg > each.ndcg_formula for each in trained.shops)
    load_ranking(out / MODEL_FILE)
    card = (out / CARD_FILE).read_text(encoding="utf-8")
    assert "| first | 150 |" in card and "| second | 60 |" in card and "Made for a test." in card


def test_where_there_is_nothing_to_learn_nothing_is_written(tmp_path: Path) -> None:
    out = tmp_path / "model"
    with pytest.raises(TrainingError, match="it takes 40"):
        train_recommender([made_shop("small", 3, 1)], NOW, out)
    assert not out.exists()


def test_the_command_reads_tables_and_says_what_is_wrong(tmp_path: Path) -> None:
    one = tmp_path / "one.csv"
    pd.DataFrame([("a", "k0-0")], columns=["user_id", "item_id"]).to_csv(one, index=False)
    told = CliRunner().invoke(app, ["recommend", "--no-own", "--interactions", str(one), "--out", str(tmp_path / "o")])
    assert told.exit_code == 2
    assert "as many --items as --interactions" in told.stderr
    assert not (tmp_path / "o").exists()


def test_what_ships_is_of_the_features_of_this_code() -> None:
    ranking = load_shipped_ranking()
    assert ranking is None or abs(sum(ranking.gains().values()) - 1) < 1e-6
