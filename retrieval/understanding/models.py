"""Model numbers: 'WH-1000XM4', 'wh1000xm4' and 'wh 1000 xm4' are one."""

import re
from itertools import pairwise

from retrieval.understanding.toml_lists import word_lists
from retrieval.units import quantities
from retrieval.vocabulary import Vocabulary
from retrieval.words import fold

_TOKEN = re.compile(r"[a-z0-9]+(?:[-_./][a-z0-9]+)*", re.ASCII)
_SEPARATORS = re.compile(r"[-_./ ]")
_SHORTEST, _LONGEST = 3, 24
_PHRASE_WORDS = 4


def read_models(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the model numbers in a folded text, joined: tokens of letters and digits, and runs the shop sells so."""
    measures = {place for quantity in quantities(text) for place in range(quantity.start, quantity.end)}
    tokens = [match for match in _TOKEN.finditer(text) if match.start() not in measures]
    found: list[str] = []
    taken: set[int] = set()
    for length in range(min(_PHRASE_WORDS, len(tokens)), 1, -1):
        for start in range(len(tokens) - length + 1):
            span = tokens[start : start + length]
            joined = joined_model(" ".join(match[0] for match in span))
            # The brand before it is no part of a model number.
            starts = len(span[0][0]) > 1 and span[0][0] not in vocabulary.brands
            free = starts and not taken & set(range(start, start + length))
            if free and _adjoin(span, text) and _sold(joined, vocabulary):
                found.append(joined)
                taken |= set(range(start, start + length))
    singles = [match[0] for place, match in enumerate(tokens) if place not in taken]
    found += [joined_model(token) for token in singles if _is_model(joined_model(token))]
    return tuple(dict.fromkeys(found))


def joined_model(text: str) -> str:
    """Return the text folded and without separators."""
    return _SEPARATORS.sub("", fold(text))


def model_spellings(models: tuple[str, ...], vocabulary: Vocabulary) -> list[str]:
    """Return how the shop's titles write these models, where that isn't in one word."""
    spellings = []
    for model in models:
        if model in vocabulary.models:
            spellings.append(vocabulary.models[model])
        elif model not in vocabulary.words:
            # Unknown as a whole: 'lf50' may be sold as one of 'LF30 50 70'.
            spellings.append(" ".join(re.findall(r"\d+|[a-z]+", model)))
    return spellings


def _adjoin(span: list[re.Match[str]], text: str) -> bool:
    return all(text[first.end() : second.start()] == " " for first, second in pairwise(span))


def _sold(joined: str, vocabulary: Vocabulary) -> bool:
    return _is_model(joined) and (joined in vocabulary.words or joined in vocabulary.models)


def _is_model(token: str) -> bool:
    return (
        _SHORTEST <= len(token) <= _LONGEST
        and any(character.isdigit() for character in token)
        and any(character.isalpha() for character in token)
        and token not in word_lists("models")["not_models"]
        and not re.fullmatch(word_lists("models")["pattern"], token)
    )
