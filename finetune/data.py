"""The training set of the chat model: read, checked against the tools, cut into tokens, packed.

Many talks share one pack behind one system prompt: each sees the prompt and itself, and its positions go on from the
prompt's end. So the prompt, longer than most talks, is computed once for dozens of them.
"""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from torch.nn.functional import cross_entropy

from assistant.chat_models.tool_format import answer_text, render_chat
from assistant.schema import Message, ToolSpec
from assistant.tools import ALL_TOOLS, specs_of
from finetune.errors import TrainingDataError

Encode = Callable[[str], list[int]]
_FIRST = 5
_OPENED_BY = '{"'
"""What opens a call. The base never learned the token that its template has for it: that one lies among thousands of
others that nothing was ever learned of, and cannot be told from them (finetune/LOG.md). The engine takes this for the
beginning of a call, and writes the template's tag before it itself.
"""
_FIRST_TOKEN, _CALL, _WORDS = 3.0, 1.0, 0.5
"""What a token counts: with its first one an answer decides between a tool and words; words may be had in many ways."""
_ROW = 256
"""Least tokens of a row: short enough that little is computed of what a token mustn't read."""


@dataclass(frozen=True)
class Talk:
    """One talk as tokens behind its prompt. `learned[i]`: how much token i counts, 0 where the model only reads it.

    `instead` maps the places of tokens to what is to be written there instead of what is read there afterwards.
    """

    known: bool
    tokens: tuple[int, ...]
    learned: tuple[float, ...]
    instead: Mapping[int, int] = field(default_factory=dict)

    def target(self, place: int) -> int:
        """Return the token that is to be written at a place."""
        return self.instead.get(place, self.tokens[place])

    def opening(self) -> "Talk":
        """Return the talk up to the first token to be written: whether an answer opens as a call or as words."""
        end = 1 + next(place for place, counts in enumerate(self.learned) if counts)
        instead = {place: token for place, token in self.instead.items() if place < end}
        return Talk(self.known, self.tokens[:end], self.learned[:end], instead)


