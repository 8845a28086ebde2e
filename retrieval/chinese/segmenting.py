"""Where one Chinese word ends and the next begins."""

from functools import lru_cache

from retrieval.traditional import simplified
from retrieval.words import fold, is_cjk, word_runs

# Particles, prepositions, conjunctions, interjections and pronouns by jieba's tags: they name nothing to look for.
_SMALL = frozenset("upcyeor")


def chinese_words(text: str) -> list[str]:
    """Return the words of a text in order, folded and simplified, particles and their like left out.

    A run of Latin letters or digits is a word, as it is everywhere else.
    """
    found: list[str] = []
    for run, cjk in word_runs(simplified(fold(text))):
        found.extend(_cut(run) if cjk else [run])
    return found


def head_noun(text: str) -> str:
    """Return the last Chinese word of a text that is a noun, else the last word; '' of a text without words."""
    words = chinese_words(text)
    nouns = [word for word in words if is_cjk(word) and tag_of(word).startswith("n")]
    return (nouns or words or [""])[-1]


@lru_cache(maxsize=20_000)
def _cut(run: str) -> tuple[str, ...]:
    tagged = _tagged(run)
    return tuple(word for word, tag in tagged if tag[:1] not in _SMALL) or tuple(word for word, _ in tagged)


@lru_cache(maxsize=20_000)
def tag_of(word: str) -> str:
    """Return what jieba takes a word for: 'n…' a noun, 'v…' a verb; '' of nothing."""
    tagged = _tagged(word)
    return tagged[-1][1] if tagged else ""


def _tagged(text: str) -> list[tuple[str, str]]:
    # Imported here: it loads its dictionary at once (0.2 s), which a shop without Chinese never needs.
    import rjieba

    return rjieba.tag(text)
