"""The models that a shop trained itself, kept in its store: which there are, which is in use, which was before.

`models/chat/2026-12-01/` holds an adapter with its card and the figures that it was let in with;
`models/in_use.json` names by kind what is in use, the newest last, so that one step back is always there.
"""

import json
import re
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

from assistant.errors import AssistantError

ModelKind = Literal["chat", "encoder", "reranker"]
KINDS: tuple[ModelKind, ...] = get_args(ModelKind)
SHIPPED_MODEL = "shipped"
"""The name of what comes with the project."""
FIGURES_FILE = "figures.json"
_FOLDER = "models"
_IN_USE = "in_use.json"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


class UnknownModel(AssistantError):
    """No model of that name is kept; the message lists those that are."""


class KeptModels:
    """The kept models of one kind."""

    def __init__(self, store: Path, kind: ModelKind) -> None:
        self._root = store / _FOLDER
        self._folder = self._root / kind
        self._kind = kind

    def names(self) -> list[str]:
        """Return the names, the oldest first; what ships is always one."""
        held = [path for path in self._folder.iterdir() if path.is_dir()] if self._folder.is_dir() else []
        return [SHIPPED_MODEL, *(path.name for path in sorted(held) if _NAME.fullmatch(path.name))]

    def in_use(self) -> str:
        """Return the name of the one in use."""
        return [SHIPPED_MODEL, *self._history()][-1]

    def folder(self) -> Path | None:
        """Return the folder of the one in use, None where that is what ships."""
        name = self.in_use()
        return None if name == SHIPPED_MODEL else self._folder / name

    def figures(self, name: str) -> Mapping[str, float]:
        """Return the figures that a model was let in with; none for what ships."""
        file = self._folder / name / FIGURES_FILE
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    def keep(self, source: Path, figures: Mapping[str, Any], at: datetime) -> str:
        """Copy a model's folder in, with its figures, and return the name that it has here. It isn't used by that."""
        name = f"{at:%Y-%m-%d-%H%M%S}"
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = self._folder / f".{name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(source, partial)
        (partial / FIGURES_FILE).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        partial.rename(self._folder / name)
        return name

    def use(self, name: str) -> None:
        """Put a model into use from the next start on. Raises UnknownModel."""
        if name not in self.names():
            raise UnknownModel(f"There is no {self._kind} model '{name}'. There are: {', '.join(self.names())}.")
        if name != self.in_use():
            self._write([*(self._history() or [SHIPPED_MODEL]), name])

    def rollback(self) -> str:
        """Go back to what was in use before, and return its name. Raises UnknownModel where there was nothing."""
        history = [name for name in self._history()[:-1] if name in self.names()]
        if not history:
            raise UnknownModel(f"No {self._kind} model was in use before this one ({self.in_use()}).")
        self._write(history)
        return history[-1]

    def _history(self) -> list[str]:
        return list(self._all().get(self._kind, ()))

    def _all(self) -> dict[str, list[str]]:
        file = self._root / _IN_USE
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    def _write(self, history: list[str]) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        partial = self._root / f".{_IN_USE}"
        partial.write_text(json.dumps({**self._all(), self._kind: history}, indent=1) + "\n", encoding="utf-8")
        partial.replace(self._root / _IN_USE)
