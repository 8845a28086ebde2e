"""Whether a product is what a shopper speaks of when they tell their taste: has it in it, or is one."""

from collections.abc import Sequence

from retrieval.schema import Product
from retrieval.understanding.negation import has_excluded
from retrieval.words import fold, is_cjk, plain_words, stem

_DIMINUTIVE = "子"
"""Chinese says 袜子 by itself and 船袜, 运动袜 in a name."""


def concerns(product: Product, subjects: Sequence[str]) -> bool:
    """Tell whether a product has one of some things, or is one."""
    return has_excluded(product, tuple(subjects)) or any(_is_a(product, subject) for subject in subjects)


def _is_a(product: Product, subject: str) -> bool:
    if is_cjk(subject):
        what = fold(subject)
        kind = what.removesuffix(_DIMINUTIVE) or what
        return any(fold(texts.short_name).endswith((what, kind)) for texts in product.texts.values())
    wanted = [stem(word) for word in plain_words(subject)]
    # "No-show socks" deny nothing: what a thing is stands at the end of its name.
    names = [*(texts.short_name for texts in product.texts.values()), product.category or "", product.department or ""]
    return bool(wanted) and any([stem(word) for word in plain_words(name)][-len(wanted) :] == wanted for name in names)
