"""What the demo shop's writers write: departments, their product types, and the products, in both languages."""

import re
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from retrieval.demo.palette import load_palette
from retrieval.schema import Value

# The units that are words in a Chinese shop; a value in any other is written as it is in English.
_UNITS = {" h": "小时", " min": "分钟", " in": "英寸"}
_UNIT = re.compile(r"(?<=\d)(?: h| min| in)$")

_CJK = re.compile(r"[\u4e00-\u9fff]")


def _check_chinese(text: str) -> str:
    if not _CJK.search(text):
        raise ValueError(f"'{text}' has no Chinese character")
    return text


def _check_short(text: str) -> str:
    if len(text.split()) > 5:
        raise ValueError(f"'{text}' has more than five words")
    return text


def _check_colour(colour: str) -> str:
    if colour not in load_palette().colours:
        raise ValueError(f"'{colour}' is not in the palette: {', '.join(load_palette().colours)}")
    return colour


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Chinese = Annotated[Text, AfterValidator(_check_chinese)]
ColourId = Annotated[str, AfterValidator(_check_colour)]


class Bilingual(Value):
    """One sentence, paragraph or name in both of the shop's languages."""

    en: Text
    zh: Chinese

    def __getitem__(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


class ShortName(Bilingual):
    """What a product is called in a reply."""

    en: Annotated[Text, AfterValidator(_check_short)]


class Detail(Bilingual):
    """What the full title adds to the name; a measure reads the same in both languages."""

    zh: Text


class OptionValue(Value):
    """One size, capacity or format, and what it adds to the price in US dollars."""

    value: Text
    add: Decimal = Decimal(0)


def _spell_out(raw: object) -> object:
    return {"value": raw} if isinstance(raw, str) else raw


# A value without a surcharge is written as its bare text.
OptionValues = tuple[Annotated[OptionValue, BeforeValidator(_spell_out)], ...]


class Option(Value):
    """What a shopper chooses besides the colour."""

    name: Text
    zh: Chinese
    values: OptionValues = Field(min_length=1)

    def display_name(self, language: str) -> str:
        """Return the option's name as a sentence begins with it."""
        return self.zh if language == "zh" else self.name[:1].upper() + self.name[1:]


class ReviewContent(Value):
    """A customer's opinion that fits every product of a type, in one language or both."""

    rating: int = Field(ge=1, le=5)
    en: Text | None = None
    zh: Chinese | None = None

    @model_validator(mode="after")
    def _say_something(self) -> Self:
        if not (self.en or self.zh):
            raise ValueError("a review needs a text")
        return self


class ProductContent(Value):
    """One product as its writer wrote it."""

    name: ShortName
    brand: Text
    detail: Detail
    price: Decimal = Field(gt=0, description="US dollars, before an option's surcharge.")
    colours: tuple[ColourId, ...] = ()
    option_values: OptionValues = Field(default=(), description="Where it doesn't come in all of its type's.")
    attributes: dict[Text, Text] = Field(min_length=1)
    drawing: Slug | None = Field(default=None, description="The drawing's file name, where it isn't its type's.")
    pitch: Bilingual


class TypeContent(Value):
    """One product type: what all its products share, and the products."""

    id: Slug
    name: Bilingual
    option: Option | None = None
    packaging_colours: bool = Field(default=False, description="The colours are the box's: not for choosing.")
    about: tuple[Bilingual, ...] = Field(min_length=1)
    care: tuple[Bilingual, ...] = Field(min_length=1)
    reviews: tuple[ReviewContent, ...] = Field(min_length=5)
    products: tuple[ProductContent, ...] = Field(min_length=6)

    @property
    def comes_in_colours(self) -> bool:
        """Whether shoppers choose a colour here; a book has one, the colour of its cover, and nobody chooses it."""
        return not self.packaging_colours and any(len(product.colours) > 1 for product in self.products)


class Department(Value):
    """One aisle of the shop, and the Chinese of its attributes."""

    id: Slug
    name: Bilingual
    values: dict[Text, Text] = Field(default_factory=dict)
    attribute_names: dict[Text, Chinese]
    types: tuple[TypeContent, ...] = Field(min_length=1)

    def value(self, value: str, language: str) -> str:
        """Return an attribute's or an option's value in the language; most measures read the same in both."""
        if language != "zh":
            return value
        return self.values.get(value) or _UNIT.sub(lambda found: _UNITS[found[0]], value)

    def attribute_name(self, name: str, language: str) -> str:
        """Return an attribute's name in the language."""
        return self.attribute_names[name] if language == "zh" else name

    @model_validator(mode="after")
    def _translate_attributes(self) -> Self:
        names = {name for kind in self.types for product in kind.products for name in product.attributes}
        if missing := sorted(names - set(self.attribute_names)):
            raise ValueError(f"attribute_names lacks the Chinese of: {', '.join(missing)}")
        return self
