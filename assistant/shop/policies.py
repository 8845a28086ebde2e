"""The shop's policies: Markdown files by language, cut at their headings, and found by their words."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import bm25s

from assistant.errors import RecordsError
from assistant.schema import LanguageCode, Passage
from assistant.shop.policy_answers import PolicyAnswers
from retrieval.words import guess_language, terms

_FALLBACK = "en"
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
# A passage's headings say what it is about, so their words count as often as this.
_HEADING_WEIGHT = 3
_OTHERWISE_WEIGHT = 0.5
# Added for each word of the question that the policy's own title has, and again for its first section: a policy states
# its rule first and its exceptions after. Chosen on half of tests/assistant/shop/policy_questions.yaml.
_OF_ITS_TITLE = 0.6
_RULE_FIRST = 0.3
_ITS_HEADING = 2.0
"""Added to a passage whose own heading stands in the question word by word."""
# Who asks what isn't so asks for the exceptions.
_DENIES = re.compile(r"n't\b|\b(?:not|never|except|excluded)\b|不|除了")


class Policies:
    """The policies in a folder with one folder a language: <folder>/en/returns.md and so on.

    When an import has put another folder in its place, they are read anew.
    """

    def __init__(self, folder: Path) -> None:
        """Read every policy; a file that isn't UTF-8 text is a RecordsError. A missing folder holds no policies."""
        self._folder = folder
        self._read()

    @property
    def passages(self) -> dict[LanguageCode, tuple[Passage, ...]]:
        """All passages, by language, in the order of their files."""
        return {language: index.passages for language, index in self._current().items()}

    def search(self, question: str, language: str, k: int = 2) -> list[Passage]:
        """Return at most `k` passages that share words with the question, best first.

        They come in the language where the shop has an answer in it, else in the question's own, else in English.
        """
        languages = dict.fromkeys((language, guess_language(question), _FALLBACK))
        current = self._current()
        indexes = (current[name] for name in languages if name in current)
        return next((found for index in indexes if (found := index.search(question, k))), [])

    def answer(self, question: str, passage: Passage) -> str:
        """Return the sentences of a passage that answer the question, two or three at most."""
        # An import may have replaced the policies since the passage was found; its opening is still what was said.
        indexes = (index for index in self._current().values() if passage in index.passages)
        index = next(indexes, None) or _Index("", (passage,))
        return index.answer(question, passage)

    def _current(self) -> "dict[str, _Index]":
        # A folder on its way into place leaves nothing for a moment; then the ones in memory will do.
        if _stamp(self._folder) not in (None, self._stamp):
            self._read()
        return self._indexes

    def _read(self) -> None:
        while True:
            stamp = _stamp(self._folder)
            folder = self._folder if stamp else before_folder(self._folder)
            try:
                indexes = _read_folder(folder)
            except RecordsError:
                if _stamp(self._folder) == stamp:
                    raise
                continue
            # An import may have swapped the folder while it was read.
            if _stamp(self._folder) == stamp:
                self._indexes, self._stamp = indexes, stamp
                return


def before_folder(folder: Path) -> Path:
    """Return where an import puts the earlier policies while the new ones are not in place yet."""
    return folder.with_name(f".{folder.name}-before")


def split_policy(source: str, text: str) -> list[Passage]:
    """Cut a policy at its '##' headings; a passage's title is the policy's and its own heading."""
    head, *sections = re.split(r"^##[ \t]+", text, flags=re.MULTILINE)
    name, intro = _title_and_rest(head)
    name = name.lstrip("# ") or source
    parts = [_title_and_rest(section) for section in sections]
    passages = [Passage(source=source, title=f"{name}: {title}", text=body) for title, body in parts if body]
    return [Passage(source=source, title=name, text=intro), *passages] if intro else passages


def _title_and_rest(text: str) -> tuple[str, str]:
    title, _, rest = text.strip().partition("\n")
    return title.strip(), rest.strip()


