"""Single requests: does the model's first call name the right tool, with the right arguments?

A file of tab-separated values: `lang`, `request`, `tool` (alternatives joined by `|`; `none` for no call), `args`
(joined by `;`: `name=value` is equal, `name~a|b` contains one of these; numbers compare by value, case and a leading #
don't count), and an optional `intent` to report by.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from assistant.app import App
from assistant.errors import ConversationFileError
from assistant.schema import ToolCall, ToolCallStarted, Value

_COLUMNS = {"lang", "request", "tool", "args"}
_LIMITS = {"max_price", "min_price", "min_rating"}


class Request(Value):
    """One line of the file."""

    lang: str
    request: str
    tools: tuple[str, ...]
    args: tuple[str, ...]
    intent: str


class Outcome(Value):
    """What the model did with a request."""

    request: Request
    call: ToolCall | None
    tool_right: bool
    right: bool


def read_requests(path: Path) -> list[Request]:
    """Read the file. Raises ConversationFileError that names a missing column or the line of a broken row."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if missing := _COLUMNS - set(reader.fieldnames or ()):
            raise ConversationFileError(f"{path.name} has no column {', '.join(sorted(missing))}.")
        return [_request(path, reader.line_num, row) for row in reader]


def play_requests(
    app: App,
    requests: Sequence[Request],
    customer: str,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> list[Outcome]:
    """Ask each request in a conversation of its own, up to the first call."""
    outcomes = []
    for position, request in enumerate(requests):
        progress("Asking", position, len(requests))
        call = _first_call(app, customer, request.request)
        tool_right = (call.name if call else "none") in request.tools
        right = tool_right and all(_holds(condition, call.arguments if call else {}) for condition in request.args)
        outcomes.append(Outcome(request=request, call=call, tool_right=tool_right, right=right))
    return outcomes


def summarise(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return first-call accuracy (tool and arguments) and tool accuracy, in all, by language and by intent."""
    return {
        "requests": len(outcomes),
        **_shares(outcomes),
        "by_language": _by(outcomes, lambda outcome: outcome.request.lang),
        **_refusals(outcomes),
        "f1_by_argument": _argument_f1(outcomes),
        "by_intent": _by(outcomes, lambda outcome: outcome.request.intent),
        "wrong": [
            {
                "request": outcome.request.request,
                "call": outcome.call.model_dump(include={"name", "arguments"}) if outcome.call else None,
            }
            for outcome in outcomes
            if not outcome.right
        ],
    }


def _request(path: Path, line: int, row: dict[str, str | None]) -> Request:
    if not row.get("request") or not row.get("tool"):
        raise ConversationFileError(f"{path.name}, line {line}: a request and its tool are needed.")
    return Request(
        lang=row["lang"] or "en",
        request=row["request"] or "",
        tools=tuple((row["tool"] or "").split("|")),
        args=tuple(filter(None, (row["args"] or "").split(";"))),
        intent=row.get("intent") or (row["tool"] or ""),
    )


def _first_call(app: App, customer: str, text: str) -> ToolCall | None:
    # Closing the generator stops the model: what it would say after its first call doesn't matter here.
    with closing(app.agent.reply(app.start_conversation(customer), text)) as events:
        return next((event.call for event in events if isinstance(event, ToolCallStarted)), None)


def _holds(condition: str, arguments: dict[str, Any]) -> bool:
    name, equal, wanted = condition.partition("=")
    if equal:
        return name in arguments and _same(arguments[name], wanted)
    name, _, wanted = condition.partition("~")
    return any(_plain(part) in _plain(arguments.get(name, "")) for part in wanted.split("|"))


def _same(value: object, wanted: str) -> bool:
    try:
        return Decimal(str(value)) == Decimal(wanted)
    except InvalidOperation:
        return _plain(value) == _plain(wanted)


def _plain(value: object) -> str:
    return str(value).strip().lstrip("#").casefold()


def _shares(outcomes: Sequence[Outcome]) -> dict[str, float]:
    count = max(len(outcomes), 1)
    return {
        "first_call_accuracy": round(sum(outcome.right for outcome in outcomes) / count, 4),
        "tool_accuracy": round(sum(outcome.tool_right for outcome in outcomes) / count, 4),
    }


def _refusals(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return how often nothing was called where nothing was to be called, and where something was."""
    idle = [outcome.call is None for outcome in outcomes if outcome.request.tools == ("none",)]
    busy = [outcome.call is None for outcome in outcomes if "none" not in outcome.request.tools]
    return {
        "refusal_right": round(sum(idle) / max(len(idle), 1), 4),
        "over_refusal": round(sum(busy) / max(len(busy), 1), 4),
    }


def _argument_f1(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return F1 by argument that a request names: right ones among those asked for, and among those given."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    names = {_argument(condition) for outcome in outcomes for condition in outcome.request.args}
    for outcome in outcomes:
        given = outcome.call.arguments if outcome.call and outcome.tool_right else {}
        asked = {_argument(condition): condition for condition in outcome.request.args}
        for name in names:
            right = name in asked and _holds(asked[name], given)
            counts[name][0] += right
            counts[name][1] += name in asked
            # What a request says nothing of may be given freely, but for limits.
            counts[name][2] += name in given and (name in asked or name in _LIMITS)
    return {name: round(2 * right / max(asked + told, 1), 4) for name, (right, asked, told) in sorted(counts.items())}


def _argument(condition: str) -> str:
    return re.split("[=~]", condition, maxsplit=1)[0]


def _by(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> dict[str, dict[str, float]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[key(outcome)].append(outcome)
    return {name: {"requests": len(group), **_shares(group)} for name, group in sorted(groups.items())}
