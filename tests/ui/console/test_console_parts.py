"""What the shop's own view writes: every word of anybody's stays a word, and titles say what is so."""

import html
import tomllib
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest

from assistant.shop.feedback import FeedbackEntry
from assistant.shop.insights import Busy, Funnel, Thumbs
from assistant.shop.traces import HeldBack, SearchCount
from tests.assistant.shop.test_traces import make_trace
from ui.console import charts, overview
from ui.console.answers import feedback_html, held_back_html
from ui.console.lists import ago
from ui.console.searches import searches_html
from ui.console.talks import talk_html

_NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
_BAD = "<script>alert(1)</script> {{x}} ${y}"


def test_nothing_that_was_said_becomes_a_tag() -> None:
    trace = make_trace("0123456789", None, None, _NOW, _BAD).model_copy(
        update={"reply": _BAD, "error": _BAD, "held_back": (HeldBack(sentence=_BAD, reason=_BAD),)}
    )
    count = SearchCount(words=_BAD, times=2, without_hits=2, last=_NOW)
    entry = FeedbackEntry(conversation_id=_BAD, turn=1, rating="down", comment=_BAD)
    for made in (
        talk_html(_BAD, [trace], (), "en"),
        held_back_html([trace], "en", _NOW),
        searches_html([count], "en", _NOW),
        feedback_html([entry], "en"),
    ):
        assert _BAD in html.unescape(made)
        assert "<script" not in made and "{{" not in made and "${" not in made


def test_a_sentence_that_was_held_back_is_read_with_why() -> None:
    held = (HeldBack(sentence="It floats.", reason="nothing says so"),)
    trace = make_trace("0123456789", "ann", None, _NOW).model_copy(update={"held_back": held})
    made = html.unescape(talk_html("Ann", [trace], (), "en"))
    assert "<s>It floats.</s>" in made and "nothing says so" in made


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "just now"), (5, "5 min ago"), (61, "1 h ago"), (60 * 49, "2 d ago"), (-5, "just now")]
)
def test_how_long_ago_it_was(minutes: int, words: str) -> None:
    assert ago(_NOW - timedelta(minutes=minutes), "en", _NOW) == words


def test_titles_say_the_finding() -> None:
    quiet = Busy(at=_NOW, turns=3, failed=1, held_back=0, word_half=1.0, word_most=2.0)
    busiest = quiet.model_copy(update={"at": _NOW + timedelta(days=1), "turns": 9})
    assert "4 Nov" in overview.busy_title([quiet, busiest], "day", "en")
    assert "9" in overview.busy_title([quiet, busiest], "hour", "zh")
    funnel = Funnel(shown=1200, clicked=40, in_cart=9, bought=2)
    assert overview.funnel_title(funnel, "en") == "Of 1,200 products shown, 9 went into a cart and 2 were bought"
    assert overview.thumbs_title([Thumbs(at=_NOW, ups=3, downs=1)], "en") == "3 of 4 thumbs point up"


def test_charts_hold_what_was_counted() -> None:
    busy = Busy(at=_NOW, turns=3, failed=1, held_back=0, word_half=1.0, word_most=None)
    answered, failed = charts.busy_chart([busy], "en").data
    assert (list(answered.y), list(failed.y)) == ([2], [1])
    assert list(charts.funnel_chart(Funnel(shown=4, clicked=3, in_cart=2, bought=1), "en").data[0].x) == [4, 3, 2, 1]
    ups, downs = charts.thumbs_chart([Thumbs(at=_NOW, ups=3, downs=1)], "en").data
    assert (list(ups.y), list(downs.y)) == ([3], [-1])


def test_every_text_is_there_in_both_languages_and_in_one_file_only() -> None:
    files = [
        tomllib.loads(resources.files("ui").joinpath(name).read_text(encoding="utf-8"))
        for name in ("texts.toml", "console/texts.toml")
    ]
    assert files[1]["en"].keys() == files[1]["zh"].keys()
    assert not files[0]["en"].keys() & files[1]["en"].keys()
