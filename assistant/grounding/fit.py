"""How something fits, and which size to take: only what a size advice, a description or a customer says."""

import re
from collections.abc import Iterator

from assistant.grounding.product_facts import corpus, reviews_of
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.schema import SizeAdvised

_WAYS: dict[str, re.Pattern[str]] = {
    "small": re.compile(
        r"(?<![a-z])(?:runs?|fits?|comes? up|turns? out|feels?) (?:a (?:bit|little) |rather |quite |very |on the )?"
        r"(?:small|tight|narrow|snug)(?![a-z])|(?<![a-z])(?:(?:one|a|half a) )?size (?:up|bigger|larger)(?![a-z])"
        r"|(?<![a-z])(?:next|larger|bigger) size(?: up)?(?![a-z])|(?<![a-z])siz(?:e|ing) up(?![a-z])"
        r"|偏小|偏紧|[大加]一[码号]|[选买拍]大(?:一)?[码号]"
    ),
    "large": re.compile(
        r"(?<![a-z])(?:runs?|fits?|comes? up|turns? out|feels?) (?:a (?:bit|little) |rather |quite |very |on the )?"
        r"(?:large|big|wide|loose|roomy|generous)(?![a-z])"
        r"|(?<![a-z])(?:(?:one|a|half a) )?size (?:down|smaller)(?![a-z])|(?<![a-z])smaller size(?![a-z])"
        r"|(?<![a-z])siz(?:e|ing) down(?![a-z])"
        r"|偏大|偏松|小一[码号]|[选买拍]小(?:一)?[码号]"
    ),
    "true": re.compile(
        r"(?<![a-z])true to (?:its |their )?size(?![a-z])|(?<![a-z])(?:your|the) usual size(?![a-z])|正码|标准码"
        r"|(?:平时|平常|一贯)的?(?:尺码|码数|码)"
    ),
}


def ungrounded_fits(reading: Reading) -> Iterator[Claim]:
    """Yield what is said of a fit without anything that tells it."""
    if reading.hedged:
        return
    for way, pattern in _WAYS.items():
        for match in pattern.finditer(reading.stated):
            if not _holds(reading, way, match):
                text = reading.quote(*match.span())
                reason = f"No tool result says '{text}' of how it fits. Ask advise_size, or leave it out."
                yield Claim(kind="fit", text=text, reason=reason)
                return


def _holds(reading: Reading, way: str, match: re.Match[str]) -> bool:
    advised = [result for result in reading.facts.evidence.results if isinstance(result, SizeAdvised)]
    if advised:
        if advised[-1].usual_size and way == "true" and "usual" in match.group():
            return True
        fits = advised[-1].fit == way
        return fits != reading.negated(match.start(), reading.stated)
    if reading.negated(match.start(), reading.stated):
        return False
    texts = [f"{corpus(product)}\n{reviews_of(product)}" for product in reading.scope(match.start()).products]
    return any(_WAYS[way].search(text) for text in texts)
