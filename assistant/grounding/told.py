"""What tools tell of carts, deliveries and sizes, as passages: sentences are compared with them as with policies."""

from collections.abc import Iterator, Sequence

from assistant.schema import CartShown, DeliveryEstimated, Passage, SizeAdvised, ToolResult
from assistant.telling.shopping_replies import cart_sentences, delivery_reply, piece_of, size_reply

_LANGUAGES = ("en", "zh")


def told_passages(results: Sequence[ToolResult]) -> Iterator[Passage]:
    """Yield the passages of the newest cart, and of each delivery and size, in every language that is spoken."""
    carts = [result for result in results if isinstance(result, CartShown)]
    for language in _LANGUAGES:
        for result in results:
            match result:
                case CartShown() if result is carts[-1]:
                    yield Passage(source="cart", title=_TITLES["cart"][language], text=_cart(result, language))
                case DeliveryEstimated():
                    where = f"{result.postcode} {result.country}"
                    text = f"{delivery_reply(result, language)}\n{where}"
                    yield Passage(source="delivery", title=_TITLES["delivery"][language], text=text)
                case SizeAdvised():
                    text = f"{size_reply(result, language)}\n{_sizes(result)}"
                    yield Passage(source="sizes", title=_TITLES["sizes"][language], text=text)
                case _:
                    pass


_TITLES = {
    "cart": {"en": "Cart", "zh": "购物车"},
    "delivery": {"en": "Delivery", "zh": "配送"},
    "sizes": {"en": "Sizes", "zh": "尺码"},
}


def _cart(result: CartShown, language: str) -> str:
    cart = result.cart
    lines = [f"{piece_of(line, language)}: {line.price}" for line in cart.lines]
    sentences = [sentence for sentence, _ in cart_sentences(result, language)]
    return "\n".join([*sentences, *lines, str(cart.pieces), cart.coupon or ""])


def _sizes(result: SizeAdvised) -> str:
    return "\n".join([*result.sizes, result.usual_size or "", *result.guide.values()])
