"""What the customer asked for, step by step: a small model fills one slot at a time, and code remembers the rest.

A call of a writing tool that lacks something becomes an errand: the tool, the arguments that are known, and the one
that is missing. Code asks for it. If the next message answers, it goes into that slot and the change is proposed
without asking the model; if it doesn't, the model reads it like any other. Of several changes in one message the later
ones wait as errands for the end of the first. It works on the tools' schemas and errors alone, for any tool.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from assistant.errors import Missing
from assistant.grounding.numbers import quantities, values
from assistant.grounding.text import fold
from assistant.listening.several import is_question
from assistant.schema import Errand, ToolCall, ToolSpec
from assistant.telling.phrases import has_phrase, phrase, phrase_list

_LONGEST = 80
"""Characters of a message that may be a bare answer."""
_CODE = re.compile(r"#?[A-Za-z]{0,4}\d[A-Za-z0-9-]*")
_AND = re.compile(r"\s*(?:,|;|、|，|；|\band\b|\bund\b|\bet\b|\by\b|和|还有)\s*")
_CHOICES = 6


def errand_of(call: ToolCall, missing: Missing | None = None) -> Errand:
    """Return the errand that a call stands for; what is missing, or was wrong, isn't known."""
    if missing is None:
        return Errand(tool=call.name, known=call.arguments)
    known = {name: value for name, value in call.arguments.items() if name != missing.argument or missing.item}
    known |= missing.known
    return Errand(tool=call.name, known=known, missing=missing.argument, item=missing.item)


def gets_on(errand: Errand, arguments: Mapping[str, Any], missing: Missing | None) -> bool:
    """Tell whether something else is missing after an answer than before it, or more is known."""
    if missing is None:
        return False
    known = missing.known.get(missing.argument), errand.known.get(missing.argument)
    others = {name: value for name, value in arguments.items() if name != errand.missing}
    before = {name: value for name, value in errand.known.items() if name != errand.missing}
    return missing.argument != errand.missing or known[0] != known[1] or others != before


def answered(errand: Errand, answer: str, spec: ToolSpec) -> dict[str, Any] | None:
    """Return the errand's arguments with the customer's answer in them; None where it cannot be a bare answer."""
    text = answer.strip().rstrip(".!。！")
    if errand.missing is None or not text or len(text) > _LONGEST or is_question(answer):
        return None
    schema = spec.parameters["properties"][errand.missing]
    value: Any = text
    if errand.missing == "order_id":
        code = _CODE.search(text)
        if code is None:
            return None
        value = code[0]
    elif schema["type"] == "array":
        value = [part for part in _AND.split(text) if part]
    elif schema["type"] == "object":
        if errand.item is None:
            return None
        value = {**errand.known.get(errand.missing, {}), errand.item: text}
    elif schema["type"] == "integer":
        value = next((int(number) for number in values(text) if number == int(number)), None)
        if value is None:
            return None
    elif errand.item is not None:
        # 'red', and then 'size 9'.
        value = f"{errand.known.get(errand.missing) or ''} {text}".strip()
    elif schema["type"] != "string":
        return None
    return {**errand.known, errand.missing: value}


def recounted(errand: Errand, answer: str, spec: ToolSpec) -> dict[str, Any] | None:
    """Return the errand's arguments with another number of pieces, where the message says that alone: 'make it 2'.

    It leaves open what was asked for, so that this is asked once more.
    """
    counts = [name for name, schema in spec.parameters["properties"].items() if schema["type"] == "integer"]
    folded = fold(answer)
    numbers = quantities(folded)
    if len(counts) != 1 or len(numbers) != 1 or is_question(answer):
        return None
    (number,) = numbers
    rest = f"{folded[: number.start]} {folded[number.end :]}"
    fillers = sorted(
        (*phrase_list("around_a_count", "en"), *phrase_list("around_a_count", "zh")), key=len, reverse=True
    )
    for filler in fillers:
        rest = re.sub(rf"\b{re.escape(filler)}\b" if filler.isascii() else filler, " ", rest)
    if number.value != int(number.value) or number.value < 1 or any(sign.isalnum() for sign in rest):
        return None
    return {**errand.known, counts[0]: int(number.value)}


def completed(errands: Iterable[Errand], call: ToolCall) -> ToolCall:
    """Return the call with what is known of the same errand: a small model gives only what was said last."""
    for errand in errands:
        if errand.tool == call.name:
            return call.model_copy(update={"arguments": {**errand.known, **call.arguments}})
    return call


def question(missing: Missing, language: str) -> str:
    """Return what the customer is asked, in words that fit the argument."""
    name = "ask_what" if missing.argument == "changes" and missing.item is None else f"ask_{missing.argument}"
    name = name if has_phrase(name) else "ask_more"
    choices = phrase("list_comma", language).join(missing.choices[:_CHOICES])
    if choices:
        return phrase(name, language, item=missing.item or "") + phrase("ask_choices", language, choices=choices)
    return phrase(name, language, item=missing.item or "")
