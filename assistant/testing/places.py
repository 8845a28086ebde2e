"""Where in a YAML file something stands, so that an error can name the line and the word."""

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml
from pydantic_core import ErrorDetails

from assistant.errors import ConversationFileError

_Nodes = tuple[yaml.Node, yaml.Node | None]


class FilePlaces:
    """The lines of a YAML file's words. A word that stands twice in a table is a ConversationFileError."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._root = yaml.compose(text, Loader=yaml.SafeLoader)
        if self._root is not None:
            self._refuse_doubles(self._root)

    def explain(self, problem: ErrorDetails, words: Sequence[str]) -> str:
        """Say in one line what pydantic found wrong, and where; `words` are those that are valid at that place."""
        loc = problem["loc"]
        word = next((part for part in reversed(loc) if isinstance(part, str)), "")
        return f"{self._path}, line {self._line(loc)}: {_message(problem, word, words)}."

    def _line(self, loc: Sequence[int | str]) -> int:
        """Return the line of the deepest part of `loc` that the file has."""
        node, line = self._root, 1
        for part in loc:
            child = next((nodes for name, nodes in _children(node) if name == part), None)
            if child is None:
                # A value that stands alone where a list may stand, or a word that is missing.
                continue
            key, node = child
            line = key.start_mark.line + 1
        return line

    def _refuse_doubles(self, node: yaml.Node) -> None:
        seen: set[object] = set()
        for name, (key, child) in _children(node):
            if name in seen:
                line = key.start_mark.line + 1
                raise ConversationFileError(f"{self._path}, line {line}: '{name}' stands here twice.")
            seen.add(name)
            if child is not None:
                self._refuse_doubles(child)


def _children(node: yaml.Node | None) -> Iterator[tuple[int | str, _Nodes]]:
    """Yield what is inside a node: its name or number, the node that says where, and the node itself."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), (key, value)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield number, (value, value)


def _message(problem: ErrorDetails, word: str, words: Sequence[str]) -> str:
    match problem["type"]:
        case "extra_forbidden":
            close = difflib.get_close_matches(word, words, n=1)
            hint = f"did you mean '{close[0]}'? " if close else ""
            return f"unknown word '{word}'; {hint}Valid here: {', '.join(words)}"
        case "missing":
            return f"the word '{word}' is missing"
        case "string_type" if not isinstance(problem["input"], list | dict | None):
            return f"'{word}': YAML reads {problem['input']} and no text here; put it in quotes"
        case "value_error":
            text = problem["msg"].removeprefix("Value error, ")
            return f"'{word}': {text}" if word else text
        case _:
            return f"'{word}': {problem['msg'].lower()}, but it is {problem['input']!r}"
