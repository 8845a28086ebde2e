"""Queries and what people judged of their products, read from files. Errors name the line."""

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.errors import JudgmentsError
from retrieval.importers.files import read_lines

_NAMED = 5


@dataclass(frozen=True)
class JudgedQueries:
    """Queries that have judgments. `notes` says what was left out."""

    texts: dict[str, str]
    """Query id → what the shopper typed."""
    gains: dict[str, dict[str, float]]
    """Query id → product id → gain, 0 or more; the same queries as in `texts`."""
    notes: tuple[str, ...] = field(default=())


def read_judged_queries(queries: Path, qrels: Path) -> JudgedQueries:
    """Read both files, and keep the queries that are in both; those that aren't are named in the notes.

    Raises `JudgmentsError`, naming file and line, for what cannot be read, and where no query is left.
    """
    texts, gains = read_queries(queries), read_qrels(qrels)
    kept = {query_id: text for query_id, text in texts.items() if query_id in gains}
    if not kept:
        raise JudgmentsError(f"None of the {len(texts)} queries of {queries.name} has a judgment in {qrels.name}.")
    unjudged = [query_id for query_id in texts if query_id not in gains]
    unknown = [query_id for query_id in gains if query_id not in texts]
    notes = [f"Without a judgment, left out: {name_some(unjudged, 'query', 'queries')}."] if unjudged else []
    if unknown:
        told = name_some(unknown, "query", "queries")
        notes.append(f"Judged in {qrels.name} but not in {queries.name}, left out: {told}.")
    return JudgedQueries(kept, {query_id: gains[query_id] for query_id in kept}, tuple(notes))


def read_queries(path: Path) -> dict[str, str]:
    """Read a CSV or TSV with the columns query_id and query: id → text. Raises `JudgmentsError`."""
    texts: dict[str, str] = {}
    for line, row in _rows(path, _lines(path), ("query_id", "query")):
        if row["query_id"] in texts:
            raise JudgmentsError(f"{path.name}, line {line}: the query {row['query_id']} is there twice.")
        texts[row["query_id"]] = row["query"]
    if not texts:
        raise JudgmentsError(f"{path.name} holds no query.")
    return texts


def read_qrels(path: Path) -> dict[str, dict[str, float]]:
    """Read judgments: query id → product id → gain.

    The file is a CSV or TSV with the columns query_id, product_id and gain, or one of TREC's (query, iteration,
    product and gain, parted by blanks, no header). Raises `JudgmentsError`.
    """
    lines = _lines(path)
    rows = _trec_rows(path, lines) if _is_trec(lines) else _rows(path, lines, ("query_id", "product_id", "gain"))
    gains: dict[str, dict[str, float]] = {}
    for line, row in rows:
        judged = gains.setdefault(row["query_id"], {})
        if row["product_id"] in judged:
            raise JudgmentsError(
                f"{path.name}, line {line}: the product {row['product_id']} is judged twice for {row['query_id']}."
            )
        judged[row["product_id"]] = _gain(path, line, row["gain"])
    if not gains:
        raise JudgmentsError(f"{path.name} holds no judgment.")
    return gains


def name_some(names: list[str], one: str, many: str) -> str:
    """Return such as '7 queries (q1, q2, q3, q4, q5, …)'."""
    dots = ", …" if len(names) > _NAMED else ""
    return f"{len(names)} {one if len(names) == 1 else many} ({', '.join(names[:_NAMED])}{dots})"


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        raise JudgmentsError(f"There is no file {path}.")
    lines = []
    for number, line in enumerate(read_lines(path), start=1):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            raise JudgmentsError(f"{path.name}, line {number}: this is not UTF-8. Save the file as UTF-8.") from None
    return lines


def _rows(path: Path, lines: list[str], columns: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.DictReader(lines, delimiter="\t" if lines and "\t" in lines[0] else ",", strict=True)
    try:
        header = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = header
        if missing := [column for column in columns if column not in header]:
            there = f"it has {', '.join(header)}" if header else "it is empty"
            raise JudgmentsError(f"{path.name}, line 1: there is no column {', '.join(missing)}; {there}.")
        for row in reader:
            if None in row:
                raise JudgmentsError(
                    f"{path.name}, line {reader.line_num}: more cells than columns. Put a text with a comma in quotes."
                )
            yield reader.line_num, _filled(path, reader.line_num, row, columns)
    except csv.Error as error:
        raise JudgmentsError(f"{path.name}, line {reader.line_num + 1}: this is not a CSV row ({error}).") from None


def _filled(path: Path, line: int, row: Mapping[str, str | None], columns: tuple[str, ...]) -> dict[str, str]:
    cells = {column: (row[column] or "").strip() for column in columns}
    if empty := [column for column, cell in cells.items() if not cell]:
        raise JudgmentsError(f"{path.name}, line {line}: {', '.join(empty)} is empty.")
    return cells


def _is_trec(lines: list[str]) -> bool:
    first = next((line for line in lines if line.strip()), "")
    cells = first.split()
    return len(cells) == 4 and "," not in first and _number(cells[-1]) is not None


def _trec_rows(path: Path, lines: list[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    for number, line in enumerate(lines, start=1):
        cells = line.split()
        if not cells:
            continue
        if len(cells) != 4:
            raise JudgmentsError(
                f"{path.name}, line {number}: {len(cells)} columns instead of the four of a qrels file."
            )
        yield number, {"query_id": cells[0], "product_id": cells[2], "gain": cells[3]}


def _gain(path: Path, line: int, text: str) -> float:
    gain = _number(text)
    if gain is None or gain < 0:
        raise JudgmentsError(f"{path.name}, line {line}: the gain '{text}' is not a number of 0 or more.")
    return gain


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