def _stamp(folder: Path) -> tuple[int, int] | None:
    """Return what tells one folder in a place from the next one there."""
    try:
        found = folder.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_ctime_ns


def _read_folder(folder: Path) -> "dict[str, _Index]":
    languages = sorted(path for path in folder.glob("*") if path.is_dir())
    indexes = {path.name: _Index(path.name, _read_language(path)) for path in languages}
    return {language: index for language, index in indexes.items() if index.passages}


def _read_language(folder: Path) -> list[Passage]:
    return [passage for path in sorted(folder.glob("*.md")) for passage in split_policy(path.stem, _read(path))]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordsError(f"The policy {path} cannot be read: {error}. Save it as UTF-8 text.") from error


class _Index:
    """BM25 over the passages of one language."""

    def __init__(self, language: str, passages: Sequence[Passage]) -> None:
        self.passages = tuple(passages)
        self._titles = [set(terms(passage.title.partition(": ")[0])) for passage in passages]
        self._headings = [" ".join(terms(passage.title.partition(": ")[2])) for passage in passages]
        self._first = {passage.source: place for place, passage in reversed(list(enumerate(passages)))}
        self._question = _Question(language)
        self._answers = PolicyAnswers(passages)
        self._bm25 = bm25s.BM25()
        if passages:
            self._bm25.index([_terms_of(passage) for passage in passages], show_progress=False)

    def search(self, question: str, k: int) -> list[Passage]:
        known = self._bm25.vocab_dict
        scores = [0.0] * len(self.passages)
        rule = _DENIES.search(question.casefold().replace("\u2019", "'")) is None
        for word, weight in self._question.weights(question).items():
            if word in known:
                for place, score in enumerate(self._bm25.get_scores([word])):
                    scores[place] += weight * float(score) + (self._of_title(place, word, rule) if weight == 1 else 0)
        asked = " ".join(terms(question))
        for place, heading in enumerate(self._headings):
            scores[place] += _ITS_HEADING * (bool(heading) and f" {heading} " in f" {asked} ")
        best = sorted(range(len(scores)), key=lambda place: -scores[place])[:k]
        return [self.passages[place] for place in best if scores[place] > 0]

    def answer(self, question: str, passage: Passage) -> str:
        return self._answers.answer(passage, self._question.weights(question))

    def _of_title(self, place: int, word: str, rule: bool) -> float:
        """Return what a word of the question adds to a passage whose policy it names; more where that is the rule."""
        if word not in self._titles[place]:
            return 0.0
        is_first = self._first[self.passages[place].source] == place
        return _OF_ITS_TITLE + (_RULE_FIRST if rule and is_first else 0)


def _terms_of(passage: Passage) -> list[str]:
    return terms(f"{passage.title}\n" * _HEADING_WEIGHT + passage.text)


class _Question:
    """How the shoppers of one language ask."""

    def __init__(self, language: str) -> None:
        table = _word_table().get(language, {})
        self._too_common: list[str] = table.get("too_common", "").split()
        self._otherwise: dict[str, str] = table.get("otherwise", {})

    def weights(self, question: str) -> dict[str, float]:
        """Return the question's terms, each with its weight; how shops would say it counts less."""
        question = question.casefold().replace("\u2019", "'")
        weights = dict.fromkeys(terms(_without(question, self._too_common)), 1.0)
        for asked, meant in self._otherwise.items():
            if _mentions(question, asked):
                weights = dict.fromkeys(terms(meant), _OTHERWISE_WEIGHT) | weights
        return weights


@cache
def _word_table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("policy_words.toml").read_text(encoding="utf-8"))


def _without(question: str, words: Sequence[str]) -> str:
    for word in words:
        question = re.sub(_pattern(word), " ", question)
    return question


def _mentions(question: str, phrase: str) -> bool:
    return re.search(_pattern(phrase), question) is not None


def _pattern(phrase: str) -> str:
    # Chinese has no spaces, so any place in a run of characters will do there.
    return re.escape(phrase) if _CHINESE.search(phrase) else rf"\b{re.escape(phrase)}\b"
