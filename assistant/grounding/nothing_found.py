"""What is offered although the search for it found nothing: "Yes, we sell car tyres." """

from collections.abc import Iterator

from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.schema import ProductsFound


def offers_of_nothing(reading: Reading) -> Iterator[Claim]:
    """Yield the claim that the shop has something, where the latest result is a search that found nothing."""
    results = reading.facts.evidence.results
    latest = results[-1] if results else None
    if not isinstance(latest, ProductsFound) or latest.products or reading.mentions:
        return
    match = reading.words.pattern["sells"].search(reading.stated)
    if match and not reading.words.has("negation", reading.stated):
        reason = "The search found nothing of the kind."
        yield Claim(kind="stock", text=reading.quote(match.start(), match.end()), reason=reason)
