"""Sentences out of a stream of text, as soon as each is complete."""

import re

from assistant.grounding.words import load_words

_STOPS = "。！？!?…"
_CLOSERS = "\"'”’」』）)】*_`"
_LAST_WORD = re.compile(r"([^\W_][\w.]*)$")
_LIST_NUMBER = re.compile(r"^\s*(?:[-*•>#]\s*)*\(?\d{1,2}$")
_MEASURED = re.compile(r"(?:\d|[Ss]izes?|[Oo]r|[Aa]nd)\s*\w$")


class SentenceStream:
    """Cuts a stream into sentences. The pieces, joined, equal what was fed: whitespace stays with the sentence before.

    A sentence ends at a full stop with white space behind it, at '!', '?', their Chinese forms, and at a line's end.
    A point in '$12.50', 'e.g.', 'No. 3' or '1.' at a line's start ends none.
    """

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, delta: str) -> list[str]:
        """Take the next piece of text and return the sentences that it completes."""
        self._rest += delta
        sentences = []
        while (end := _end_of_sentence(self._rest, final=False)) is not None:
            sentences.append(self._rest[:end])
            self._rest = self._rest[end:]
        return sentences

    def flush(self) -> list[str]:
        """Return what is left as sentences; the stream is then empty."""
        sentences = []
        while (end := _end_of_sentence(self._rest, final=True)) is not None:
            sentences.append(self._rest[:end])
            self._rest = self._rest[end:]
        rest, self._rest = self._rest, ""
        return [*sentences, rest] if rest else sentences


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a whole text; joined they equal it."""
    stream = SentenceStream()
    return stream.feed(text) + stream.flush()


def _end_of_sentence(text: str, *, final: bool) -> int | None:
    """Return where the first sentence ends, its white space included; None if it may go on."""
    for index, sign in enumerate(text):
        if sign == "\n" and text[:index].strip():
            return _after_space(text, index, final=final)
        if sign in _STOPS or (sign == "." and _is_full_stop(text, index)):
            end = _after_closers(text, index + 1)
            if end == len(text):
                return None
            if sign in "。！？" or text[end].isspace() or (sign in "!?…" and not text[end].isascii()):
                return _after_space(text, end, final=final)
    return None


def _after_closers(text: str, index: int) -> int:
    while index < len(text) and (text[index] in _CLOSERS or text[index] in _STOPS or text[index] == "."):
        index += 1
    return index


def _after_space(text: str, index: int, *, final: bool) -> int | None:
    end = index
    while end < len(text) and text[end].isspace():
        end += 1
    # More white space may still come; it belongs to this sentence, but nobody should wait for it at a line's end.
    if end == len(text) and not final and end == index:
        return None
    return end


def _is_full_stop(text: str, index: int) -> bool:
    before = text[:index]
    line = before.rsplit("\n", 1)[-1]
    if _LIST_NUMBER.match(line) or text[index + 1 : index + 2].isalnum():
        return False
    match = _LAST_WORD.search(before)
    word = match.group(1).lower() if match else ""
    if word in ("no", "nr"):
        return not re.match(r"\.\s*\d", text[index:]) and (len(text) > index + 2 or text[index:].strip(". ") != "")
    # 'J. Smith', but '900 g.' and 'size M.' end their sentence.
    initial = match is not None and re.fullmatch(r"[A-Z]", match.group(1)) and not _MEASURED.search(before)
    return word not in load_words().sets["abbreviations"] and (not initial or word == "i")
