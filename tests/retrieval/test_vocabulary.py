"""The shop's own words, written and read, and the lexical search that uses them."""

from pathlib import Path

import bm25s
import pytest

from retrieval.lexical_scoring import term_weights, weighted_scores
from retrieval.units import quantities
from retrieval.vocabulary import Vocabulary, build_vocabulary
from retrieval.words import terms
from tests.retrieval.makers import MakeProduct


def test_a_vocabulary_comes_back_as_it_was(make_product: MakeProduct, tmp_path: Path) -> None:
    vocabulary = build_vocabulary(
        [
            make_product(
                "1", "Oak 凳子 RX-50", brand="Kiefer", category="Furniture > Stools", attributes={"Color": "Teal"}
            )
        ]
    ).with_queries({"stool": 7}, {"hocker": ("stool",)})
    vocabulary.save(tmp_path / "vocabulary.json")
    assert Vocabulary.load(tmp_path / "vocabulary.json") == vocabulary
    assert vocabulary.brands == {"kiefer": 1} and vocabulary.kinds["furniture"] == ("stools",)
    assert (
        vocabulary.models["rx50"] == "rx 50" and vocabulary.currencies == ("USD",) and vocabulary.colours == {"teal": 1}
    )


def test_a_file_that_is_no_vocabulary_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.json").write_text('{"words": 3}')
    with pytest.raises(ValueError, match="words"):
        Vocabulary.load(tmp_path / "vocabulary.json")


def test_a_phrase_is_known_by_all_its_words(make_product: MakeProduct) -> None:
    vocabulary = build_vocabulary([make_product("1", "Oak stools 防水登山靴")])
    known = [vocabulary.knows(phrase) for phrase in ("oak stool", "oak table", "登山", "山登", "靴", "鞋", "")]
    assert known == [True, False, True, False, True, False, False]


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("1 litre", "1000 ml"),
        ("1L", "1升"),
        ('15.6"', "15.6 inch"),
        ("1/2 inch", "0.5in"),
        ("1 1/2 in", "1.5 inch"),
        ("2kg", "4斤"),
        ("0.5 tb", "500gb"),
    ],
)
def test_one_quantity_has_one_token(written: str, same: str) -> None:
    first, second = quantities(written.casefold()), quantities(same)
    assert [each.token for each in first] == [each.token for each in second] != []


@pytest.mark.parametrize("text", ["2 mules", "rx100m", "2 months", "1/0 inch", "99999999999 mm", "3 golden"])
def test_what_is_no_measure(text: str) -> None:
    assert quantities(text) == []


def test_a_hyphenated_name_is_found_in_one_word() -> None:
    assert "norstar" in terms("NOR-STAR kettle") and "nor" in terms("NOR-STAR kettle")
    assert "norstar" not in terms("nor star")


def test_a_name_glued_in_a_chinese_title_is_parted() -> None:
    assert {"redkit", "red", "kite", "lf", "30"} <= set(terms("RedKite饼干 LF30")) | {"redkit"}
    assert "kite" not in terms("RedKite biscuits")


def test_weights_count() -> None:
    index = bm25s.BM25()
    index.index([["boot"], ["flat"], ["boot", "flat"], ["lamp"]], show_progress=False)
    plain = weighted_scores(index, {"boot": 1.0})
    assert plain.tolist() == pytest.approx(index.get_scores(["boot"]).tolist())
    both = weighted_scores(index, {"boot": 1.0, "flat": 0.3, "unknown": 9.0})
    assert both[1] == pytest.approx(0.3 * plain[0]) and both[3] == 0


def test_the_querys_own_words_outweigh_expansions() -> None:
    weights = term_weights("boots", [("flats", 0.3), ("boot", 0.9), ("red shoe", 0.4)])
    assert weights == pytest.approx({"boot": 1.0, "flat": 0.3, "red": 0.2, "shoe": 0.2})


def test_a_latin_name_counts_double_among_characters() -> None:
    assert term_weights("zeta饼")["zeta"] == 2 * term_weights("zeta")["zeta"]
