"""CSV with a header row: comma, semicolon or tab between the fields, the columns of `rows.FIELDS` or mapped."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from retrieval.importers.files import has_ending, open_feeds
from retrieval.importers.rows import FIELDS, RowReader
from retrieval.importers.tables import read_table
from retrieval.importers.values import BrokenValue
from retrieval.schema import Product, RowError

# A cell cannot hold variants.
TABLE_FIELDS = {ours: theirs for ours, theirs in FIELDS.items() if ours != "variants"}


class CsvImporter:
    """Reads .csv and .tsv files."""

    def identify(self, path: Path) -> bool:
        """Tell whether this importer reads the file."""
        return has_ending(path, ".csv", ".tsv")

    def extract(self, path: Path, mapping: Mapping[str, str]) -> Iterator[Product | RowError]:
        """Yield each row's product, or what is wrong with the row. `mapping` renames: our field -> theirs.

        Rows are counted as a spreadsheet does: the header is row 1. Raises `CatalogueError` without a usable header.
        """
        reader = RowReader(mapping, TABLE_FIELDS)
        for name, feed in open_feeds(path):
            columns, rows = read_table(feed, name)
            reader.check_columns(columns)
            for row, found in rows:
                try:
                    yield reader.read(found)
                except BrokenValue as error:
                    yield error.at(name, row)
