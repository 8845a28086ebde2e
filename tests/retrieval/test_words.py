import pytest

from retrieval.words import guess_language, mostly_latin, plain_words, shortened, terms


def test_inflected_words_share_a_stem() -> None:
    assert terms("Running shoes") == terms("run shoe") == ["run", "shoe"]


def test_chinese_gives_characters_and_neighbours() -> None:
    assert terms("登山靴") == ["登", "山", "靴", "登山", "山靴"]


def test_traditional_and_simplified_are_one() -> None:
    assert terms("電動車") == terms("电动车") == ["电", "动", "车", "电动", "动车"]


def test_full_width_and_accents_are_folded() -> None:
    assert terms("ＡＢＣ１２ Cafetière") == terms("abc12 cafetiere")


@pytest.mark.parametrize("text", ["Women's boots", "Women’s boots", "Womens boots"])
def test_possessives_do_not_part_a_word(text: str) -> None:
    assert terms(text)[-1] == "boot" and "s" not in terms(text)


def test_decimals_stay_whole() -> None:
    assert plain_words("5.1 soundbar, 2 m.") == ["5.1", "soundbar", "2", "m"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("waterproof boots", True),
        ("防水登山靴", False),
        ("男款 T恤", False),
        ("sony 耳机", False),
        ("🎧🎧", False),
        ("", False),
        ("1080p 60Hz", True),
    ],
)
def test_script_is_told(text: str, expected: bool) -> None:
    assert mostly_latin(text) is expected


def test_language_is_guessed_from_script() -> None:
    assert [guess_language(text) for text in ("Boots", "登山靴", "ハイキング", "등산화")] == ["en", "zh", "ja", "ko"]


def test_a_chinese_name_may_be_sold_under_its_shorter_form() -> None:
    assert shortened("红跑步鞋 A5") == ["红步", "跑鞋", "跑鞋$"]
    assert shortened("跑鞋") == []
    assert shortened("running shoes") == []
