import json
from decimal import Decimal
from pathlib import Path

import pytest

from retrieval.errors import CatalogueError
from retrieval.gtin import gtin_problem
from retrieval.importers.acp import AcpImporter
from retrieval.minor_units import from_minor_units, to_minor_units
from retrieval.schema import Money
from tests.retrieval.feeds import GOLDEN, collect, damaged, expected_errors, expected_products
from tests.retrieval.makers import MakeProduct


def test_a_feed_becomes_the_golden_products() -> None:
    products, errors = collect(AcpImporter(), GOLDEN / "acp.jsonl")
    assert products == expected_products("acp.expected.json")
    assert errors == []


def test_broken_lines_are_named_and_the_good_ones_kept() -> None:
    products, errors = collect(AcpImporter(), GOLDEN / "acp_broken.jsonl")
    assert [str(error) for error in errors] == expected_errors("acp_broken.jsonl.expected.txt")
    assert [(product.id, len(product.variants)) for product in products] == [("good", 1), ("pans", 1)]
    assert [error.row for error in errors if error.kept] == [1]


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("19.99", "USD", 1999), ("1999", "JPY", 1999), ("1.500", "KWD", 1500), ("0", "EUR", 0), ("2.0000", "CLF", 20000)],
)
def test_minor_units_follow_the_currency(amount: str, currency: str, minor: int) -> None:
    money = Money(amount=Decimal(amount), currency=currency)
    assert to_minor_units(money) == minor
    assert from_minor_units(minor, currency) == money


def test_no_part_of_a_minor_unit_is_rounded_away() -> None:
    with pytest.raises(ValueError, match="smallest unit"):
        to_minor_units(Money(amount=Decimal("10.5"), currency="JPY"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("4006381333931", None),
        ("96385074", None),
        ("036000291452", None),
        ("0 4006381 33393 1", None),
        ("4006381333930", "should be 1"),
        ("123", "8, 12, 13 or 14 digits"),
        ("4.00638E+12", "8, 12, 13 or 14 digits"),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", "8, 12, 13 or 14 digits"),
    ],
)
def test_check_digits(text: str, problem: str | None) -> None:
    found = gtin_problem(text)
    assert found is None if problem is None else problem in (found or "")


def test_our_own_form_is_not_taken_for_an_acp_feed(tmp_path: Path, make_product: MakeProduct) -> None:
    others = [path for path in GOLDEN.iterdir() if not path.name.startswith("acp")]
    assert [path.name for path in others if AcpImporter().identify(path)] == []
    own = make_product("A").model_dump(mode="json")
    assert own["variants"] == []
    (tmp_path / "own.jsonl").write_text(json.dumps(own) + "\n")
    assert not AcpImporter().identify(tmp_path / "own.jsonl")
    assert AcpImporter().identify(GOLDEN / "acp.jsonl")


def test_the_language_can_be_given_and_nothing_else() -> None:
    products, _ = collect(AcpImporter(), GOLDEN / "acp.jsonl", {"language": "=de"})
    assert {product.language for product in products} == {"de"}
    with pytest.raises(CatalogueError, match="does not take"):
        collect(AcpImporter(), GOLDEN / "acp.jsonl", {"price": "cost"})


def test_no_value_makes_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "products.jsonl"
    for line in (GOLDEN / "acp.jsonl").read_text(encoding="utf-8").splitlines():
        if line:
            changed = [json.dumps(value) for value in damaged(json.loads(line))]
            path.write_text("\n".join(changed), encoding="utf-8")
            collect(AcpImporter(), path)
