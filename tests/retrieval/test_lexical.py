import threading
from pathlib import Path

import pytest

from retrieval.lexical import LexicalIndex
from retrieval.schema import Filters, Product, ProductTexts, Variant
from tests.retrieval.makers import MakeProduct


@pytest.fixture
def products(make_product: MakeProduct) -> list[Product]:
    boots = make_product("boots", "Aurora Hiking Boots", category="Hiking boots", brand="Fernhollow")
    chinese = ProductTexts(
        title="极光登山靴", short_name="极光登山靴", description="防水透气", attributes={"材质": "绒面革"}
    )
    return [
        boots.model_copy(update={"texts": {**boots.texts, "zh": chinese}}),
        make_product("poles", "Trekking Poles", description="Carry them with your hiking boots.", brand="Fernhollow"),
        make_product("kettle", "Steel Kettle", category="Kettles", attributes={"material": "brushed steel"}),
        make_product("shirt", "Plain Shirt", variants=(Variant(id="1", title="1", options={"colour": "burgundy"}),)),
    ]


@pytest.fixture
def index(products: list[Product]) -> LexicalIndex:
    return LexicalIndex.build(products)


def test_a_word_in_the_title_counts_more(index: LexicalIndex) -> None:
    assert index.search("hiking boot", 10) == ["boots", "poles"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("登山靴", ["boots"]),
        ("绒面革 防水", ["boots"]),
        ("極光登山靴", ["boots"]),
        ("ＫＥＴＴＬＥＳ", ["kettle"]),
        ("brushed", ["kettle"]),
        ("burgundy", ["shirt"]),
        ("fernhollow kettle", ["kettle", "boots", "poles"]),
        ("submarine", []),
        ("", []),
        ("🥾", []),
    ],
)
def test_all_fields_of_all_languages_are_found(index: LexicalIndex, text: str, expected: list[str]) -> None:
    found = index.search(text, 10)
    assert sorted(found) == sorted(expected) and found[:1] == expected[:1]


def test_the_shop_a_shopper_trusts_is_not_the_thing(make_product: MakeProduct) -> None:
    index = LexicalIndex.build(
        [make_product("lamp", "官方正品旗舰店 台灯"), make_product("mat", "陶瓷杯垫"), make_product("cup", "陶瓷茶杯")]
    )
    assert index.search("旗舰店 官方 陶瓷茶杯", 10) == ["cup", "mat"]
    assert index.search("旗舰店", 10) == ["lamp"]


def test_filters_and_ids_restrict(index: LexicalIndex) -> None:
    assert index.search("hiking boots", 10, Filters(category="HIKING BOOTS")) == ["boots"]
    assert index.search("hiking boots", 10, ids=["poles", "not there"]) == ["poles"]
    assert index.search("hiking boots", 10, ids=[]) == []


def test_it_is_the_same_after_saving(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "lexical")
    loaded = LexicalIndex.load(tmp_path / "lexical")
    for text in ("hiking boots", "登山靴", "steel"):
        assert loaded.search(text, 10) == index.search(text, 10) != []


def test_ties_keep_the_order_of_the_catalogue(make_product: MakeProduct) -> None:
    index = LexicalIndex.build([make_product(f"P{number}", "Blue Mug") for number in range(50)])
    assert index.search("blue mug", 5) == ["P0", "P1", "P2", "P3", "P4"]


def test_threads_search_together(index: LexicalIndex) -> None:
    words = ["hiking", "trekking", "kettles", "burgundies", "carrying", "brushed", "fernhollow", "materials"]
    expected = [index.search(word, 10) for word in words]
    wrong: list[str] = []

    def work() -> None:
        for _ in range(50):
            wrong.extend(word for word, found in zip(words, expected, strict=True) if index.search(word, 10) != found)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_chinese_noun_that_ends_a_title_goes_before_one_inside_another(make_product: MakeProduct) -> None:
    stands = [make_product(f"S{number}", f"{name}耳机架") for number, name in enumerate(["木", "弧线", "双枝"])]
    index = LexicalIndex.build([*stands, make_product("H", "追踪者头戴式家用录音室耳机 有线")])
    assert index.search("耳机", 4)[0] == "H" and index.search("耳机架", 4)[-1] == "H"
