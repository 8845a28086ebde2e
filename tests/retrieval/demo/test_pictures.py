"""The demo shop's pictures: every type is drawn, in its colours, as SVG that a browser can show."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from retrieval.demo.catalogue import demo_products
from retrieval.demo.loading import load_departments
from retrieval.demo.palette import load_palette
from retrieval.demo.pictures import draw, write_pictures
from retrieval.errors import UnknownName

TYPES = {kind.id: kind for department in load_departments() for kind in department.types}


@pytest.mark.parametrize("type_id", TYPES)
def test_pictures_of_a_type_are_plain_svg(type_id: str) -> None:
    for number, product in enumerate(TYPES[type_id].products):
        picture = draw(type_id, next(iter(product.colours), None), number)
        ElementTree.fromstring(picture)
        assert not re.search(r"[{}]", picture)
        assert not re.search(r"<(script|style|text|image|foreignObject)\b|href=|\bon\w+=", picture)


def test_a_product_may_have_a_drawing_of_its_own() -> None:
    bear, sheep = draw("plush-animals", "cream", 0), draw("plush-animals", "cream", 1)
    assert len(bear) != len(sheep)
    assert TYPES["plush-animals"].products[1].drawing == "plush-animals-sheep"


def test_drawing_follows_the_colour() -> None:
    colours = load_palette().colours
    moss, coral = draw("hiking-boots", "moss"), draw("hiking-boots", "coral")
    assert colours["moss"].main in moss
    assert colours["coral"].main in coral
    assert moss != coral


def test_neighbours_stand_before_different_walls() -> None:
    assert draw("hiking-boots", "moss", 0) != draw("hiking-boots", "moss", 1)


@pytest.mark.parametrize(("type_id", "colour"), [("hovercraft", "moss"), ("hiking-boots", "infrared")])
def test_unknown_names_are_refused(type_id: str, colour: str) -> None:
    with pytest.raises(UnknownName, match=f"{type_id}|{colour}"):
        draw(type_id, colour)


def test_every_image_of_a_product_is_written(tmp_path: Path) -> None:
    products = demo_products()[::20]
    count = write_pictures(products, tmp_path)
    wanted = {product.image for product in products}
    wanted |= {variant.image for product in products for variant in product.variants}
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.svg")} == wanted
    assert count == len(wanted)
