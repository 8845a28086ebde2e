"""Training the ranker and the judgment that nothing fits, on a tiny made shop."""

from pathlib import Path

import numpy as np
import pytest

from finetune.fit_data import fit_examples
from finetune.ranker_card import ranker_card
from finetune.ranker_data import RankedQuery, RankedShop, ranked_shop
from finetune.search_data import make_search_set
from finetune.train_fit import cross_validate_fit, outside_scores, report, train_fit, wilson
from finetune.train_ranker import compare, cross_validate, ndcg_of, train_ranker
from retrieval.encoders import HashingEncoder
from retrieval.evaluation.folds import fold_of
from retrieval.ranking.features import FEATURES
from retrieval.ranking.fit import FIT_FEATURES, fit_features
from retrieval.ranking.model import load_ranker
from retrieval.schema import Product, ProductTexts

_COLOURS = ("red", "blue", "green", "black", "white", "yellow")
_INDOORS, _OUTDOORS = ("lamp", "chair", "kettle", "pillow"), ("tent", "rope", "canoe", "stove")


def make_ranked_shop(name: str, kinds: dict[str, tuple[str, ...]], folder: Path) -> RankedShop:
    """A shop whose relevant products are the right kind in the right colour, half as much in another colour."""
    products = [
        Product(
            id=f"{kind}-{colour}",
            texts={"en": ProductTexts(title=f"{colour} {kind} number {place}", short_name=kind)},
            department=department,
            category=kind,
        )
        for department, listed in kinds.items()
        for kind in listed
        for place, colour in enumerate(_COLOURS)
    ]
    queries = {f"{name}-{product.id}": f"{product.id.split('-')[1]} {product.category}" for product in products}
    gains = {
        f"{name}-{asked.id}": {
            product.id: 1.0 if product is asked else 0.5 for product in products if product.category == asked.category
        }
        for asked in products
    }
    return ranked_shop(make_search_set(name, products, HashingEncoder(), folder, queries, gains))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> RankedShop:
    """A shop with two departments."""
    return make_ranked_shop("tiny", {"Indoors": _INDOORS, "Outdoors": _OUTDOORS}, tmp_path_factory.mktemp("vectors"))


@pytest.fixture(scope="module")
def queries(shop: RankedShop) -> list[RankedQuery]:
    """The shop's queries."""
    return list(shop.own_queries())


def test_candidates_carry_their_gains(shop: RankedShop, queries: list[RankedQuery]) -> None:
    query = queries[0]
    best = shop.ids[query.rows[int(np.argmax(query.gains))]]
    assert best == query.query_id.removeprefix("tiny-") and query.ideal == (1.0, 0.5, 0.5, 0.5, 0.5, 0.5)
    assert query.features.shape == (len(query.rows), len(FEATURES)) and query.judged.sum() == 6


def test_rows_taken_out_are_never_candidates(shop: RankedShop) -> None:
    asked = shop.ask("q", "red lamp", {}, without=[0, 1, 2])
    assert asked.rows.size and not set(asked.rows.tolist()) & {0, 1, 2}
    assert not shop.ask("q", "red lamp", {}, reading=False).features[:, FEATURES.index("dense_near")].any()


def test_a_query_is_scored_by_a_ranker_that_has_not_seen_it(queries: list[RankedQuery]) -> None:
    scores = cross_validate(queries, folds=2)
    seen = train_ranker(query for query in queries if fold_of(query.query_id, 2) == 0)
    of_fold = {fold: next(query for query in queries if fold_of(query.query_id, 2) == fold) for fold in (0, 1)}
    assert set(scores) == {query.query_id for query in queries}
    assert np.allclose(scores[of_fold[1].query_id], seen.score(of_fold[1].features))
    assert not np.allclose(scores[of_fold[0].query_id], seen.score(of_fold[0].features))


