"""What is logged: a line a turn, and never what was said, a secret or somebody's data."""

import json
import logging
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from assistant.app import App
from assistant.chat_models.scripted import ScriptedModel
from assistant.schema import ToolCall
from assistant.settings import Settings, load_settings
from assistant.testing.stage import ShopCopy
from tests.ui.server.test_routes import client, events, shop, token
from ui.logs import Cleaner, JsonLines, TextLines, secrets_of, set_up_logs

__all__ = ["shop"]
SECRET = "a key that nobody may read"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict[str, object]]]:
    found: list[dict[str, object]] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(json.loads(self.format(record)))

    handler = Keeping()
    handler.setFormatter(JsonLines(Cleaner([SECRET])))
    loggers = [logging.getLogger(name) for name in ("shelftalk", "assistant", "ui")]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    yield found
    for logger in loggers:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)


def test_a_turn_is_one_line_that_says_nothing_of_what_was_said(shop: App, lines: list[dict[str, object]]) -> None:
    told = events(client(shop).post("/chat", json={"message": "a candle for Zanzibar"}, headers=token("C001")))
    (line,) = lines
    assert (line["message"], line["end"], line["caller"]) == ("turn", "turn_finished", "customer")
    assert line["tools"] == ["search_products"]
    assert line["conversation_id"] == told[0]["conversation_id"]
    assert set(line["seconds"]) == {"place", "card", "word", "end"}  # type: ignore[call-overload]
    assert shop.records.traces.get(str(line["trace_id"])) is not None, "the trace of the same turn"
    assert not any(word in json.dumps(lines) for word in ("Zanzibar", "C001", told[-1]["text"][:20]))


def test_messages_are_logged_by_setting_and_masked(shop: App, lines: list[dict[str, object]]) -> None:
    body = {"message": "I'm ann@shop.example, 4111 1111 1111 1111, +1 415-555-2671, candles please"}
    client(shop, log_messages=True).post("/chat", json=body)
    assert lines[0]["said"] == "I'm ‹e-mail›, ‹card›, ‹phone›, candles please"


def test_a_failed_turn_says_why_under_its_id(demo_shop: ShopCopy, lines: list[dict[str, object]]) -> None:
    with demo_shop.stage(ScriptedModel([])) as stage:
        (_, failed) = events(client(stage.app).post("/chat", json={"message": "hello"}))
    cause = next(line for line in lines if line["level"] == "error")
    turn = next(line for line in lines if line["message"] == "turn")
    assert failed["trace_id"] == turn["trace_id"]
    assert failed["trace_id"] in str(cause["message"])
    assert "ChatModelError" in str(cause["exception"])


def test_secrets_and_personal_data_never_reach_the_log() -> None:
    password = "pass-wort-123"
    settings = Settings(
        token_key=SecretStr(SECRET), records_url=SecretStr(f"postgresql+psycopg://me:{password}@host/shop")
    )
    cleaner = Cleaner(secrets_of(settings))
    record = logging.LogRecord(
        "shelftalk", logging.ERROR, "", 0, f"refused {SECRET} of ann@shop.example, {password}", (), None
    )
    record.fields = {"nested": {"key": [SECRET, 1, None]}, "trace_id": "4155552671"}
    for formatter in (JsonLines(cleaner), TextLines(cleaner)):
        line = formatter.format(record)
        assert not any(each in line for each in (SECRET, "ann@", password))
        assert line.count("‹secret›") >= 2
    assert json.loads(JsonLines(cleaner).format(record))["trace_id"] == "4155552671"


def test_the_form_is_a_setting(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        for form in ("json", "text"):
            set_up_logs(load_settings(environ={}, log_format=form))
            logging.getLogger("shelftalk.test").info("hello")
        first, second = capsys.readouterr().err.splitlines()
    finally:
        root.handlers[:], root.level = before, level
        for name in ("shelftalk", "assistant", "ui", "retrieval", "uvicorn"):
            logging.getLogger(name).setLevel(logging.NOTSET)
    assert json.loads(first)["message"] == "hello"
    assert second.endswith("INFO shelftalk.test: hello")


def test_a_call_of_a_tool_that_failed_is_named(demo_shop: ShopCopy, lines: list[dict[str, object]]) -> None:
    call = ToolCall(id="1", name="get_product", arguments={"product_id": "none"})
    with demo_shop.stage(ScriptedModel([[call], "Hello!"])) as stage:
        client(stage.app).post("/chat", json={"message": "hello"})
    assert lines[-1]["tools"] == ["get_product failed"]
