"""Chinese queries: their words, their English as a shop has it, and what is told to be lacking."""

from pathlib import Path

import pytest

from retrieval.chinese.glosses import glosses
from retrieval.chinese.learning import learn_translations
from retrieval.chinese.segmenting import chinese_words, head_noun
from retrieval.chinese.translating import english_of, same_meaning
from retrieval.encoders import HashingEncoder
from retrieval.indexing import build_index
from retrieval.query import understand
from retrieval.ranking.fit import QueryFit
from retrieval.ranking.model import LearnedRanker
from retrieval.ranking.ranker import Ranker, load_ranker_named
from retrieval.schema import Encoder, Product, ProductTexts, Query
from retrieval.search import Catalogue, open_catalogue
from retrieval.vocabulary import Vocabulary, build_vocabulary

_GOODS = {
    "Backpacks": [
        ("Pathfinder Hiking Backpack", "寻路登山背包"),
        ("Harbour City Backpack", "海港城市背包"),
        ("Lark School Backpack", "云雀学生背包"),
    ],
    "Trekking poles": [
        ("Stroller Trekking Poles", "漫步登山杖"),
        ("Ridge Trekking Poles", "山脊登山杖"),
        ("Feather Trekking Poles", "羽毛登山杖"),
    ],
    "Cutting boards": [
        ("Acacia Cutting Board", "相思木砧板"),
        ("Bamboo Cutting Board", "竹砧板"),
        ("Slate Cutting Board", "石纹砧板"),
    ],
    "Headphones": [
        ("Drift Wireless Headphones", "漂流无线耳机"),
        ("Sonnet Leather Headphones", "十四行诗真皮耳机"),
        ("Quartet Wired Headphones", "四重奏有线耳机"),
    ],
}


@pytest.fixture(scope="module")
def goods() -> list[Product]:
    """Twelve products that are described in English and in Chinese."""
    return [
        Product(
            id=f"{category[:2]}{number}",
            category=category,
            texts={"en": ProductTexts(title=en, short_name=en), "zh": ProductTexts(title=zh, short_name=zh)},
        )
        for category, named in _GOODS.items()
        for number, (en, zh) in enumerate(named)
    ]


@pytest.fixture(scope="module")
def vocabulary(goods: list[Product]) -> Vocabulary:
    return build_vocabulary(goods)


def test_words_are_whole_and_small_ones_are_left_out() -> None:
    assert chinese_words("給我浇花的水壺 WH-1000") == ["浇花", "水壶", "wh", "1000"]
    assert head_noun("无线鼠标") == "鼠标" and head_noun("女士雨靴") == "雨靴" and head_noun("") == ""


def test_the_dictionary_gives_short_meanings_without_remarks() -> None:
    assert glosses("牙刷") == ("toothbrush",)
    assert "cell phone" in glosses("手机") and not any("CL:" in gloss or "[" in gloss for gloss in glosses("手机"))
    assert glosses("𠮷𠮷") == ()


def test_meanings_are_learned_from_products_in_both_languages(goods: list[Product]) -> None:
    learned = learn_translations(goods)
    assert learned["背包"] == ("backpack",) and learned["耳机"] == ("headphone",)
    # In the order of the shop's titles, and without the words that only stand beside.
    assert learned["砧板"] == ("cutting", "board")
    # A word of one product could mean any word of its title.
    assert "羽毛" not in learned


def test_a_shop_in_one_language_teaches_no_meanings(goods: list[Product]) -> None:
    alone = [product.model_copy(update={"texts": {"zh": product.texts["zh"]}}) for product in goods]
    assert learn_translations(alone) == {}
    assert english_of("背包", build_vocabulary(alone)) == ""


def test_a_brand_is_no_meaning(goods: list[Product]) -> None:
    branded = [
        product.model_copy(
            update={
                "brand": "Corvo",
                "texts": {
                    "en": ProductTexts(title=f"Corvo {product.title}", short_name=product.title),
                    "zh": product.texts["zh"],
                },
            }
        )
        for product in goods
    ]
    assert not any("corvo" in meaning for meaning in learn_translations(branded).values())


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("背包", "backpack"),
        ("真皮耳機", "genuine leather headphone"),
        ("女式背包三件套", "female backpack set"),
        # By the dictionary, and of several meanings the one whose words the shop has.
        ("电动牙刷", "electric powered toothbrush"),
        ("菜板", "cutting board"),
        ("wifi 耳机", "wifi headphone"),
        # Nothing to put in English.
        ("backpack", ""),
        ("リュック 背包", ""),
        # What one asks with is nothing to look for.
        ("你们有没有背包？", "backpack"),
        ("我想要一个背包", "backpack"),
    ],
)
def test_a_query_in_the_shops_own_english(chinese: str, english: str, vocabulary: Vocabulary) -> None:
    assert english_of(chinese, vocabulary) == english


