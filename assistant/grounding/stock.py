"""Stock words: 'in stock' and 'sold out' must be so for the product, or for the variant that is named."""

import re
from collections.abc import Iterator

from assistant.grounding.reading import Reading, Scope
from assistant.grounding.schema import Claim
from assistant.grounding.variants import variants_named
from retrieval.schema import Product

# Above this, 'only a few left' misleads.
FEW = 10
# 'available for $39' offers; that is false only of what is known to be sold out.
_OFFERED = re.compile(r"available\s+(?:for|from|at|as(?!\s+well)|with)(?![a-z])")
_MADE_IN = re.compile(r"available\s+in(?![a-z])")
_PLENTY = re.compile(r"(?<![a-z])(?:plenty|lots|loads|a lot|many)(?: of)?(?![a-z])|充足|很多|大量|足够")
_PLENTY_LEFT = re.compile(
    r"(?<![a-z])(?:plenty|lots|loads) (?:of (?:the|it|them|these|those)|left)(?![a-z])"
    r"|(?:还有|有|剩)(?:很多|大量|不少)(?:现货|库存|存货)|库存(?:还)?(?:有)?(?:很多|充足|很足)"
)
_LAST = re.compile(r"(?<![a-z])(?:the )?last (?:one|pair|piece|set|item)(?![a-z])|最后一")
_NOT_ABOUT_STOCK = re.compile(r"available\s+(?:on our|through|via|to|until|under|24|by|upon|on request)")


def ungrounded_stock(reading: Reading) -> Iterator[Claim]:
    """Yield the stock words that the stock of the product doesn't bear out; unknown stock bears out nothing."""
    words, text = reading.words, reading.stated
    if reading.hedged or words.has("not_stock", text):
        return
    for key, wants in (("restock", "soon"), ("stock_low", "low"), ("stock_out", "none"), ("stock_in", "some")):
        match = words.pattern[key].search(text)
        if match is None:
            continue
        if key == "stock_in" and _is_not_stock(reading, match):
            continue
        # 'The socks are coming back' speaks of a return.
        if key == "restock" and (reading.facts.requested or reading.negated(match.start(), text)):
            continue
        if key == "stock_in" and wants == "some" and _OFFERED.match(text, match.start()):
            wants = "offered"
        if key == "stock_in" and _MADE_IN.match(text, match.start()):
            wants = "made"
        wanted = _turned(wants) if wants in ("some", "none") and reading.negated(match.start(), text) else wants
        if not _holds(reading, match.start(), wanted):
            quoted = reading.quote(match.start(), match.end())
            yield Claim(kind="stock", text=quoted, reason=_reason(reading.scope(match.start()), quoted))
        return
    match = _PLENTY_LEFT.search(text)
    if match and not reading.about_order and not reading.negated(match.start(), text):
        stocks = [stock_of(reading, product, match.start()) for product in reading.scope(match.start()).products]
        if stocks and not any(_fits_words(reading, stock) for stock in stocks):
            quoted = reading.quote(*match.span())
            yield Claim(kind="stock", text=quoted, reason=_reason(reading.scope(match.start()), quoted))


def _is_not_stock(reading: Reading, match: re.Match[str]) -> bool:
    text = reading.stated
    if match.group() == "have it" and (
        reading.about_order or re.search(r"(?:you|should|will|could|would)\s*$", text[: match.start()])
    ):
        return True
    if match.group() == "still in":
        return not text[match.end() :].lstrip().startswith("stock")
    if match.group() == "available":
        if _NOT_ABOUT_STOCK.match(text, match.start()) or (reading.about_order and not reading.mentions):
            return True
        if (
            re.search(r"(?:any|all|following|other|no|are|colou?rs|sizes|options)\s*$", text[: match.start()])
            and not reading.scope(match.start()).products
        ):
            return True
    return reading.not_found and not reading.facts.shown


def _turned(wants: str) -> str:
    return {"some": "none", "none": "some"}[wants]


def _holds(reading: Reading, position: int, wants: str) -> bool:
    scope = reading.scope(position)
    if not scope.products:
        return False
    chosen = [product for product in scope.products if variants_named(reading, product)]
    if chosen and not scope.named:
        scope = Scope(tuple(chosen), scope.need, named=False)
    fits = [
        _fits(stock, wants, _is_part(reading, product))
        and (wants not in ("some", "low") or _fits_words(reading, stock))
        for product in scope.products
        for stock in [stock_of(reading, product, position)]
    ]
    return all(fits) if scope.need == "all" else any(fits)


def stock_of(reading: Reading, product: Product, position: int) -> list[int | None]:
    """Return the stock that the sentence speaks of: of the variants it names, else of the product."""
    clause = reading.clause(position, position)
    before = reading.clause(clause[0] - 1, clause[0] - 1) if clause[0] else clause
    # 'The double is $79, but there's none left': the clause before tells which.
    spans = (clause, before, (0, len(reading.folded)))
    chosen = next((named for span in spans if (named := variants_named(reading, product, *span))), ())
    return [variant.stock for variant in chosen] or [product.stock]


def _fits_words(reading: Reading, stocks: list[int | None]) -> bool:
    """'Plenty' and 'the last one' say more than that there is some."""
    if _PLENTY.search(reading.stated):
        return all(stock is not None and stock > FEW for stock in stocks)
    if _LAST.search(reading.stated):
        return any(stock == 1 for stock in stocks)
    return True


def _is_part(reading: Reading, product: Product) -> bool:
    return 0 < len(variants_named(reading, product)) < len(product.variants)


def _fits(stocks: list[int | None], wants: str, chosen: bool) -> bool:
    if wants == "none":
        return all(stock == 0 for stock in stocks)
    if wants == "low":
        return any(stock is not None and 0 < stock <= FEW for stock in stocks)
    if wants == "made":
        return any(stock != 0 for stock in stocks) or not chosen  # all of its variants are named
    if wants == "offered":
        return any(stock is None or stock > 0 for stock in stocks)
    return wants == "some" and any(stock is not None and stock > 0 for stock in stocks)


def _reason(scope: Scope, quoted: str) -> str:
    known = "; ".join(f"{p.short_name}: {'unknown' if p.stock is None else p.stock}" for p in scope.products[:4])
    return f"'{quoted}' isn't what the results say of the stock" + (f" ({known})." if known else ".")