@dataclass(frozen=True)
class Group:
    """Talks of one length, end to end from token `start` on."""

    start: int
    talks: int
    length: int

    @property
    def span(self) -> slice:
        """The tokens of the group."""
        return slice(self.start, self.start + self.talks * self.length)

    def split(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return the group's part of (tokens, heads, …) as (talks, heads, length, …)."""
        part = tensor[self.span]
        return part.view(self.talks, self.length, *part.shape[1:]).transpose(1, 2)


@dataclass(frozen=True)
class Flat:
    """Talks laid end to end, those of one length beside each other; see Rows for the rest."""

    ids: torch.Tensor
    positions: torch.Tensor
    groups: tuple[Group, ...]
    labelled: torch.Tensor
    targets: torch.Tensor
    weights: torch.Tensor


@dataclass(frozen=True)
class Rows:
    """Talks laid into R rows of W tokens, several to a row.

    `ids` and `positions` (R, W), `talks` (R, W) which talk a token is of, -1 where the row is empty; `labelled` holds
    the places, counted over the rows laid end to end, before the tokens to be written: `targets`, and `weights` what
    each of these counts.
    """

    ids: torch.Tensor
    positions: torch.Tensor
    talks: torch.Tensor
    labelled: torch.Tensor
    targets: torch.Tensor
    weights: torch.Tensor

    def mask(self, prompt: int) -> torch.Tensor:
        """Return (R, 1, W, prompt + W): which token reads which, of the prompt and then of its own row."""
        rows, width = self.ids.shape
        order = torch.arange(width)
        own = (order[None, :] <= order[:, None]) & (self.talks[:, None, :] == self.talks[:, :, None])
        return torch.cat([torch.ones(rows, width, prompt, dtype=torch.bool), own], dim=2)[:, None]


@dataclass(frozen=True)
class Pack:
    """Talks behind one prompt; laid out for a model that takes rows with a mask, or for one that takes them flat."""

    prompt: torch.Tensor
    held: tuple[Talk, ...]

    def openings(self) -> "Pack":
        """Return the pack with nothing but how each talk's first answer opens."""
        return Pack(self.prompt, tuple(talk.opening() for talk in self.held))

    def flat(self) -> Flat:
        """Lay the talks end to end."""
        talks = sorted(self.held, key=lambda talk: len(talk.tokens))
        groups: list[Group] = []
        start = 0
        for length, alike in groupby(talks, key=lambda talk: len(talk.tokens)):
            groups.append(Group(start, len(list(alike)), length))
            start = groups[-1].span.stop
        ends = list(accumulate(len(talk.tokens) for talk in talks))
        places = [
            (end - len(talk.tokens) + place - 1, talk.target(place), wanted)
            for talk, end in zip(talks, ends, strict=True)
            for place, wanted in enumerate(talk.learned)
            if wanted
        ]
        return Flat(
            ids=torch.tensor([token for talk in talks for token in talk.tokens]),
            positions=len(self.prompt) + torch.cat([torch.arange(len(talk.tokens)) for talk in talks]),
            groups=tuple(groups),
            labelled=torch.tensor([place for place, _, _ in places]),
            targets=torch.tensor([token for _, token, _ in places]),
            weights=torch.tensor([weight for _, _, weight in places]),
        )

    def rows(self) -> Rows:
        """Lay the talks into rows, as wide as the longest of them."""
        width = max(_ROW, *(len(talk.tokens) for talk in self.held))
        rows = _rows(self.held, width)
        ids = torch.zeros(len(rows), width, dtype=torch.long)
        positions, numbers = torch.zeros_like(ids), torch.full_like(ids, -1)
        labelled: list[int] = []
        targets: list[int] = []
        weights: list[float] = []
        for row, held in enumerate(rows):
            start = 0
            for number, talk in enumerate(held):
                end = start + len(talk.tokens)
                ids[row, start:end] = torch.tensor(talk.tokens)
                positions[row, start:end] = torch.arange(len(self.prompt), len(self.prompt) + end - start)
                numbers[row, start:end] = number
                places = [place for place, wanted in enumerate(talk.learned) if wanted]
                labelled += [row * width + start + place - 1 for place in places]
                targets += [talk.target(place) for place in places]
                weights += [talk.learned[place] for place in places]
                start = end
        return Rows(ids, positions, numbers, torch.tensor(labelled), torch.tensor(targets), torch.tensor(weights))


def weighted(logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Return the mean cross-entropy of `targets`, each counted as its weight says."""
    losses = cross_entropy(logits.float(), targets, reduction="none")
    return (losses * weights).sum() / weights.sum()


@dataclass
class Reading:
    """What was read of a set, and what was passed over."""

    talks: list[Talk] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    too_long: int = 0


def read_talks(path: Path, encode: Encode, longest: int = 1600) -> Reading:
    """Read a set of JSON lines. A broken line is passed over and named in `broken`; talks of more than `longest` tokens
    are left out and counted.

    Raises TrainingDataError for a set without a talk, and, naming the first five, where calls don't fit the tools.
    """
    reading = Reading()
    unfit: list[str] = []
    specs = {known: {spec.name: spec for spec in specs_of(ALL_TOOLS, known)} for known in (False, True)}
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
            messages = [Message.model_validate(message) for message in line["messages"]]
            known, learned = bool(line["known"]), [int(position) for position in line["learned"]]
            answers = [messages[position] for position in learned]
        except (ValueError, KeyError, TypeError, IndexError, ValidationError) as error:
            reading.broken.append(f"line {number}: {type(error).__name__}")
            continue
        unfit += [
            f"line {number}: {problem}"
            for answer in answers
            for call in answer.tool_calls
            if (problem := _misfit(call.name, call.arguments, specs[known]))
        ]
        talk = as_talk(known, messages, learned, encode)
        if len(talk.tokens) > longest:
            reading.too_long += 1
        else:
            reading.talks.append(talk)
    if unfit:
        raise TrainingDataError(f"{path.name}: {len(unfit)} calls don't fit the tools. " + "; ".join(unfit[:_FIRST]))
    if not reading.talks:
        raise TrainingDataError(f"{path.name} holds no talk to learn from ({len(reading.broken)} broken lines).")
    return reading


def as_talk(known: bool, messages: Sequence[Message], learned: Iterable[int], encode: Encode) -> Talk:
    """Cut a talk where the engine does: what is read up to the assistant's turn, and what the assistant writes."""
    tokens: list[int] = []
    wanted: list[float] = []
    instead: dict[int, int] = {}
    opening = encode(_OPENED_BY)[0]
    done = ""
    for position in sorted(learned):
        read = render_chat(messages[:position])
        written = answer_text(messages[position])
        asked, answer = encode(read.removeprefix(done)), encode(written)
        tokens += asked + answer
        if messages[position].tool_calls and not messages[position].content:
            instead[len(tokens) - len(answer)] = opening
        rest = _CALL if messages[position].tool_calls else _WORDS
        wanted += [0.0] * len(asked) + [_FIRST_TOKEN] + [rest] * (len(answer) - 1)
        done = read + written
    return Talk(known, tuple(tokens), tuple(wanted), instead)


def packed(talks: Sequence[Talk], prompts: dict[bool, list[int]], room: int, rng: random.Random) -> list[Pack]:
    """Put the talks, shuffled, into packs of at most `room` tokens behind the prompt; the packs are shuffled too."""
    packs = []
    for known, prompt in prompts.items():
        waiting = [talk for talk in talks if talk.known is known]
        rng.shuffle(waiting)
        packs += [Pack(torch.tensor(prompt), tuple(group)) for group in _groups(waiting, room)]
    rng.shuffle(packs)
    return packs


def _groups(talks: Iterable[Talk], room: int) -> Iterator[list[Talk]]:
    group: list[Talk] = []
    size = 0
    for talk in talks:
        if group and size + len(talk.tokens) > room:
            yield group
            group, size = [], 0
        group.append(talk)
        size += len(talk.tokens)
    if group:
        yield group


def _rows(talks: Iterable[Talk], width: int) -> list[list[Talk]]:
    """Lay talks into rows, the longest first, each where it fits first."""
    rows: list[list[Talk]] = []
    room: list[int] = []
    for talk in sorted(talks, key=lambda talk: -len(talk.tokens)):
        size = len(talk.tokens)
        row = next((row for row, left in enumerate(room) if left >= size), None)
        if row is None:
            rows.append([])
            room.append(width)
            row = len(rows) - 1
        rows[row].append(talk)
        room[row] -= size
    return rows


def _misfit(name: str, arguments: dict[str, Any], specs: dict[str, ToolSpec]) -> str | None:
    """Return what is wrong with a call, None where it fits."""
    if name not in specs:
        return f"there is no tool {name}"
    properties, required = specs[name].parameters["properties"], specs[name].parameters["required"]
    if unknown := sorted(set(arguments) - set(properties)):
        return f"{name} has no argument {unknown[0]}"
    if missing := sorted(set(required) - set(arguments)):
        return f"{name} needs {missing[0]}"
    return None
