"""Numbers in a text."""

from decimal import Decimal

import pytest

from assistant.grounding.numbers import quantities


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$1,249.50", [("1249.50", "USD")]),
        ("from $39 to 120", [("39", "USD"), ("120", "USD")]),
        ("39-120 dollars", [("39", "USD"), ("120", "USD")]),
        ("one hundred and twenty dollars", [("120", "USD")]),
        ("50 cents", [("0.5", "USD")]),
        ("一百二十元", [("120", "CNY")]),
        ("149美元", [("149", "USD")]),
        ("$1.2k", [("1200", "USD")]),
        ("3-5 business days", [("3", "workday"), ("5", "workday")]),
        ("3到5个工作日", [("3", "workday"), ("5", "workday")]),
        ('a 15.6" screen', [("15.6", "inch")]),
        ("30-day returns", [("30", "day")]),
        ("两年质保", [("2", "year")]),
        ("12 in stock", [("12", None)]),
        ("15.6 in", [("15.6", "inch")]),
        ("1,120 g", [("1120", "g")]),
        ("16gb", [("16", "gb")]),
        ("no numbers, someone said", []),
        ("the first one costs $149", [("1", None), ("149", "USD")]),
    ],
)
def test_numbers_are_read_with_what_they_count(text: str, expected: list[tuple[str, str | None]]) -> None:
    found = [(q.value, q.currency or (q.unit.name if q.unit else None)) for q in quantities(text)]
    assert found == [(Decimal(value), counted) for value, counted in expected]
