import pytest

from retrieval.shop_words import without_shop_words
from retrieval.traditional import simplified


@pytest.mark.parametrize(
    ("traditional", "expected"),
    [("藍色電動滑板車", "蓝色电动滑板车"), ("乾燥", "干燥"), ("蓝色", "蓝色"), ("lamp 燈", "lamp 灯")],
)
def test_traditional_characters_become_simplified_one_by_one(traditional: str, expected: str) -> None:
    assert simplified(traditional) == expected


def test_kana_and_hangul_stay() -> None:
    assert simplified("ハイキング 등산화") == "ハイキング 등산화"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("极光旗舰店 登山靴", "极光  登山靴"),
        ("正品登山靴", " 登山靴"),
        ("極光旗艦店燈", "极光 灯"),
        ("旗舰店", "旗舰店"),
        ("官方 正品!", "官方 正品!"),
        ("official store", "official store"),
    ],
)
def test_words_about_the_shop_are_left_out_where_others_stay(text: str, expected: str) -> None:
    assert without_shop_words(text) == expected
