import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from retrieval.database import open_database
from retrieval.importers import read_feed
from retrieval.product_store import ProductStore
from retrieval.schema import Money, Product, ProductTexts
from ui.cli import app


@pytest.fixture
def store(tmp_path: Path) -> Path:
    price = Money(amount=Decimal("12.50"), currency="EUR")
    kettle = Product(id="1", texts={"en": ProductTexts(title="Käthe's Kettle", short_name="Kettle")}, price=price)
    engine = open_database(tmp_path / "shop")
    ProductStore(engine).put([kettle])
    engine.dispose()
    return tmp_path / "shop"


def export(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["export", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_products_go_to_the_standard_output(store: Path) -> None:
    code, out, _ = export("--format", "jsonl", "--store", store)
    assert code == 0 and json.loads(out)["texts"]["en"]["title"] == "Käthe's Kettle"


def test_products_go_to_a_file(store: Path, tmp_path: Path) -> None:
    code, out, told = export("--format", "google-xml", "--store", store, "--out", tmp_path / "feed.xml.gz")
    assert (code, out) == (0, "") and "1 products are in" in told.replace("\n", "")
    assert [(product.title, str(product.price)) for product in read_feed(tmp_path / "feed.xml.gz")[0]] == [
        ("Käthe's Kettle", "€12.50")
    ]


def test_what_cannot_be_exported_is_said_in_a_line(store: Path, tmp_path: Path) -> None:
    assert "Choose one of: jsonl" in export("--format", "pdf", "--store", store)[2]
    code, _, told = export("--format", "csv", "--store", tmp_path / "nothing")
    assert code == 2 and "There is no shop in" in told and not (tmp_path / "nothing").exists()
