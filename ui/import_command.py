"""What `shelftalk import` and `shelftalk stock` do, and tell while they do it."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from assistant.app import load_configured_encoder, vector_place
from assistant.errors import AssistantError
from assistant.settings import Settings
from assistant.shop.policy_import import PolicyReport, import_policies
from retrieval.changes import ImportReport
from retrieval.database import DATABASE_FILE, open_database
from retrieval.errors import CatalogueError
from retrieval.feed_report import FeedReport, report_feed
from retrieval.importers import read_feed
from retrieval.indexing import import_products
from retrieval.product_store import ProductStore
from retrieval.stock import update_stock
from ui.import_report import import_lines, policy_lines, stock_lines
from ui.progress import console, progress_bars, waiting


def import_feed(
    file: Path,
    settings: Settings,
    mapping: Mapping[str, str],
    strict: bool,
    partial: bool,
    allow_removals: bool,
    check_images: bool,
    quiet: bool,
) -> tuple[ImportReport, FeedReport]:
    """Import a product feed and tell what was done, on stderr; `quiet` tells of bad rows only.

    Raises `AssistantError` with `strict` and a bad row, and what `import_products` raises.
    """
    products, problems = read_feed(file, mapping)
    _warn(problems)
    lost = [problem for problem in problems if not problem.kept]
    if strict and lost:
        raise AssistantError(f"{len(lost)} rows of {file.name} cannot be read; nothing was changed (--strict).")
    settings.store.mkdir(parents=True, exist_ok=True)
    encoder = load_configured_encoder(settings)
    with progress_bars() as report:
        done = import_products(
            products,
            settings.store,
            encoder,
            report,
            partial=partial,
            allow_removals=allow_removals,
            place=vector_place(settings),
        )
    with waiting("Looking through the feed…"):
        feed = report_feed(products, lost, settings.store, check_images)
    if not quiet:
        _tell(import_lines(settings.store, done, feed))
    return done, feed


def import_policy_folder(folder: Path, store: Path, strict: bool, partial: bool, quiet: bool) -> PolicyReport:
    """Import a folder of policies and tell what was done, on stderr. Raises what `import_policies` raises."""
    report = import_policies(folder, store, partial, strict)
    _warn(report.problems)
    if not quiet:
        _tell(policy_lines(report))
    return report


def set_stock(file: Path, settings: Settings, mapping: Mapping[str, str], strict: bool, as_json: bool) -> None:
    """Set prices and stock from a file and tell what was done.

    Raises `AssistantError` with `strict` and a bad row, `CatalogueError` where there is no shop or no file to read.
    """
    if not (settings.store / DATABASE_FILE).is_file():
        raise CatalogueError(f"There is no shop in {settings.store}: shelftalk import FILE --store {settings.store}")
    report = update_stock(ProductStore(open_database(settings.store)), file, mapping, strict)
    _warn(report.errors)
    if as_json:
        print(report.model_dump_json(indent=2))
    if not report.applied:
        raise AssistantError(f"{len(report.errors)} rows of {file.name} are bad; nothing was changed (--strict).")
    if not as_json:
        _tell(stock_lines(file, report))


def _warn(problems: Iterable[object]) -> None:
    for problem in problems:
        console.print(str(problem), style="yellow", markup=False, highlight=False)


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        console.print(line, markup=False, highlight=False)