def test_training_twice_gives_the_same_file(queries: list[RankedQuery], tmp_path: Path) -> None:
    for name in ("first", "second"):
        train_ranker(queries, seeds=2, rounds=5).save(tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    assert load_ranker(tmp_path / "first").score(queries[0].features).shape == queries[0].gains.shape


def test_nothing_to_learn_from_is_an_error(shop: RankedShop) -> None:
    with pytest.raises(ValueError, match="nothing to learn"):
        train_ranker([shop.ask("q", "red lamp", {})])


def test_ndcg_is_that_of_the_order(queries: list[RankedQuery]) -> None:
    query = queries[0]
    assert ndcg_of(query, query.gains) == pytest.approx(1)
    assert (ndcg_of(query, -query.gains) or 0) < 0.1


def test_the_card_tells_before_and_after(queries: list[RankedQuery]) -> None:
    figures = compare(queries, {query.query_id: query.gains for query in queries})
    before, after, difference = figures["tiny"]
    assert after == pytest.approx(1) and difference.mean == pytest.approx(after - before)
    assert f"| tiny | {before:.3f} | 1.000 |" in ranker_card(queries, figures)


def test_made_queries_fit_nothing(shop: RankedShop, tmp_path: Path) -> None:
    other = make_ranked_shop("other", {"Indoors": _INDOORS, "Offices": ("stapler", "binder")}, tmp_path)
    examples = list(fit_examples([shop, other], shared=["Indoors"]))
    foreign = [example.query for example in examples if example.kind == "foreign"]
    emptied = [example.query for example in examples if example.kind == "emptied"]
    assert {query.text.split()[1] for query in foreign if query.shop == "tiny"} == {"stapler", "binder"}
    departments = {query.query_id: shop.shop.products[query.query_id.removeprefix("tiny-")].department
                   for query in emptied if query.shop == "tiny"}  # fmt: skip
    for query in (query for query in emptied if query.shop == "tiny"):
        held = {shop.shop.products[shop.ids[row]].department for row in query.rows}
        assert held == {"Indoors", "Outdoors"} - {departments[query.query_id]}
    halves = [example for example in examples if example.kind == "half" and example.query.shop == "tiny"]
    assert {example.fits for example in halves} == {True, False}
    for example in halves:
        held = {shop.shop.products[shop.ids[row]].department for row in example.query.rows}
        assert (departments[example.query.query_id] in held) == example.fits == any(example.query.ideal)


def test_a_fit_tells_apart_what_it_was_trained_on(shop: RankedShop, tmp_path: Path) -> None:
    other = make_ranked_shop("other", {"Offices": ("stapler", "binder")}, tmp_path)
    examples = [example for example in fit_examples([shop, other], shared=[]) if len(example.query.rows)]
    scores = outside_scores(examples)
    inputs = np.stack(
        [fit_features(example.query.features, found) for example, found in zip(examples, scores, strict=True)]
    )
    chances, told = cross_validate_fit(examples, inputs)
    fits = np.array([example.fits for example in examples])
    assert inputs.shape == (len(examples), len(FIT_FEATURES))
    assert chances[fits].mean() > 0.7 > 0.3 > chances[~fits].mean()
    assert (told == fits).mean() > 0.9
    assert report(examples, told)[-1].startswith("| nothing fits, all kinds |")
    assert train_fit(inputs, fits).probability_of(inputs[0]) > 0.5


def test_wilson_agrees_with_the_book() -> None:
    assert wilson(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-3)
    assert wilson(0, 0) == (0, 1)


def test_kept_vectors_are_those_of_as_many_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        make_ranked_shop("same", {"Offices": ("stapler",)}, tmp_path)
    assert len(list(tmp_path.glob("vectors-*.npy"))) == 1
    monkeypatch.setattr("finetune.search_data.LONGEST", 48)
    make_ranked_shop("same", {"Offices": ("stapler",)}, tmp_path)
    assert len(list(tmp_path.glob("vectors-*.npy"))) == 2
