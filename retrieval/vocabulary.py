"""The words of one shop, gathered from its own catalogue: what a query is understood with."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Self

from pydantic import Field

from retrieval.chinese.learning import learn_translations
from retrieval.product_texts import body_text, title_text
from retrieval.schema import Product, Value
from retrieval.words import fold, is_cjk, one, plain_words, stem, word_runs

# A value longer than this describes rather than names.
_LONGEST_VALUE_WORDS = 4
_RAREST_PAIR = 2
_RAREST_COLOUR = 3
# A word whose products so often have it as their colour is a colour there: "charcoal", and not "full".
_MOSTLY = 0.3
_COLOUR_NAMES = re.compile(r"colou?r|farbe|couleur|颜色|色彩|主色|色调")
_SIZE_NAMES = re.compile(r"\bsizes?\b|größe|taille|尺码|尺寸|大小|鞋码|码数")
_PATH = re.compile(r"\s*[>/|»›]\s+|\s+[>/|»›]\s*|\s*[>»›]\s*")


class Vocabulary(Value):
    """What the shop's products are called. Every key is folded; counts are of products.

    `words` are of all texts, `head_words` of titles, brands and categories, `pairs` are neighbours in titles.
    `categories` are whole names, `kinds` gives for each place in a category path the places right below it.
    `translations` are the English words of a Chinese one, as the products described in both have them. `queries` are
    the words that shoppers use, by how many people, and `meanings` what the shop calls those that it has no name for.
    """

    documents: int = 0
    words: dict[str, int] = Field(default_factory=dict)
    head_words: dict[str, int] = Field(default_factory=dict)
    pairs: dict[str, int] = Field(default_factory=dict)
    brands: dict[str, int] = Field(default_factory=dict)
    categories: dict[str, int] = Field(default_factory=dict)
    departments: dict[str, int] = Field(default_factory=dict)
    kinds: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    colours: dict[str, int] = Field(default_factory=dict)
    sizes: dict[str, int] = Field(default_factory=dict)
    currencies: tuple[str, ...] = ()
    models: dict[str, str] = Field(default_factory=dict)
    queries: dict[str, int] = Field(default_factory=dict)
    translations: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    meanings: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def knows(self, phrase: str) -> bool:
        """Tell whether some product may be found by every word of the phrase, in any inflection."""
        runs = word_runs(phrase)
        return bool(runs) and all(
            (set(run) <= self._characters if len(run) == 1 else all(a + b in self.words for a, b in pairwise(run)))
            if cjk
            else (run in self.words or stem(run) in self.stems)
            for run, cjk in runs
        )

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of all words."""
        return frozenset(stem(word) for word in self.words)

    @cached_property
    def by_initial(self) -> dict[str, dict[int, list[str]]]:
        """The Latin head words of four letters and more, by first letter and length."""
        table: dict[str, dict[int, list[str]]] = {}
        for word in self.head_words:
            if len(word) >= 4 and word.isalpha() and word.isascii():
                table.setdefault(word[0], {}).setdefault(len(word), []).append(word)
        return table

    @cached_property
    def by_meaning(self) -> dict[frozenset[str], list[str]]:
        """The Chinese words by the stems of their English ones."""
        table: dict[frozenset[str], list[str]] = {}
        for word, meaning in self.translations.items():
            table.setdefault(frozenset(stem(one(part)) for part in meaning), []).append(word)
        return table

    @cached_property
    def category_words(self) -> dict[str, str]:
        """The places in the category paths by their names with every word in the singular."""
        return {" ".join(one(word) for word in plain_words(name)): name for name in self.kinds}

    @cached_property
    def kind_heads(self) -> frozenset[str]:
        """The last words of the places in the category paths, in the singular: the hose of "Garden hoses"."""
        return frozenset(name.split()[-1] for name in self.category_words if name)

    @cached_property
    def colour_words(self) -> frozenset[str]:
        """The single words that the shop mostly uses as a colour."""
        return frozenset(
            name
            for name, count in self.colours.items()
            if count >= _RAREST_COLOUR and count >= _MOSTLY * self.words.get(name, count)
        )

    def kinds_below(self, singular: str) -> tuple[str, ...]:
        """Return the places right below a place in the category paths, () for what is none."""
        return self.kinds.get(self.category_words.get(singular, ""), ())

    def with_queries(self, words: Mapping[str, int], meanings: Mapping[str, tuple[str, ...]]) -> Self:
        """Return the vocabulary with what shoppers have searched for: `QueryLog`'s words and meanings."""
        return self.model_copy(update={"queries": dict(words), "meanings": dict(meanings)})

    def save(self, path: Path) -> None:
        """Write the vocabulary to a file."""
        path.write_text(self.model_dump_json(exclude_defaults=True), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote. Raises `ValueError` for a file that is no vocabulary, `OSError` for none."""
        return cls.model_validate_json(path.read_text(encoding="utf-8"))

    @cached_property
    def _characters(self) -> frozenset[str]:
        return frozenset(character for pair in self.words if is_cjk(pair[0]) for character in pair)


def build_vocabulary(products: Sequence[Product]) -> Vocabulary:
    """Gather the vocabulary of a catalogue."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in _COUNTED}
    kinds: dict[str, set[str]] = {}
    models: dict[str, str] = {}
    currencies: Counter[str] = Counter()
    for product in products:
        head = "\n".join([title_text(product), product.brand or "", product.category or "", product.department or ""])
        head_words = _words(head)
        counts["head_words"].update(head_words)
        counts["words"].update(head_words | _words(body_text(product)))
        counts["pairs"].update(_pairs(product))
        counts["brands"].update(_name(product.brand))
        counts["departments"].update(_name(product.department))
        _add_category(product.category, counts["categories"], kinds)
        _add_values(product, counts["colours"], counts["sizes"])
        models.update(_models(title_text(product)))
        currencies.update([product.price.currency] if product.price else [])
    counts["pairs"] = Counter({pair: n for pair, n in counts["pairs"].items() if n >= _RAREST_PAIR})
    return Vocabulary(
        documents=len(products),
        kinds={name: tuple(sorted(below)) for name, below in kinds.items()},
        models=models,
        translations=learn_translations(products),
        currencies=tuple(currency for currency, _ in currencies.most_common()),
        **{name: dict(table) for name, table in counts.items()},
    )


_COUNTED = ("words", "head_words", "pairs", "brands", "categories", "departments", "colours", "sizes")


def _words(text: str) -> set[str]:
    found: set[str] = set()
    for run, cjk in word_runs(text):
        found.update((a + b for a, b in pairwise(run)) if cjk else [run])
    return found


def _pairs(product: Product) -> set[str]:
    return {
        f"{first} {second}"
        for texts in product.texts.values()
        for first, second in pairwise(plain_words(texts.title))
        if not is_cjk(first) and not is_cjk(second)
    }


def _name(name: str | None) -> list[str]:
    folded = " ".join(plain_words(name or ""))
    return [folded] if folded else []


def _add_category(category: str | None, categories: Counter[str], kinds: dict[str, set[str]]) -> None:
    places = [fold(place).strip() for place in _PATH.split(category or "") if place.strip()]
    categories.update(dict.fromkeys(places, 1))
    for place in places:
        kinds.setdefault(place, set())
    for above, below in pairwise(places):
        kinds[above].add(below)


def _add_values(product: Product, colours: Counter[str], sizes: Counter[str]) -> None:
    tables = [product.attributes, *(texts.attributes for texts in product.texts.values())]
    tables += [variant.options for variant in product.variants]
    for name, value in {pair for table in tables for pair in table.items()}:
        folded = fold(value).strip()
        if not folded or len(plain_words(folded)) > _LONGEST_VALUE_WORDS or folded in ("true", "false"):
            continue
        if _COLOUR_NAMES.search(fold(name)):
            colours[folded] += 1
        elif _SIZE_NAMES.search(fold(name)):
            sizes[folded] += 1


_MODEL = re.compile(r"[a-z0-9]+(?:[-_./ ][a-z0-9]+){0,3}", re.ASCII)


def _models(text: str) -> dict[str, str]:
    """Return joined spellings of what looks like a model number with separators, with the spelling in the title."""
    found = {}
    for match in _MODEL.finditer(fold(text)):
        words = re.split(r"[-_./ ]", match[0])
        for start in range(len(words)):
            for end in range(start + 2, min(start + 4, len(words)) + 1):
                joined = "".join(words[start:end])
                if 4 <= len(joined) <= 20 and re.search(r"\d", joined) and re.search("[a-z]", joined):
                    found[joined] = " ".join(words[start:end])
    return found
