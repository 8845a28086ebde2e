"""Whether the products' own Chinese texts say that one of them is what was asked for."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from retrieval.candidates import Candidates
from retrieval.chinese.segmenting import chinese_words, head_noun
from retrieval.product_texts import body_text, title_text
from retrieval.query import QueryPlan
from retrieval.schema import Product
from retrieval.shop_words import without_shop_words
from retrieval.traditional import simplified
from retrieval.understanding.umbrella import is_vague
from retrieval.vocabulary import Vocabulary
from retrieval.words import fold, is_chinese, is_cjk, shortened, word_runs

_SHORTEST_LATIN = 3
# Of the pairs of neighbouring characters. At more than a half 14 of the 148 queries of the Chinese check were told that
# nothing fits, and 13 of them had the right product found first or second.
_ENOUGH = 1 / 3


def say_it(products: Sequence[Product], candidates: Candidates, plan: QueryPlan, vocabulary: Vocabulary) -> bool:
    """Tell whether one of the products fits by its Chinese texts, whatever is thought of the query's English.

    Where there is no English to go by, they must hold the thing's name or a synonym of it. Of a query that isn't
    Chinese they say nothing.
    """
    if not is_chinese(candidates.text):
        return False
    if candidates.english:
        return says_all(products, candidates.text) or is_vague(candidates.english, vocabulary)
    return says_head(products, candidates.text, [word for word, _ in plan.expansions])


def says_all(products: Iterable[Product], text: str) -> bool:
    """Tell whether a product's title, place and attributes hold every word of a Chinese text."""
    words = chinese_words(without_shop_words(text))
    return bool(words) and any(all(word in told for word in words) for told in map(_named, products))


def says_head(products: Iterable[Product], text: str, synonyms: Sequence[str] = ()) -> bool:
    """Tell whether a product's texts hold the thing that a Chinese text names, or one of its synonyms.

    A shorter form of its name counts (跑鞋 for 跑步鞋), and so do a Latin name in the text, such as a model's, and a
    third of all that is said: many titles say a thing in other words, and a name cut wrongly ends in no thing.
    """
    text = simplified(fold(without_shop_words(text)))
    pairs = {first + second for run, cjk in word_runs(text) if cjk for first, second in pairwise(run)}
    latin = [word for word in chinese_words(text) if not is_cjk(word) and len(word) >= _SHORTEST_LATIN]
    shorter = [term for term in shortened(head_noun(text)) if not term.endswith("$")]
    names = [head_noun(text), *latin, *shorter, *(simplified(fold(word)) for word in synonyms)]
    told = [_told(product) for product in products]
    if any(name in each for each in told for name in names if name):
        return True
    return any(sum(pair in each for pair in pairs) >= _ENOUGH * len(pairs) for each in told if pairs)


def _named(product: Product) -> str:
    tables = [product.attributes, *(texts.attributes for texts in product.texts.values())]
    lines = [product.brand or "", product.category or "", product.department or "", title_text(product)]
    return simplified(fold("\n".join([*lines, *(value for table in tables for value in table.values())])))


def _told(product: Product) -> str:
    return simplified(fold(f"{title_text(product)}\n{body_text(product)}"))
