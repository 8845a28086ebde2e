"""Personal data that no record knows: found by how it stands in a sentence, in English and Chinese."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from assistant.privacy import find_personal
from assistant.tracing.personal import Personal
from finetune.unnamed import find_unnamed, without_unnamed

PII = Path(__file__).parents[3] / "shared" / "data" / "agent-security" / "presidio_synth_pii_dev.json.gz"
LEAST = {"CREDIT_CARD": 0.95, "EMAIL_ADDRESS": 0.95, "PHONE_NUMBER": 0.9, "IP_ADDRESS": 0.9, "IBAN_CODE": 0.85,
         "US_SSN": 0.95, "STREET_ADDRESS": 0.6}  # fmt: skip


def marked(text: str) -> str:
    return without_unnamed(text, lambda found: f"‹{found.kind}›")


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("send it to 14 Elm Hill Road, Apt 3 please", "send it to ‹street› please"),
        ("Hi, my name is Ottilie Brandt and it is late", "Hi, my name is ‹name› and it is late"),
        ("Mrs. Okonkwo ordered it", "Mrs. ‹name› ordered it"),
        ("pay from DE89 3704 0044 0532 0130 00", "pay from ‹payment›"),
        ("my ssn is 536-22-8726", "my ssn is ‹identity number›"),
        ("call me on 9472 7916", "call me on ‹phone›"),
        ("ich wohne in der Lindenstraße 12", "ich wohne in der ‹street›"),
        ("寄到浙江省杭州市西湖区文三路88号2单元301室", "‹street›"),
        ("我叫林小满，电话 0571-8765 4321", "我叫‹name›，电话 ‹phone›"),
        ("阳光花园3栋502室收", "‹street›收"),
    ],
)
def test_what_tells_who_somebody_is_is_replaced(text: str, without: str) -> None:
    assert marked(text) == without


@pytest.mark.parametrize(
    "text",
    [
        "where is order A1003, I paid $1,299.00 on 2026-11-24",
        "is the Trail 4 Tent good for 2 people under 200 dollars",
        "I'm looking for a jacket in size 42",
        "三百块以内的跑鞋，42码",
        "我是新手，想买个帐篷",
    ],
)
def test_shopping_is_left_as_it_is(text: str) -> None:
    assert marked(text) == text


@pytest.mark.skipif(not PII.is_file(), reason="the shared PII set isn't on this machine")
def test_recall_on_a_public_set() -> None:
    there: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for row in json.loads(gzip.decompress(PII.read_bytes())):
        text = row["full_text"]
        spans = [(each.start, each.end) for each in find_personal(text)]
        spans += [(text.find(each.text), text.find(each.text) + len(each.text)) for each in find_unnamed(text)]
        for span in row["spans"]:
            there[span["entity_type"]] += 1
            found[span["entity_type"]] += any(
                start < span["end_position"] and span["start_position"] < end for start, end in spans
            )
    assert {kind: share for kind, share in LEAST.items() if found[kind] < share * there[kind]} == {}


def test_pieces_that_overlap_are_replaced_once() -> None:
    assert marked("call 415 555 2671 or 415 555 2672").count("‹phone›") == 2
    assert all(isinstance(each, Personal) for each in find_unnamed("call 415 555 2671"))
