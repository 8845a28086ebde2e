"""The benchmark's files: its database, its policy and its tasks in both versions, as values."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assistant.errors import AssistantError
from assistant.schema import Value

_FILES = {
    "dev": ("tau2_db.json.gz", "tau2_policy.md", "tau2_tasks_dev.json.gz"),
    "train": ("tau1_db.json.gz", "tau1_policy.md", "tau1_tasks_dev_train.json.gz"),
}
TASK_SETS = tuple(_FILES)
_KEYS = {"products": "product_id", "users": "user_id", "orders": "order_id"}
WRITES = {
    "cancel_pending_order",
    "modify_pending_order_address",
    "modify_pending_order_items",
    "modify_pending_order_payment",
    "modify_user_address",
    "return_delivered_order_items",
    "exchange_delivered_order_items",
}
"""The benchmark's actions that change its database."""


class TauError(AssistantError):
    """The benchmark's files are missing or aren't what they should be."""


class Action(Value):
    """One action of a task's reference."""

    name: str
    arguments: dict[str, Any]


class Task(Value):
    """What a customer wants, what they know, and the reference that gives the wanted end state."""

    id: str
    reason: str
    known: str
    actions: tuple[Action, ...]
    to_be_said: tuple[str, ...]

    @property
    def writes(self) -> tuple[Action, ...]:
        """The actions that change the database."""
        return tuple(action for action in self.actions if action.name in WRITES)

    @property
    def hash(self) -> str:
        """A short hash of the whole task."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


class Benchmark(Value):
    """One set of tasks with the shop that they are about."""

    database: dict[str, dict[str, Any]]
    policy: str
    tasks: tuple[Task, ...]
    hash: str


def read_benchmark(folder: Path, tasks: str) -> Benchmark:
    """Read a set of tasks, its database and its policy. Raises TauError that names what is missing or broken."""
    database_file, policy_file, tasks_file = (folder / name for name in _FILES[tasks])
    database = _read_json(database_file)
    if not isinstance(database, dict) or not _KEYS.keys() <= database.keys():
        raise TauError(f"{database_file.name} needs 'products', 'users' and 'orders'.")
    if not policy_file.is_file():
        raise TauError(f"{folder} has no {policy_file.name}.")
    entries = _read_json(tasks_file)
    if not isinstance(entries, list):
        raise TauError(f"{tasks_file.name} should hold a list of tasks.")
    content = hashlib.sha256(database_file.read_bytes()).hexdigest()
    return Benchmark(
        # The first version says who is who by the keys alone.
        database={name: _keyed(database[name], key) for name, key in _KEYS.items()},
        policy=policy_file.read_text(encoding="utf-8"),
        tasks=tuple(_task(tasks_file.name, number, entry) for number, entry in enumerate(entries)),
        hash=content[:16],
    )


def _keyed(entries: dict[str, dict[str, Any]], key: str) -> dict[str, Any]:
    return {name: {key: name, **entry} for name, entry in entries.items()}


def _read_json(path: Path) -> Any:
    if not path.is_file():
        raise TauError(f"{path.parent} has no {path.name}.")
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            return json.load(file)
    except (OSError, EOFError, ValueError) as error:
        raise TauError(f"{path.name} cannot be read: {error}.") from error


def _task(file: str, number: int, entry: Any) -> Task:
    try:
        return _second_version(entry) if "user_scenario" in entry else _first_version(number, entry)
    except (KeyError, TypeError, AttributeError, ValidationError) as error:
        raise TauError(f"{file}, task {number}: {error!r} is missing or wrong.") from error


def _second_version(entry: dict[str, Any]) -> Task:
    said = entry["user_scenario"]["instructions"]
    wanted = entry["evaluation_criteria"]
    return Task(
        id=str(entry["id"]),
        reason=said["reason_for_call"],
        known=said.get("known_info") or "",
        actions=tuple(Action(name=item["name"], arguments=item["arguments"]) for item in wanted["actions"]),
        to_be_said=tuple(wanted.get("communicate_info") or ()),
    )


def _first_version(number: int, entry: dict[str, Any]) -> Task:
    return Task(
        id=str(number),
        reason=entry["instruction"],
        known=entry["instruction"],
        actions=tuple(Action(name=item["name"], arguments=item["kwargs"]) for item in entry["actions"]),
        to_be_said=tuple(str(text) for text in entry["outputs"]),
    )
