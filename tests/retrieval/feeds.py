"""Feeds for the tests of importers and exporters: reading one, and comparing with what a golden file says."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from retrieval.schema import Importer, Product, RowError

GOLDEN = Path(__file__).parent / "golden"


def collect(
    importer: Importer, path: Path, mapping: Mapping[str, str] | None = None
) -> tuple[list[Product], list[RowError]]:
    found = list(importer.extract(path, mapping or {}))
    products = [item for item in found if isinstance(item, Product)]
    return products, [item for item in found if isinstance(item, RowError)]


def expected_products(name: str) -> list[Product]:
    return [Product.model_validate(entry) for entry in json.loads((GOLDEN / name).read_text(encoding="utf-8"))]


def expected_errors(name: str) -> list[str]:
    return (GOLDEN / name).read_text(encoding="utf-8").splitlines()


def damaged(value: Any) -> Iterator[Any]:
    """Yield copies of a JSON value, each with one part replaced by something that doesn't belong there."""
    yield from (None, [], {}, "", "\x00", -1, 1e300, True, [[{}]], {"@id": ["x"]}, {"name": {"name": 1}}, "=2+2")
    if isinstance(value, dict):
        for key, part in value.items():
            yield {name: kept for name, kept in value.items() if name != key}
            yield from ({**value, key: odd} for odd in damaged(part))
    if isinstance(value, list):
        for place, part in enumerate(value):
            yield from ([*value[:place], odd, *value[place + 1 :]] for odd in damaged(part))
