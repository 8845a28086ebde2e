"""A product's texts: full title, long description and attributes, in English and in Chinese."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from retrieval.demo.content import Bilingual, Department, ProductContent
from retrieval.demo.palette import load_palette
from retrieval.demo.shelf import Shelf
from retrieval.demo.wording import Fact, load_wording
from retrieval.schema import ProductTexts

LANGUAGES = ("en", "zh")

_PAUSE = {"en": ", ", "zh": "，"}
_STOP = {"en": ".", "zh": "。"}
_AND = {"en": " and ", "zh": "和"}
_OR = {"en": " or ", "zh": "、"}
_LIST = {"en": ", ", "zh": "、"}
_RANGE = {"en": " to ", "zh": "至"}
# A longer row of whole numbers is told by its ends.
_LISTED_AT_MOST = 4

Item = TypeVar("Item")


def build_texts(department: Department, shelf: Shelf) -> dict[str, ProductTexts]:
    """Return the product's texts by language."""
    return {language: _texts(department, shelf, language) for language in LANGUAGES}


def _texts(department: Department, shelf: Shelf, language: str) -> ProductTexts:
    content = shelf.content
    return ProductTexts(
        title=_title(content, language),
        short_name=content.name[language],
        description="\n\n".join(_paragraphs(department, shelf, language)),
        attributes={
            department.attribute_name(name, language): department.value(value, language)
            for name, value in content.attributes.items()
        },
    )


def _title(content: ProductContent, language: str) -> str:
    """Put the brand before the name, unless the name begins with it, or with its first word."""
    name = content.name[language]
    named = name if name.split()[0] == content.brand.split()[0] else f"{content.brand} {name}"
    return named + (" " if language == "zh" else ", ") + content.detail[language]


def _paragraphs(department: Department, shelf: Shelf, language: str) -> list[str]:
    facts = [_facts(department, shelf, language), *_choices(department, shelf, language)]
    return [
        shelf.content.pitch[language],
        _pick(shelf.kind.about, shelf)[language],
        _join_sentences(facts, language),
        _join_sentences([sentence[language] for sentence in _care(shelf)], language),
    ]


def _facts(department: Department, shelf: Shelf, language: str) -> str:
    """Tell the attributes in one sentence."""
    wording = load_wording()
    lead = _pick(wording.leads[language], shelf).format(type=shelf.kind.name[language])
    phrases = [
        wording.tell(
            Fact(
                type_id=shelf.kind.id,
                name=name,
                value=value,
                shown_name=department.attribute_name(name, language),
                shown_value=department.value(value, language),
            ),
            language,
        )
        for name, value in shelf.content.attributes.items()
    ]
    gap = " " if language == "en" else ""
    return f"{lead}{gap}{_PAUSE[language].join(phrases)}{_STOP[language]}"


def _choices(department: Department, shelf: Shelf, language: str) -> list[str]:
    """Tell the colours and the option values, in a sentence each."""
    wording = load_wording()
    sentences = []
    if shelf.kind.comes_in_colours and shelf.content.colours:
        names = [load_palette().colours[colour].name(language) for colour in shelf.content.colours]
        sentence = wording.colours if len(names) > 1 else wording.one_colour
        sentences.append(sentence[language].format(values=_listed(names, _AND, language)))
    if option := shelf.kind.option:
        values = [department.value(item.value, language) for item in shelf.option_values]
        told = _RANGE[language].join([values[0], values[-1]]) if _is_row(values) else _listed(values, _OR, language)
        sentences.append(wording.choice[language].format(name=option.display_name(language), values=told))
    return sentences


def _care(shelf: Shelf) -> Sequence[Bilingual]:
    """Pick one sentence or two; the neighbour has others, or has them in another order."""
    start = shelf.number % len(shelf.kind.care)
    turned = shelf.kind.care[start:] + shelf.kind.care[:start]
    return turned[: 1 + shelf.number // len(shelf.kind.care) % 2]


def _pick(items: Sequence[Item], shelf: Shelf) -> Item:
    """Pick one by the product's number, so that neighbours differ."""
    return items[(shelf.number + shelf.type) % len(items)]


def _is_row(values: Sequence[str]) -> bool:
    return len(values) > _LISTED_AT_MOST and all(value.isdecimal() for value in values)


def _listed(values: Sequence[str], last: Mapping[str, str], language: str) -> str:
    if len(values) == 1:
        return values[0]
    return _LIST[language].join(values[:-1]) + last[language] + values[-1]


def _join_sentences(sentences: Sequence[str], language: str) -> str:
    return ("" if language == "zh" else " ").join(sentences)
