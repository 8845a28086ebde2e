"""The ranker's fields and features on a handful of products."""

import json
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import IndexDamaged
from retrieval.ranking.features import FEATURES, candidate_features
from retrieval.ranking.fields import FieldIndex, build_fields, number
from retrieval.ranking.query_words import read_query
from retrieval.schema import Product
from tests.retrieval.makers import MakeProduct

TENT, BAG, PEGS, LAMP = range(4)


@pytest.fixture
def products(make_product: MakeProduct) -> list[Product]:
    return [
        make_product("t", "Hill tent for two", category="Tents", brand="Norden", attributes={"colour": "green"}),
        make_product("b", "Carrying bag for a tent", category="Bags", brand="Alpen", attributes={"colour": "green"}),
        make_product("p", "Steel pegs 20 cm without coating", category="Tent parts", brand="Norden"),
        make_product("l", "野营灯 200 lumen", category="Lamps", description="Hangs in a tent."),
    ]


@pytest.fixture
def index(products: list[Product]) -> FieldIndex:
    return build_fields(products, np.eye(4, 8, dtype=np.float32))


def column(index: FieldIndex, text: str, name: str, rows: list[int] | None = None) -> list[float]:
    """Return a feature of every product (in the order of the rows), all found by words alone."""
    listed = [TENT, BAG, PEGS, LAMP] if rows is None else rows
    found, features = candidate_features(index, text, listed, [], None)
    assert found.tolist() == listed and features.shape == (len(listed), len(FEATURES))
    return [float(value) for value in features[:, FEATURES.index(name)]]


def test_what_was_saved_gives_the_same_features(index: FieldIndex, tmp_path: Path) -> None:
    vector = np.eye(1, 8, dtype=np.float32)[0]
    index.save(tmp_path / "fields")
    loaded = FieldIndex.load(tmp_path / "fields")
    before = candidate_features(index, "green tent", [TENT, BAG], [LAMP], vector)
    after = candidate_features(loaded, "green tent", [TENT, BAG], [LAMP], vector)
    assert loaded.count == 4
    assert np.array_equal(before[0], after[0]) and np.array_equal(before[1], after[1], equal_nan=True)


def test_a_damaged_folder_is_told(index: FieldIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    head = json.loads((tmp_path / "fields.json").read_text())
    (tmp_path / "fields.json").write_text(json.dumps({**head, "version": 0}))
    with pytest.raises(IndexDamaged, match="another version"):
        FieldIndex.load(tmp_path)
    (tmp_path / "fields.json").write_text(json.dumps(head))
    (tmp_path / "known.npy").write_bytes(b"")
    with pytest.raises(IndexDamaged, match="cannot be read"):
        FieldIndex.load(tmp_path)


def test_a_rare_word_tells_more(index: FieldIndex) -> None:
    steel, tent, unknown = index.idf(np.array([number("steel"), number("tent"), number("zzz")], dtype=np.uint32))
    assert 0 <= tent < steel == unknown == 1


def test_rows_come_in_fused_order(index: FieldIndex) -> None:
    rows, features = candidate_features(index, "tent", [BAG, TENT], [TENT, LAMP], None)
    assert rows.tolist() == [TENT, BAG, LAMP]
    assert features[:, FEATURES.index("lexical_near")].tolist()[2] == 0
    assert features[0, FEATURES.index("dense_near")] == 1


def test_a_thing_for_another_is_not_the_other(index: FieldIndex) -> None:
    after = column(index, "tent", "head_after_connective")
    assert after[:2] == [0, 1] and np.isnan(after[PEGS])


def test_the_head_stands_before_the_small_word(index: FieldIndex) -> None:
    query = read_query("pegs for a tent", index)
    assert query.words[query.head] == "peg"
    assert [word for word, wanted in zip(query.words, query.wanted, strict=True) if wanted] == ["peg", "a", "tent"]


def test_negated_words_are_not_wanted(index: FieldIndex) -> None:
    query = read_query("pegs without coating", index)
    assert query.unwanted.tolist() == [False, False, True] and query.wanted.tolist() == [True, False, False]
    told = column(index, "pegs without coating", "negation_told")
    assert told[PEGS] == 1 and told[TENT] == 0


def test_brand_says_for_against_or_nothing(index: FieldIndex) -> None:
    assert column(index, "norden tent", "brand") == [1, -1, 1, -1]
    assert column(index, "tent", "brand") == [0, 0, 0, 0]


def test_a_compound_is_found_however_it_is_written(make_product: MakeProduct) -> None:
    index = build_fields([make_product("1", "Soft mousepad"), make_product("2", "Mouse")])
    assert column(index, "mouse pad", "title_coverage", [0, 1])[0] == 1
    assert column(index, "mouse pad", "title_coverage", [0, 1])[1] < 1


def test_numbers_count_with_their_unit(index: FieldIndex) -> None:
    assert column(index, "20 cm pegs", "number_with_unit") == [0, 0, 1, 0]
    assert column(index, "pegs 20 lumen", "number_with_unit") == [0, 0, 0, 0]
    assert np.isnan(column(index, "pegs", "number_with_unit")).all()


def test_words_in_order_make_a_phrase(index: FieldIndex) -> None:
    assert column(index, "hill tent", "phrase")[:2] == [1, 0.5]
    assert column(index, "tent hill", "phrase")[0] == 0.5


def test_an_empty_field_tells_nothing(make_product: MakeProduct) -> None:
    index = build_fields([make_product("1", "Tent"), make_product("2", "Tent", category="Tents")])
    nothing, something = column(index, "tent", "place_coverage", [0, 1])
    assert np.isnan(nothing) and something == 1


def test_unknown_words_are_counted(index: FieldIndex) -> None:
    assert column(index, "tent zzz", "unknown_words") == [0.5] * 4


def test_a_product_does_not_agree_with_itself(make_product: MakeProduct) -> None:
    index = build_fields([make_product(str(row), "Thing", category=f"kind{row % 2 if row else 9}") for row in range(5)])
    alone, *others = column(index, "thing", "place_agreement", [0, 1, 2, 3, 4])
    assert alone == 0 and others == [0.25] * 4


def test_vectors_are_compared_and_their_absence_told(index: FieldIndex) -> None:
    rows, features = candidate_features(index, "tent", [], [TENT, LAMP], np.eye(1, 8, dtype=np.float32)[0])
    cosines = features[:, FEATURES.index("cosine")]
    assert rows.tolist() == [TENT, LAMP]
    assert cosines[1] == 0 and 0.3 < cosines[0] <= 1
    assert np.isnan(column(index, "tent", "cosine")).all()


@pytest.mark.parametrize("text", ["", "?!", "野营", "x" * 900, "tent " * 300])
def test_any_text_has_features(index: FieldIndex, text: str) -> None:
    _, features = candidate_features(index, text, [TENT, LAMP], [BAG], None)
    assert features.shape == (3, len(FEATURES)) and not np.isinf(features).any()


def test_no_candidates_give_an_empty_matrix(index: FieldIndex) -> None:
    rows, features = candidate_features(index, "tent", [], [], None)
    assert rows.shape == (0,) and features.shape == (0, len(FEATURES))
