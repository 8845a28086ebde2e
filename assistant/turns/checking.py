"""Every sentence of the model's, checked before the customer reads it."""

from collections.abc import Iterator, Sequence

from assistant.grounding import Grounder
from assistant.schema import Event, Evidence
from assistant.turns.confirming import asking
from assistant.turns.repetition import is_no_answer
from assistant.turns.turn import ERROR, Turn, customer_texts

_OURS = (ERROR, "(Rule ")
"""Marks of what is said to the model alone."""


def check(grounder: Grounder, turn: Turn, sentences: Sequence[str]) -> Iterator[Event]:
    """Show what has evidence; hold back what hasn't, and what was said already."""
    conversation = turn.conversation
    for sentence in sentences:
        if not turn.results and is_no_answer(sentence, conversation.messages):
            turn.no_answer = True
            continue
        evidence = Evidence(results=tuple(conversation.results), customer_texts=customer_texts(conversation))
        verdict = grounder.check(sentence, evidence, turn.focus)
        reasons = "; ".join(claim.reason for claim in verdict.claims_without_evidence)
        if any(mark in sentence for mark in _OURS) or turn.parrots_its_note(sentence):
            reasons = "That was said to you, and is no sentence for the customer."
        if reasons:
            turn.hold_back(sentence, reasons)
        elif sentence.strip().startswith(asking(conversation.language)):
            # Only code asks for a yes: to the model's own question it would change nothing.
            turn.hold_back(sentence, "Nothing waits for a yes. Call the tool.")
        elif turn.results and not turn.answer and sentence.rstrip().endswith(("?", "？")):
            # 'Shall I narrow it down?' comes behind what was found, whoever tells that.
            turn.put_off = turn.put_off or sentence.strip()
        elif sentence.strip() not in turn.text or not sentence.strip():
            turn.focus = verdict.focus
            turn.sentences += bool(sentence.strip())
            yield turn.say(sentence if sentence[:1].isspace() else turn.gap() + sentence)


def is_whole(sentence: str) -> bool:
    """Tell whether the last sentence was finished, and not cut off where the tokens ran out."""
    return sentence.rstrip(" *_)\"'”’）」\n").endswith((".", "!", "?", ":", "。", "！", "？", "：", "…"))


def why_held_back(held_back: Sequence[str]) -> str:
    """Return what the model is told of the sentences that weren't shown."""
    reasons = " ".join(held_back[-2:])
    return f"Not shown, because the tools say nothing of it: {reasons}. Reply again with only what the tools returned."
