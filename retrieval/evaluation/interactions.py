"""Histories and products from tables, CSV or parquet, in the two shapes that public data sets have."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.errors import CatalogueError
from retrieval.recommending.events import KINDS, MOST_EVENTS, PURCHASE, STRENGTH, EventLog
from retrieval.recommending.learning import Case
from retrieval.recommending.past import Past, past_of_rows

if TYPE_CHECKING:
    import pandas as pd

_DAY = 86400.0
_STEP = 1e-3
"""Days between two events of a history without times: their order is all that counts."""


@dataclass(frozen=True)
class Histories:
    """Everybody's events, and what is to be ranked: a person's target by what they did before it."""

    log: EventLog
    cases: tuple[Case, ...]
    left_out: int
    """Cases whose target is no known product, and events of unknown products."""


def read_table(path: Path) -> "pd.DataFrame":
    """Read a CSV or parquet file. Raises `CatalogueError`."""
    import pandas as pd

    try:
        if path.suffix in (".parquet", ".pq"):
            return pd.read_parquet(path)
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path} cannot be read as a table ({error}). Give CSV or parquet.") from error


def read_histories(path: Path, rows: Mapping[str, int]) -> Histories:
    """Read interactions: user_id, item_id, timestamp or in order, event; or user_id, history, target.

    `rows` are the products' rows by id. In the first shape a user's last event is the target; in the second every line
    has its own. Raises `CatalogueError` for a table of another shape, or with no case in it.
    """
    table = read_table(path)
    columns = set(map(str, table.columns))
    if {"user_id", "history", "target"} <= columns:
        found = _windows(table, rows)
    elif {"user_id", "item_id"} <= columns:
        found = _events(table, rows)
    else:
        raise CatalogueError(
            f"{path.name} has the columns {', '.join(sorted(columns))}. It needs user_id, item_id and timestamp, or "
            "user_id, history and target."
        )
    if not found.cases:
        raise CatalogueError(f"{path.name} has no user with a known last item. Are the items those of --items?")
    return found


def _windows(table: "pd.DataFrame", rows: Mapping[str, int]) -> Histories:
    """Read lines of a history and its target; lines of one user that go on from each other are one history."""
    chains: dict[str, list[int]] = {}
    wanted: list[tuple[str, list[int], int]] = []
    left_out = 0
    for user, history, target in zip(table["user_id"], table["history"], table["target"], strict=True):
        before = [rows[item] for item in _listed(history) if item in rows]
        left_out += len(_listed(history)) - len(before)
        if str(target) not in rows:
            left_out += 1
            continue
        line = [*before, rows[str(target)]]
        chains[str(user)] = _joined(chains.get(str(user), []), line)
        wanted.append((str(user), before, rows[str(target)]))
    people = {user: number for number, user in enumerate(chains)}
    log = _log(
        [
            (people[user], row, PURCHASE, place * _STEP)
            for user, chain in chains.items()
            for place, row in enumerate(chain)
        ],
        len(people),
    )
    cases = tuple(
        Case(people[user], _past(before), target, len(before) * _STEP, len(before)) for user, before, target in wanted
    )
    return Histories(log, cases, left_out)


def _events(table: "pd.DataFrame", rows: Mapping[str, int]) -> Histories:
    """Read a line an event; a user's last one is the target."""
    kinds = [_kind(value) for value in table["event"]] if "event" in table else [PURCHASE] * len(table)
    days = _days(table["timestamp"]) if "timestamp" in table else [place * _STEP for place in range(len(table))]
    people: dict[str, int] = {}
    events: list[tuple[int, int, int, float]] = []
    left_out = 0
    for user, item, kind, day in zip(table["user_id"], table["item_id"], kinds, days, strict=True):
        if str(item) not in rows or kind is None or day is None:
            left_out += 1
            continue
        events.append((people.setdefault(str(user), len(people)), rows[str(item)], kind, day))
    by_person: dict[int, list[tuple[int, int, int, float]]] = {}
    for event in sorted(events, key=lambda event: (event[0], event[3])):
        by_person.setdefault(event[0], []).append(event)
    cases = []
    for person, done in by_person.items():
        *before, last = done[-MOST_EVENTS:]
        past = past_of_rows(
            np.array([event[1] for event in before], dtype=np.int32),
            np.array([event[2] for event in before], dtype=np.int8),
            np.array([event[3] for event in before], dtype=np.float64),
        )
        cases.append(Case(person, past, last[1], last[3], len(before)))
    kept = [event for done in by_person.values() for event in done[-MOST_EVENTS:]]
    return Histories(_log(kept, len(people)), tuple(cases), left_out)


def _log(events: Sequence[tuple[int, int, int, float]], people: int) -> EventLog:
    persons, rows, kinds, days = zip(*events, strict=True) if events else ((), (), (), ())
    return EventLog(
        persons=np.array(persons, dtype=np.int32),
        rows=np.array(rows, dtype=np.int32),
        kinds=np.array(kinds, dtype=np.int8),
        days=np.array(days, dtype=np.float64),
        people=people,
        now=max(days, default=0.0),
    )


def _past(rows: Sequence[int]) -> Past:
    count = len(rows)
    days = (np.arange(count) * _STEP).astype(np.float64)
    return past_of_rows(np.array(rows, dtype=np.int32), np.full(count, PURCHASE, dtype=np.int8), days)


def _joined(chain: Sequence[int], line: Sequence[int]) -> list[int]:
    """Put a line behind a chain, what they share once: the longest end of the one that begins the other."""
    for shared in range(min(len(chain), len(line)), 0, -1):
        if list(chain[-shared:]) == list(line[:shared]):
            return [*chain, *line[shared:]]
    return [*chain, *line]


def _listed(history: Any) -> list[str]:
    """Return the items of a history cell: a list, or text with blanks, commas or a written list."""
    if isinstance(history, str):
        return re.findall(r"[^\s,'\"\[\]]+", history)
    return [str(item) for item in history] if isinstance(history, Iterable) else []


def _kind(value: Hashable) -> int | None:
    """Return the code of a kind of event; a rating or an unknown word is a view, a bad one none."""
    name = str(value).strip().casefold().replace("addtocart", "cart_add").replace("add_to_cart", "cart_add")
    name = {"buy": "purchase", "transaction": "purchase", "order": "purchase"}.get(name, name)
    if name not in KINDS:
        return KINDS.index("view")
    code = KINDS.index(name)
    return code if STRENGTH[code] > 0 else None


def _days(column: "pd.Series[Any]") -> list[float | None]:
    """Return days since 1970 of numbers (seconds or milliseconds) or written times; None for what is neither."""
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.notna().mean() > 0.5:
        scale = 1000.0 if float(numbers.median()) > 1e11 else 1.0
        return [None if pd.isna(number) else float(number) / scale / _DAY for number in numbers]
    moments = pd.to_datetime(column, errors="coerce", utc=True, format="mixed")
    return [None if pd.isna(moment) else moment.timestamp() / _DAY for moment in moments]
