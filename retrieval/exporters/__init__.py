"""Exporters by format. To add one: a file here, an entry in the table, a round trip in the tests."""

from retrieval.registry import load_entry
from retrieval.schema import Exporter

EXPORTERS: dict[str, str] = {
    "jsonl": "retrieval.exporters.jsonl:JsonlExporter",
    "csv": "retrieval.exporters.csv_file:CsvExporter",
    "google-xml": "retrieval.exporters.google:GoogleXmlExporter",
    "google-tsv": "retrieval.exporters.google:GoogleTsvExporter",
    "shopify": "retrieval.exporters.shopify:ShopifyExporter",
    "json-ld": "retrieval.exporters.json_ld:JsonLdExporter",
    "openai": "retrieval.exporters.openai_feed:OpenAiFeedExporter",
    "acp": "retrieval.exporters.acp:AcpExporter",
}


def load_exporter(name: str) -> Exporter:
    """Load an exporter by the name of its format. Raises `UnknownName` with the names there are."""
    exporter: Exporter = load_entry("export format", EXPORTERS, name)()
    return exporter