def test_other_words_for_the_same_thing_are_found_through_english(vocabulary: Vocabulary) -> None:
    assert list(dict.fromkeys(same_meaning("菜板", vocabulary))) == ["砧板"]
    assert ("砧板", 0.5) in understand("菜板", vocabulary, "zh").expansions
    assert list(same_meaning("砧板", vocabulary)) == []


def test_a_thing_in_one_character_is_of_the_shops_most_common_kind(goods: list[Product]) -> None:
    many = [
        goods[0].model_copy(
            update={
                "id": f"B{number}",
                "texts": {
                    "en": ProductTexts(title=f"{name} Backpack", short_name=name),
                    "zh": ProductTexts(title=f"{chinese}背包", short_name=chinese),
                },
            }
        )
        for number, (name, chinese) in enumerate([("Larch", "松"), ("Oak", "橡"), ("Fir", "杉")])
    ]
    assert english_of("郊游包", build_vocabulary([*goods, *many])).split()[-1] == "backpack"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, goods: list[Product]) -> Catalogue:
    """A shop whose ranker takes the hashing encoder for its own, and tells that nothing fits of whatever it reads."""
    return _shop(tmp_path_factory.mktemp("both"), goods)


def test_a_thing_that_the_shop_has_is_found_by_any_of_its_names(shop: Catalogue) -> None:
    assert _categories(shop, "学生背包")[0] == "Backpacks"
    assert _categories(shop, "砧板") and set(_categories(shop, "砧板")[:3]) == {"Cutting boards"}
    hits = shop.search(Query(text="菜板", k=3, language="zh"))
    assert {hit.product.category for hit in hits} == {"Cutting boards"} and hits[0].stage == "ranked"


@pytest.mark.parametrize("lacking", ["手机壳", "电动牙刷", "微波炉", "登山帐篷"])
def test_a_thing_that_the_shop_lacks_is_told_to_be_lacking(lacking: str, shop: Catalogue) -> None:
    assert _categories(shop, lacking) == [] and not shop.fits(lacking, "zh")


def test_what_names_no_thing_is_never_told_to_be_lacking(shop: Catalogue) -> None:
    assert _categories(shop, "送爸爸的礼物")


def test_a_shop_without_english_goes_by_the_things_name(tmp_path: Path, goods: list[Product]) -> None:
    alone = [
        product.model_copy(update={"category": None, "language": "zh", "texts": {"zh": product.texts["zh"]}})
        for product in goods
    ]
    shop = _shop(tmp_path, alone)
    assert shop.fits("无线耳机", "zh") and shop.fits("學生背包", "zh")
    # Its own synonyms, and a name of Latin letters.
    assert shop.fits("头戴耳麦", "zh")
    assert not shop.fits("电动牙刷", "zh") and _categories(shop, "电动牙刷") == []
    # Of another language nothing can be told.
    assert shop.fits("登山テント", "ja")


def test_the_real_encoder_and_ranker_read_chinese_through_english(
    tmp_path: Path, goods: list[Product], minilm: Encoder
) -> None:
    build_index(goods, tmp_path, minilm)
    shop = open_catalogue(tmp_path, minilm, ranker=load_ranker_named("learned"))
    assert _categories(shop, "书包")[0] == "Backpacks"
    assert _categories(shop, "婴儿奶粉") == []


def _categories(shop: Catalogue, text: str) -> list[str | None]:
    return [hit.product.category for hit in shop.search(Query(text=text, language="zh"))]


def _shop(folder: Path, products: list[Product]) -> Catalogue:
    encoder = HashingEncoder()
    build_index(products, folder, encoder)
    learned = load_ranker_named("learned")
    assert learned
    trees = LearnedRanker(learned.trees._pointwise, learned.trees._listwise, "hashing")
    fit = learned.fit
    nothing = QueryFit(fit.mean, fit.scale, fit.weights, fit.bias, 1.0)
    return open_catalogue(folder, encoder, ranker=Ranker(trees, nothing))
