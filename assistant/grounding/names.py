"""Products in a text: which of the known ones it names, and where."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from assistant.grounding.text import fold, has_cjk
from retrieval.schema import Product

_TOKEN = re.compile(r"[a-zÀ-ɏ]+(?:'[a-z]+)?|\d+(?:[.,]\d+)*|[一-鿿]")
_DETERMINER = re.compile(r"(?:^|[^a-z])(?:the|that|this|your|those|these|and|of|each|a|an)\s$")
_COUNTED = re.compile(r"(?:^|[^a-z])(?:two|three|four|five|six)\s$")
_TRIVIAL = frozenset({"the", "a", "an", "of", "for", "and", "with", "in"})


@dataclass(frozen=True)
class Mention:
    """Where a text names a product. `whole` tells a full name from a shortened one."""

    start: int
    end: int
    product: Product
    whole: bool = True


def named_products(text: str, products: Iterable[Product]) -> list[Product]:
    """Return those of `products` that the text names by short name (in any language) or title, in order of appearance.

    Case, plural, hyphens and the spaces around Chinese do not count; of two names at one place the longer one does.
    """
    named: dict[str, Product] = {}
    for mention in find_mentions(text, products, shortened=False):
        named.setdefault(mention.product.id, mention.product)
    return list(named.values())


def find_mentions(text: str, products: Iterable[Product], *, shortened: bool = True) -> list[Mention]:
    """Return where the text names the products, left to right and never overlapping.

    With `shortened`, a part of a name counts too where only one product has it ('the Aurora', 'Aurora boots').
    """
    listed = tuple(products)
    tokens = _tokens(fold(text))
    spans: list[Mention] = []
    for product in listed:
        for name in _names(product):
            spans += [Mention(tokens[i][1], tokens[j][2], product) for i, j in _occurrences(tokens, _stems(name))]
    kept = _longest(spans)
    if shortened:
        kept = _longest(kept + _shortened(text, tokens, listed, kept))
    return kept


def is_part_of_name(phrase: str, name: str) -> bool:
    """Tell whether every word of the phrase stands in the name, in this order."""
    rest = iter(_stems(name))
    return all(any(stem == other for other in rest) for stem in _stems(phrase) if stem not in _TRIVIAL)


def stems_of(text: str) -> tuple[str, ...]:
    """Return the words of a text as they compare: lower case, without plural; Chinese by characters."""
    return _stems(text)


def _names(product: Product) -> Iterable[str]:
    for texts in product.texts.values():
        yield texts.short_name
        if texts.title != texts.short_name:
            yield texts.title


@lru_cache(maxsize=4096)
def _stems(name: str) -> tuple[str, ...]:
    return tuple(stem for stem, _, _ in _tokens(fold(name)))


@lru_cache(maxsize=512)
def _tokens(folded: str) -> tuple[tuple[str, int, int], ...]:
    return tuple((_stem(match.group()), match.start(), match.end()) for match in _TOKEN.finditer(folded))


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _occurrences(tokens: tuple[tuple[str, int, int], ...], name: tuple[str, ...]) -> Iterable[tuple[int, int]]:
    if not name:
        return
    for index in range(len(tokens) - len(name) + 1):
        if tokens[index][0] == name[0] and all(tokens[index + k][0] == stem for k, stem in enumerate(name)):
            yield index, index + len(name) - 1


def _longest(spans: list[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for span in sorted(spans, key=lambda mention: (mention.start - mention.end, not mention.whole, mention.start)):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda mention: mention.start)


def _shortened(
    text: str, tokens: tuple[tuple[str, int, int], ...], products: tuple[Product, ...], whole: list[Mention]
) -> list[Mention]:
    """Find the runs of words that only one product's short name begins with or holds, capitalised in the text."""
    names = {product.id: [_stems(texts.short_name) for texts in product.texts.values()] for product in products}
    found_heads = _heads(text, tokens, names, products, whole)
    found = []
    for index, (stem, start, _) in enumerate(tokens):
        if any(mention.start <= start < mention.end for mention in whole):
            continue
        cjk = has_cjk(stem)
        if not cjk and not text[start].isupper():
            continue
        holders = [product for product in products if any(name[:1] == (stem,) for name in names[product.id])]
        found += _extend(tokens, index, holders, names, minimum=2 if cjk else 1)
    return found + found_heads


