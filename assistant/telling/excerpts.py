"""The sentences of a policy that answer a question: whole ones, no more than a reply can hold."""

from collections.abc import Sequence

from assistant.grounding.stream import split_sentences
from assistant.schema import Passage, PoliciesFound
from retrieval.words import terms

_LONGEST = 320
"""Characters of a passage that are quoted."""
_SHORT_WORD = 4


def best_excerpt(found: PoliciesFound) -> tuple[Passage, str]:
    """Return the passage that says most of the question, the first of several, and what to quote of it."""
    pairs = [(passage, _excerpt(passage.text, found.question)) for passage in found.passages]
    return max(pairs, key=lambda pair: _overlap(f"{pair[0].title} {pair[1]}", found.question))


def _excerpt(text: str, question: str) -> str:
    """Return whole sentences that fit: from the start, unless later ones say clearly more of the question."""
    sentences = split_sentences(" ".join(text.split()))
    runs = ["".join(_fitting(sentences[start:])).strip() for start in range(len(sentences))] or [""]
    best = max(runs, key=lambda run: _overlap(run, question))
    return best if _overlap(best, question) > _overlap(runs[0], question) + 1 else runs[0]


def _fitting(sentences: Sequence[str]) -> list[str]:
    """Return the first sentences that fit together; always one."""
    kept = list(sentences[:1])
    for sentence in sentences[1:]:
        if len("".join(kept)) + len(sentence) > _LONGEST:
            break
        kept.append(sentence)
    # A policy's question without its answer leaves the customer hanging.
    while len(kept) > 1 and kept[-1].rstrip().endswith(("?", "？")):
        kept.pop()
    return kept


def _overlap(text: str, question: str) -> int:
    """Return how many different words of the question the text has; short words, and single characters, don't count."""
    asked = {term for term in terms(question) if len(term) >= (_SHORT_WORD if term.isascii() else 2)}
    return len(asked & set(terms(text)))
