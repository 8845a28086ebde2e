"""Which products a text names."""

import pytest

from assistant.grounding import named_products
from retrieval.schema import Product, ProductTexts


def make(id: str, name: str, title: str = "", zh: str = "") -> Product:
    texts = {"en": ProductTexts(title=title or name, short_name=name)}
    if zh:
        texts["zh"] = ProductTexts(title=zh, short_name=zh)
    return Product(id=id, texts=texts)


AURORA = make("p1", "Aurora Mid Hiking Boots", "Aurora Mid Hiking Boots, waterproof suede", "极光中帮登山靴")
TENT = make("p2", "Nook 2-Person Tent", zh="角落双人帐篷")
TENT_PRO = make("p3", "Nook 2-Person Tent Pro")
PRODUCTS = (AURORA, TENT, TENT_PRO)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Take the Aurora Mid Hiking Boots.", ["p1"]),
        ("take the aurora mid hiking boot", ["p1"]),
        ("The **Aurora Mid-Hiking Boots**!", ["p1"]),
        ("the Nook 2 Person Tents", ["p2"]),
        ("the Nook 2-Person Tent Pro", ["p3"]),
        ("Nook 2-Person Tent Pro or Nook 2-Person Tent", ["p3", "p2"]),
        ("推荐极光中帮登山靴和角落双人帐篷。", ["p1", "p2"]),
        ("an aurora over the mountains, boots on", []),
        ("Aurora boots", []),
        ("", []),
    ],
)
def test_products_are_named_by_their_names_only(text: str, ids: list[str]) -> None:
    assert [product.id for product in named_products(text, PRODUCTS)] == ids
