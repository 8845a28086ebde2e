"""The demo shop's pictures: a type's drawing, filled with a colour, before its department's wall."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from retrieval.demo.content import Department, TypeContent
from retrieval.demo.loading import load_departments
from retrieval.demo.palette import Colour, load_palette
from retrieval.errors import UnknownName
from retrieval.schema import Product

_FRAME = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400">'
    '<defs><radialGradient id="{id}-ground"><stop offset="0" stop-color="#2b2a33" stop-opacity=".32"/>'
    '<stop offset=".55" stop-color="#2b2a33" stop-opacity=".14"/>'
    '<stop offset="1" stop-color="#2b2a33" stop-opacity="0"/></radialGradient></defs>'
    '<rect width="400" height="400" fill="{wall}"/>{scene}'
    '<ellipse cx="200" cy="{ground}" rx="150" ry="20" fill="url(#{id}-ground)"/>{drawing}</svg>\n'
)
# What stands behind the product. Neighbours on a page have different ones.
_SCENES = (
    '<circle cx="200" cy="196" r="148" fill="{shape}"/>',
    '<path d="M70 400V190a130 130 0 0 1 260 0v210z" fill="{shape}"/>',
    '<path d="M0 300q110-64 214-34t186-46v180H0z" fill="{shape}"/>',
    '<rect x="56" y="52" width="288" height="288" rx="56" fill="{shape}"/>',
    '<path d="M0 400V262L400 96v304z" fill="{shape}"/>',
    '<path d="M206 40c86-8 150 54 146 140s-62 164-150 164S46 276 48 188 118 48 206 40z" fill="{shape}"/>',
    '<path d="M0 338h400v62H0z" fill="{shape}"/><circle cx="262" cy="150" r="104" fill="{shape}"/>',
)
_GROUND = re.compile(r'data-ground="(\d+)"')


class Picture(NamedTuple):
    """What a picture's path says: the product's type, its number (from 0) and its colour, if it has one."""

    path: str
    type_id: str
    number: int
    colour: str | None


class Drawing(NamedTuple):
    """A drawing as its writer drew it, and the height (0 to 400 from the top) of the ground it stands on."""

    svg: str
    ground: str


def draw(product_type_id: str, colour: str | None, number: int = 0) -> str:
    """Return the picture of a type's product in a colour of the palette, as an SVG document of 400 × 400.

    `number` is the product's place in its type, from 0. It chooses the drawing where the type has several, and varies
    the accents, what is behind the product, and the colour of a thing that has none.

    Raises:
        UnknownName: There is no such product type or colour.
    """
    palette = load_palette()
    colour = colour or palette.uncoloured[number % len(palette.uncoloured)]
    if colour not in palette.colours:
        raise UnknownName(f"There is no colour '{colour}'. There are: {', '.join(palette.colours)}.")
    department, kind = _find_type(product_type_id)
    backdrop = palette.backdrops[department.id]
    drawing = _drawing(kind.products[number].drawing or product_type_id)
    return _FRAME.format(
        id=product_type_id,
        wall=backdrop.wall,
        scene=_SCENES[(number + crc32(product_type_id.encode())) % len(_SCENES)].format(shape=backdrop.shape),
        ground=drawing.ground,
        drawing=_fill(drawing.svg, palette.colours[colour], number),
    )


def write_pictures(products: Iterable[Product], folder: Path) -> int:
    """Write every picture of the products below the store folder, at the paths they name; return how many."""
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    count = 0
    for picture in _pictures(products):
        svg = draw(picture.type_id, picture.colour, picture.number)
        (folder / picture.path).write_text(svg, "utf-8")
        count += 1
    return count


def _pictures(products: Iterable[Product]) -> Iterator[Picture]:
    for product in products:
        type_id, _, number = product.id.rpartition("-")
        for path in dict.fromkeys([product.image, *(variant.image for variant in product.variants)]):
            if path:
                colour = Path(path).stem.removeprefix(product.id).lstrip("-")
                yield Picture(path, type_id, int(number) - 1, colour or None)


def _fill(svg: str, colour: Colour, number: int) -> str:
    """Put the tints in the placeholders' places."""
    accents = [colour.accent, *(accent for accent in load_palette().accents if _distance(accent, colour.main) > 150)]
    tints = {"main": colour.main, "dark": colour.dark, "light": colour.light, "accent": accents[number % len(accents)]}
    for name, tint in tints.items():
        svg = svg.replace(f"{{{name}}}", tint)
    return svg


def _distance(one: str, other: str) -> float:
    """Return how far apart two `#rrggbb` colours are, from 0 to 441."""
    parts = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return float(sum((left - right) ** 2 for left, right in parts) ** 0.5)


@cache
def _find_type(product_type_id: str) -> tuple[Department, TypeContent]:
    for department in load_departments():
        for kind in department.types:
            if kind.id == product_type_id:
                return department, kind
    raise UnknownName(f"There is no product type '{product_type_id}'.")


@cache
def _drawing(name: str) -> Drawing:
    """Read a drawing. It stays an svg element of its own inside the frame, for its attributes hold for all."""
    file = resources.files("retrieval.demo") / "pictures" / f"{name}.svg"
    text = file.read_text("utf-8")
    ground = _GROUND.search(text)
    return Drawing(svg=text[text.index("<svg") :].strip(), ground=ground[1] if ground else "338")
