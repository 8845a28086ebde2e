"""How a message is typed: in a hurry, politely, with a thumb on a phone. What it means stays the same."""

import random
import re

from finetune.shoppers.grammar import Grammar

_WORD = re.compile(r"[a-z]{5,}")
_NEIGHBOURS = {
    "a": "s", "b": "v", "c": "x", "d": "f", "e": "r", "f": "g", "g": "h", "h": "j", "i": "o", "j": "k", "k": "l",
    "l": "k", "m": "n", "n": "m", "o": "p", "p": "o", "q": "w", "r": "t", "s": "d", "t": "y", "u": "i", "v": "b",
    "w": "e", "x": "c", "y": "u", "z": "x",
}  # fmt: skip


def dressed(text: str, grammar: Grammar, rng: random.Random) -> str:
    """Return the message as somebody would type it: greeting, manners, case, punctuation, a typo."""
    is_chinese = grammar.language == "zh"
    if rng.random() < 0.12:
        text = (
            f"{grammar.pick('hello', rng)}{rng.choice('，,' if is_chinese else ',.!')}{'' if is_chinese else ' '}{text}"
        )
    if rng.random() < 0.12:
        text = f"{text}{'，' if is_chinese else rng.choice([' ', ', '])}{grammar.pick('please', rng)}"
    if is_chinese:
        end = "" if text[-1] in "？?。！" else rng.choice(["", "", "", "。", "？", "！", "??", "~"])
        return text + end
    if rng.random() < 0.12:
        text = _mistyped(text, rng)
    return _punctuated(_cased(text, rng), rng)


def _mistyped(text: str, rng: random.Random) -> str:
    """Return the text with one word mistyped: a letter left out, doubled, swapped, or its neighbour's."""
    words = list(_WORD.finditer(text))
    if not words:
        return text
    word = rng.choice(words)
    position = rng.randrange(word.start() + 1, word.end() - 1)
    letter, following = text[position], text[position + 1]
    replaced = rng.choice([following, letter * 2 + following, following + letter, _NEIGHBOURS[letter] + following])
    return text[:position] + replaced + text[position + 2 :]


def _cased(text: str, rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.45:
        return text[0].upper() + re.sub(r"\bi\b", "I", text[1:])
    return text.upper() if kind > 0.97 else text


def _punctuated(text: str, rng: random.Random) -> str:
    if not text[-1].isalnum():
        return text
    return text + rng.choice(["", "", "", ".", "?", "!", "...", "??", " :)"])
