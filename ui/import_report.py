"""What an import did and what its feed lacks, as JSON and as lines for the operator."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant.shop.policy_import import PolicyReport
from retrieval.changes import ImportReport
from retrieval.feed_report import FeedReport
from retrieval.stock import StockReport

_EXAMPLES = 5


def import_json(store: Path, done: ImportReport | None, feed: FeedReport | None, policies: PolicyReport | None) -> str:
    """Return everything as one JSON object; what was not imported is null."""
    parts = {"import": done, "feed": feed, "policies": policies}
    tables = {name: part.model_dump(mode="json") if part else None for name, part in parts.items()}
    return json.dumps({"store": str(store), **tables}, ensure_ascii=False, indent=2)


def import_lines(store: Path, done: ImportReport, feed: FeedReport) -> Iterator[str]:
    """Yield what the operator reads after an import."""
    yield f"{done.products} products are in {store}; {len(feed.rows_left_out)} rows were left out."
    counts = {
        "added": done.added,
        "changed": done.changed,
        "removed": done.removed,
        "with a new price, stock or rating": done.repriced,
        "unchanged": done.unchanged,
        "not in this feed and kept": done.kept,
    }
    yield "  " + ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    yield "  " + (f"indexed anew, {done.encoded} texts encoded" if done.reindexed else "no index had to change")
    for what, ids in (
        ("without a price", feed.no_price),
        ("without a stock", feed.no_stock),
        ("without a description", feed.no_description),
        ("with a thin description", feed.thin_description),
        ("without a picture", feed.no_image),
    ):
        if ids:
            yield f"  {len(ids)} {what}: {_some(ids)}"
    yield from _pictures(feed)
    yield from _duplicates(feed)


def policy_lines(report: PolicyReport) -> Iterator[str]:
    """Yield what the operator reads after an import of policies."""
    passages = sum(file.passages for file in report.files)
    yield f"{len(report.files)} policies with {passages} passages; {len(report.problems)} files were left out."
    for file in report.files:
        yield f"  {file.file} → {file.language}/{file.name}.md, {file.passages} passages"
    if report.removed:
        yield f"  no longer there: {', '.join(report.removed)}"


def stock_lines(path: Path, report: StockReport) -> Iterator[str]:
    """Yield what the operator reads after prices and stock were set."""
    yield (
        f"{report.changed} rows of {path.name} changed a price or a stock, {report.unchanged} were as they are; "
        f"{len(report.errors)} rows were left out."
    )


def _pictures(feed: FeedReport) -> Iterator[str]:
    if feed.dead_images:
        yield f"  {len(feed.dead_images)} dead pictures:"
        for dead in feed.dead_images[:_EXAMPLES]:
            yield f"    {dead.product_id}: {dead.image}: {dead.reason}"
        yield from _rest(len(feed.dead_images))


def _duplicates(feed: FeedReport) -> Iterator[str]:
    if feed.duplicates:
        yield f"  {len(feed.duplicates)} groups of products that may be the same:"
        for group in feed.duplicates[:_EXAMPLES]:
            yield f"    same {group.by} ({group.value}): {_some(group.ids)}"
        yield from _rest(len(feed.duplicates))


def _some(ids: Sequence[str]) -> str:
    more = len(ids) - _EXAMPLES
    return ", ".join(ids[:_EXAMPLES]) + (f" and {more} more" if more > 0 else "")


def _rest(count: int) -> Iterator[str]:
    if count > _EXAMPLES:
        yield f"    and {count - _EXAMPLES} more (--json lists them all)"
