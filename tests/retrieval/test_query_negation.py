"""What is not wanted, and which products have it."""

import pytest

from retrieval.query import understand
from retrieval.schema import Variant
from retrieval.understanding.negation import has_excluded
from retrieval.vocabulary import Vocabulary, build_vocabulary
from tests.retrieval.makers import MakeProduct


@pytest.fixture
def vocabulary(make_product: MakeProduct) -> Vocabulary:
    titles = [
        "Milk with lactose and nuts",
        "Oat drink soy",
        "Leather boots black suede",
        "Boots leather lining black",
        "Lamp with glass beads",
        "Curtain glass beads",
        "No iron shirt",
        "No iron blouse",
        "手机壳 黑色",
        "牛奶 含乳糖",
        "Toolbox with tools",
    ]
    return build_vocabulary([make_product(str(place), title) for place, title in enumerate(titles)])


@pytest.mark.parametrize(
    ("text", "rest", "excluded"),
    [
        ("milk without lactose", "milk", ("lactose",)),
        ("milk without nuts or soy", "milk", ("nuts", "soy")),
        ("boots not black", "boots", ("black",)),
        ("warm boots, no leather", "warm boots", ("leather",)),
        ("boots not made of leather for men", "boots for men", ("leather",)),
        ("lamp without glass beads", "lamp", ("glass beads",)),
        ("boots but not black", "boots", ("black",)),
        ("手机壳不要黑色", "手机壳", ("黑色",)),
        ("不要黑色的手机壳", "手机壳", ("黑色",)),
        ("不要黑色手机壳", "手机壳", ("黑色",)),
        ("牛奶 不含乳糖", "牛奶", ("乳糖",)),
    ],
)
def test_exclusions_are_taken_out(vocabulary: Vocabulary, text: str, rest: str, excluded: tuple[str, ...]) -> None:
    found = understand(text, vocabulary, "en")
    assert (found.text, found.excluded) == (rest, excluded)


@pytest.mark.parametrize(
    "text",
    [
        "no iron shirt",
        "milk without zirconium",
        "watch the boots not your lamp",
        "tool box for tools without tools",
        "without lactose",
        "lactose-free milk",
        "无糖牛奶",
    ],
)
def test_what_excludes_nothing_stays_whole(vocabulary: Vocabulary, text: str) -> None:
    found = understand(text, vocabulary, "en")
    assert found.excluded == ()
    assert found.text == text


@pytest.mark.parametrize(
    ("title", "attributes", "excluded", "expected"),
    [
        ("Whole milk with lactose", {}, "lactose", True),
        ("Milk, lactose-free", {}, "lactose", False),
        ("Milk lactose free", {}, "lactose", False),
        ("Milk, no lactose", {}, "lactose", False),
        ("Milk", {"lactose": "no"}, "lactose", False),
        ("Milk", {"lactose": "4.8 g"}, "lactose", True),
        ("Milk", {"contains": "Lactose, protein"}, "lactose", True),
        ("Boots", {"color": "Black/White"}, "black", True),
        ("Boots", {"color": "Brown"}, "black", False),
        ("Blackberry jam", {}, "black", False),
        ("Faux leather boots", {}, "leather", False),
        ("Leathers and boots", {}, "leather", True),
        ("牛奶 含乳糖", {}, "乳糖", True),
        ("牛奶 不含乳糖", {}, "乳糖", False),
        ("手机壳", {"颜色": "黑色"}, "黑色", True),
        ("Phone case", {"color": "Black"}, "黑色", True),
        ("手机壳", {"颜色": "白色"}, "黑色", False),
    ],
)
def test_having_is_told_from_denying(
    make_product: MakeProduct, title: str, attributes: dict[str, str], excluded: str, expected: bool
) -> None:
    assert has_excluded(make_product("1", title, attributes=attributes), (excluded,)) is expected


def test_a_product_with_another_variant_is_left(make_product: MakeProduct) -> None:
    black, white = (Variant(id=name, title=name, options={"Colour": name}) for name in ("Black", "White"))
    assert not has_excluded(make_product("1", "Mug", variants=(black, white)), ("black",))
    assert has_excluded(make_product("1", "Mug", variants=(black,)), ("black",))
