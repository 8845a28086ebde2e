"""Understanding a query: what a shopper's words ask for, read with the shop's own vocabulary. Pure, no models."""

import re
import unicodedata

from retrieval.chinese.segmenting import chinese_words
from retrieval.understanding.facets import read_facets
from retrieval.understanding.foreign import in_english
from retrieval.understanding.models import joined_model, model_spellings, read_models
from retrieval.understanding.negation import read_negations
from retrieval.understanding.plan import Boost, Correction, QueryPlan
from retrieval.understanding.prices import read_prices
from retrieval.understanding.typos import correct
from retrieval.understanding.umbrella import expand, is_vague
from retrieval.units import equivalents, quantities
from retrieval.vocabulary import Vocabulary
from retrieval.words import is_chinese, one, plain_words

__all__ = ["Boost", "Correction", "QueryPlan", "understand"]

_LONGEST_QUERY = 1000
_EQUIVALENT_WEIGHT = 0.5
_MODEL_WEIGHT = 1.0
_WORD = re.compile(r"[^\W\d_]+")


def understand(text: str, vocabulary: Vocabulary, language: str) -> QueryPlan:
    """Return what the text asks for, in the language of the customer (two letters).

    Limits on the price are hard; a brand, category, colour or size only a boost. Where nothing but limits was said,
    the plan's text is empty of words only if the text was.
    """
    folded = _fold(text[:_LONGEST_QUERY])
    prices = read_prices(folded, vocabulary)
    negations = read_negations(in_english(prices.rest, vocabulary), vocabulary)
    models = read_models(negations.rest, vocabulary)
    rest, corrections = _correct(negations.rest, models, vocabulary)
    return QueryPlan(
        text=rest,
        original=text,
        filters=prices.filters,
        boosts=(*prices.boosts, *read_facets(rest, vocabulary)),
        expansions=_expansions(rest, models, vocabulary),
        excluded=negations.excluded,
        corrections=corrections,
        vague=is_vague(rest, vocabulary),
        model_numbers=models,
    )


def _fold(text: str) -> str:
    # Widths and case only: accents matter to an encoder, and an apostrophe to nobody before `terms`.
    return " ".join(unicodedata.normalize("NFKC", text.replace("″", '"')).casefold().split())


def _correct(text: str, models: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str, tuple[Correction, ...]]:
    if len(plain_words(text)) == 0:
        return text, ()
    corrections: dict[str, Correction] = {}
    for match in _WORD.finditer(text):
        # A part of a hyphenated or numbered word is no word of its own.
        alone = not _touches(text, match.start() - 1) and not _touches(text, match.end())
        if alone and joined_model(match[0]) not in models and (found := _meant(match[0], vocabulary)):
            corrections[match[0]] = found
    for correction in corrections.values():
        text = re.sub(rf"(?<!\w){re.escape(correction.written)}(?!\w)", correction.meant, text)
    if vocabulary.meanings and is_chinese(text):
        for word in chinese_words(text):
            if (found := _by_shoppers(word, vocabulary)) and word in text:
                text, corrections[word] = text.replace(word, f" {found.meant} "), found
    return text, tuple(corrections.values())


def _meant(word: str, vocabulary: Vocabulary) -> Correction | None:
    return _by_shoppers(word, vocabulary) or correct(word, vocabulary)


def _by_shoppers(word: str, vocabulary: Vocabulary) -> Correction | None:
    """Return what shoppers mean by a word that none of the shop's texts has."""
    meant = vocabulary.meanings.get(one(word))
    return Correction(written=word, meant=" ".join(meant)) if meant and not vocabulary.knows(word) else None


def _touches(text: str, place: int) -> bool:
    return 0 <= place < len(text) and (text[place].isdigit() or text[place] in "-_'’.@/")


def _expansions(text: str, models: tuple[str, ...], vocabulary: Vocabulary) -> tuple[tuple[str, float], ...]:
    found = dict(expand(text, vocabulary))
    for quantity in quantities(text):
        found.update(dict.fromkeys(equivalents(quantity), _EQUIVALENT_WEIGHT))
    # The number in one word, and as the titles part it.
    found.update(dict.fromkeys((*models, *model_spellings(models, vocabulary)), _MODEL_WEIGHT))
    return tuple(found.items())
