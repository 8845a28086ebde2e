"""Several requests in one message: the model gets them one by one, as a small one forgets all but the first.

A message is cut where one request ends and a question, or another matter ('also', 另外), begins. Only how sentences are
built counts, not what they ask for; what tells something stays with its request. The list of what was asked for is the
conversation's (`Conversation.requests`), so that what comes behind a change is gone on with after the customer's yes.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources

from assistant.listening.languages import language_of
from assistant.schema import Conversation, Message, Request

_MOST = 3
_SENTENCE = re.compile(r"[^.?!。？！;；\n]+[.?!。？！;；\n]*(?:(?<=\d\.)\d[^.?!。？！;；\n]*[.?!。？！;；\n]*)*")
_CLAUSE = {
    "en": re.compile(r",\s*(?:and\s+|but\s+)?|\s+(?:and|but)\s+|\s+(?=(?:also|plus)\s)", re.IGNORECASE),
    "zh": re.compile(r"[，,、]|\s+"),
}
_AND = re.compile(r"^(?:and|but)\s+", re.IGNORECASE)
_WORD = re.compile(r"[\w'’]+")
_FEWEST_WORDS, _FEWEST_SIGNS = 3, 4
"""A question of fewer words, or Chinese characters, asks nothing on its own: 'Why not?', 多少钱."""
_INVERTED_WITHIN = 4
"""Words behind an asking word in which the verb of a question comes: 'how long does', 'which of them is'."""


def note_requests(conversation: Conversation) -> None:
    """List what the newest message asks for, where it is more than one thing; what was listed before is dropped."""
    first, *others = requests_in(conversation.messages[-1].content)
    if others:
        begun = Request(text=first, place=len(conversation.messages) - 1)
        conversation.requests = [begun, *(Request(text=text) for text in others)]
    else:
        conversation.requests = []


def begin_next(conversation: Conversation) -> bool:
    """Turn to the next of the requests; tell whether there is one."""
    waiting = [number for number, request in enumerate(conversation.requests) if request.place is None]
    if not waiting:
        return False
    request = conversation.requests[waiting[0]]
    conversation.requests[waiting[0]] = request.model_copy(update={"place": len(conversation.messages)})
    return True


def request_under_way(conversation: Conversation) -> str | None:
    """Return the one of several requests that is being answered; None where a message asks for one thing."""
    begun = [request for request in conversation.requests if request.place is not None]
    newest = max((place for place, message in enumerate(conversation.messages) if message.role == "user"), default=-1)
    # The first one stands at its message, the others behind it; a newer message ends them all.
    current = begun and begun[-1].place is not None and begun[-1].place >= newest + (len(begun) > 1)
    return begun[-1].text if current else None


def as_read(conversation: Conversation) -> list[Message]:
    """Return the record as the model reads it: each of several requests as a message of its own, before its answer."""
    messages = list(conversation.messages)
    for request in reversed(conversation.requests[1:]):
        if request.place is not None:
            messages.insert(request.place, Message(role="user", content=request.text))
    for request in conversation.requests[:1]:
        assert request.place is not None  # the first one is begun at once, by the message that holds them all
        messages[request.place] = messages[request.place].model_copy(update={"content": request.text})
    return messages


def requests_in(message: str) -> list[str]:
    """Return the requests in a message, in order, nothing left out; one of them: the whole message."""
    language = language_of(message, "en")
    parts: list[str] = []
    asks = wishes = False
    for piece, begins_sentence in _pieces(message, language):
        question = _is_question(piece, language)
        # 'I need boots. Do you have some in red?' is one request; 'Show me boots, and do you ship to Spain?' is two.
        goes_on = asks or (wishes and _AND.match(piece.lstrip(" ,")) is not None)
        another = (asks or wishes) and _begins_with(piece, _words(language, "another"))
        if len(parts) in range(1, _MOST) and (another or (question and goes_on)):
            parts.append(piece)
            asks = wishes = False
        elif parts:
            parts[-1] += piece
        else:
            parts.append(piece)
        # 'And for shoes?' asks, though no word in it does.
        asks = asks or question or piece.rstrip().endswith(("?", "？"))
        wishes = wishes or _is_wish(piece, language, begins_sentence)
    cleaned = [_AND.sub("", part.strip(" ,，、\n")) for part in parts]
    return [part for part in cleaned if part] or [message]


def is_question(message: str) -> bool:
    """Tell whether a message asks something, with or without its sign: 'is it washable', 有货吗."""
    language = language_of(message, "en")
    if message.rstrip().endswith(("?", "？")):
        return True
    if language == "zh":
        return any(word in message for word in _words("zh", "question"))
    # 'What sizes' asks nothing beside a request, but all alone it does.
    if _own_words(message)[:1] and _own_words(message)[0] in _words("en", "asking"):
        return True
    return any(_is_question(piece, language) for piece, _ in _pieces(message, language))


def _pieces(message: str, language: str) -> Iterator[tuple[str, bool]]:
    """Yield the message's clauses with what stands between them, and whether each is the first of its sentence."""
    for sentence in _SENTENCE.finditer(message):
        start = 0
        for gap in _CLAUSE[language].finditer(sentence[0]):
            if gap.start() > start:
                yield sentence[0][start : gap.start()], start == 0
                start = gap.start()
        yield sentence[0][start:], start == 0


def _is_question(piece: str, language: str) -> bool:
    """Tell whether a clause asks something by itself."""
    if language == "zh":
        signs = [sign for sign in piece if sign.isalnum()]
        return len(signs) >= _FEWEST_SIGNS and any(word in piece for word in _words("zh", "question"))
    words = _own_words(piece)
    if len(words) < _FEWEST_WORDS:
        return False
    if piece.lstrip(" ,").startswith("¿") or _begins_with(" ".join(words), _words("en", "asking_alone")):
        return True
    auxiliary, subject = _words("en", "auxiliary"), _words("en", "subject")
    if words[0] in auxiliary:
        return words[1] in subject or piece.rstrip().endswith("?")
    behind = next(
        (word for word in words[1:_INVERTED_WITHIN] if word in auxiliary or word in _words("en", "pronoun")), ""
    )
    return words[0] in _words("en", "asking") and behind in auxiliary


def _is_wish(piece: str, language: str, begins_sentence: bool) -> bool:
    """Tell whether a clause asks for something without a question: 'Show me tents', 'I'd like …'."""
    if language == "zh":
        return any(word in piece for word in _words("zh", "wish"))
    words = _own_words(piece)
    if _begins_with(" ".join(words), _words("en", "wish")):
        return True
    return begins_sentence and len(words) > 1 and words[0] not in _words("en", "telling")


def _own_words(piece: str) -> list[str]:
    """Return a clause's words without the greeting and the 'and' before it."""
    words = [word.replace("’", "'") for word in _WORD.findall(piece.casefold())]
    greetings = {word for phrase in _words("en", "greeting") for word in phrase.split()}
    while words and words[0] in greetings:
        words = words[1:]
    return words


def _begins_with(piece: str, openings: Sequence[str]) -> bool:
    text = " ".join(_WORD.findall(piece.casefold())) if piece.isascii() else piece.strip(" ,，、。？！")
    text = text.removeprefix("and ")
    return any(text == each or text.startswith(each if not each.isascii() else f"{each} ") for each in openings)


@cache
def _words(language: str, kind: str) -> tuple[str, ...]:
    text = resources.files("assistant.listening").joinpath("several.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)[language][kind])