def _heads(
    text: str,
    tokens: tuple[tuple[str, int, int], ...],
    names: dict[str, list[tuple[str, ...]]],
    products: tuple[Product, ...],
    whole: list[Mention],
) -> list[Mention]:
    """Find what only one product's name ends with or has inside: 'the parka', '雨伞', and model codes such as 'S3'."""
    found = []
    for index, (stem, start, end) in enumerate(tokens):
        if any(mention.start < end and start < mention.end for mention in whole):
            continue
        counted = _COUNTED.search(text[max(0, start - 8) : start].lower()) is not None
        if not (
            counted
            or has_cjk(stem)
            or text[start].isupper()
            or _DETERMINER.search(text[max(0, start - 12) : start].lower())
        ):
            continue
        for last in range(min(index + 5, len(tokens) - 1), index - 1, -1):
            run = tuple(token[0] for token in tokens[index : last + 1])
            if counted and last == index:
                continue
            if text[start : tokens[last][2]].count(" ") > len(run) or not _is_head(run, text[start : tokens[last][2]]):
                continue
            holders = [
                p for p in products if any(_holds_run(name, run, _is_free(p, text[start])) for name in names[p.id])
            ]
            if len(holders) == 1:
                found.append(Mention(start, tokens[last][2], holders[0], whole=False))
                break
    return found


def _is_head(run: tuple[str, ...], written: str) -> bool:
    if has_cjk(run[0]) or has_cjk(run[-1]):
        return len(run) >= 2 and " " not in written
    return len(written) >= 3 or (len(run) == 2 and run[1].isdigit() and " " not in written)


def _is_free(product: Product, first: str) -> bool:
    """Of a product known from an order alone, whose name is a whole title, any word will do."""
    return first.isupper() or (product.category is None and product.price is None)


def _holds_run(name: tuple[str, ...], run: tuple[str, ...], anywhere: bool) -> bool:
    """A run has to end the name unless it is capitalised; measures behind a name don't count."""
    trimmed = name
    while len(trimmed) > 1 and (trimmed[-1].isdigit() or (has_cjk(name[0]) and not has_cjk(trimmed[-1]))):
        trimmed = trimmed[:-1]
    if any(trimmed[-len(run) :] == run and len(trimmed) > len(run) for trimmed in (trimmed, name)):
        return True
    if len(run) == 2 and run[0] == trimmed[-1] and run[1] in "头子儿":
        return True  # '枕头' for a '记忆枕'
    return anywhere and any(name[i : i + len(run)] == run for i in range(len(name)))


def _extend(
    tokens: tuple[tuple[str, int, int], ...],
    index: int,
    holders: list[Product],
    names: dict[str, list[tuple[str, ...]]],
    minimum: int,
) -> list[Mention]:
    """Grow a run from `index` while products remain that hold it in order; the run names one if only one remains."""
    last, rest = index, {p.id: [name[1:] for name in names[p.id] if name[:1] == (tokens[index][0],)] for p in holders}
    remaining = holders
    length = 1
    for position in range(index + 1, min(index + 8, len(tokens))):
        stem, start, _ = tokens[position]
        if start - tokens[position - 1][2] > 1:
            break
        advanced = {p.id: [name[name.index(stem) + 1 :] for name in rest[p.id] if stem in name] for p in remaining}
        if not any(advanced.values()):
            break
        remaining, rest, last, length = [p for p in remaining if advanced[p.id]], advanced, position, length + 1
    if len(remaining) != 1 or length < minimum:
        return []
    return [Mention(tokens[index][1], tokens[last][2], remaining[0], whole=False)]
