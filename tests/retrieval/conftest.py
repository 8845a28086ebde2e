"""Products and shops for the tests of retrieval."""

import os
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from retrieval.encoders import HashingEncoder, load_encoder
from retrieval.indexing import build_index
from retrieval.schema import Encoder, Money, Product, ProductTexts, Reranker
from retrieval.search import Catalogue, open_catalogue
from tests.retrieval.makers import MakeProduct, MakeShop


@pytest.fixture
def make_product() -> MakeProduct:
    """Make a product from an id and a title; anything else by the names of `Product`'s fields."""

    def make(product_id: str, title: str = "Plain Thing", price: str | None = "10.00", **fields: Any) -> Product:
        description = fields.pop("description", "")
        texts = {"en": ProductTexts(title=title, short_name=" ".join(title.split()[:5]), description=description)}
        money = Money(amount=Decimal(price), currency="USD") if price else None
        return Product(**{"id": product_id, "texts": texts, "price": money, **fields})

    return make


@pytest.fixture
def make_shop(tmp_path: Path) -> MakeShop:
    """Build and open a shop in `tmp_path`, with the hashing encoder unless told otherwise."""

    def make(
        products: Sequence[Product], encoder: Encoder | None = None, reranker: Reranker | None = None
    ) -> Catalogue:
        encoder = encoder or HashingEncoder()
        build_index(products, tmp_path, encoder)
        return open_catalogue(tmp_path, encoder, reranker)

    return make


@pytest.fixture(scope="session")
def minilm_folder() -> Path:
    """The folder of the real encoder, which MINILM_FOLDER names."""
    folder = os.environ.get("MINILM_FOLDER")
    if not folder:
        pytest.skip("MINILM_FOLDER does not name the encoder's folder")
    return Path(folder)


@pytest.fixture(scope="session")
def minilm(minilm_folder: Path) -> Encoder:
    """The real encoder."""
    return load_encoder("all-minilm-l6-v2", minilm_folder)
