"""A value that stands with another product and not with this one: '电箱琴附调音器', where only the other has a tuner.

English words are told apart by `coverage.py`; Chinese has no spaces, so the shop's own values are looked for whole.
"""

import re
from collections.abc import Iterator

from assistant.grounding.product_facts import corpus, product_attributes
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold, has_cjk
from retrieval.schema import Product

_ITEM = re.compile(r"[、,，/;；和与及()（）\s]+")


def swapped_values(reading: Reading) -> Iterator[Claim]:
    """Yield the attribute values of other products that the named product hasn't."""
    named = {mention.product.id: mention.product for mention in reading.mentions}
    if reading.language != "zh" or len(named) != 1 or reading.hedged or reading.words.has("than", reading.folded):
        return
    (product,) = named.values()
    own = corpus(product)
    for item in {item for other in reading.facts.products.values() if other.id not in named for item in _items(other)}:
        place = reading.stated.find(item)
        if place < 0 or item in own or item in reading.words.no | reading.words.yes:
            continue
        if reading.group_at(place) and not reading.negated(place, reading.stated):
            yield Claim(kind="attribute", text=item, reason=f"The results don't say '{item}' of this product.")
            return


def _items(product: Product) -> Iterator[str]:
    for _, value in product_attributes(product):
        for item in _ITEM.split(fold(value)):
            if has_cjk(item) and 2 <= len(item) <= 6 and not any(sign.isdigit() for sign in item):
                yield item
