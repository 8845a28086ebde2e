"""`shelftalk models`: what is kept, what is in use, and back."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.kept_models import KeptModels
from ui.cli import app

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    run = tmp_path / "run"
    run.mkdir()
    (run / "adapter_model.safetensors").write_bytes(b"weights")
    KeptModels(tmp_path / "store", "chat").keep(run, {"requests.first_call_accuracy": 0.9}, AT)
    return tmp_path / "store"


def called(*arguments: str, store: Path) -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["models", *arguments, "--store", str(store)])
    return answer.exit_code, answer.output


def test_a_model_is_listed_used_and_taken_back(store: Path) -> None:
    assert "chat        2026-12-01-090000    requests.first_call_accuracy 0.9" in called("list", store=store)[1]
    assert called("use", "2026-12-01-090000", store=store)[0] == 0
    listed = json.loads(called("list", "--json", store=store)[1])
    assert listed["chat"]["in_use"] == "2026-12-01-090000"
    assert listed["encoder"] == {"in_use": "shipped", "models": {"shipped": {}}}
    assert "shipped" in called("rollback", store=store)[1]
    assert KeptModels(store, "chat").folder() is None


def test_an_unknown_model_is_answered_with_those_there_are(store: Path) -> None:
    code, output = called("use", "tomorrow", store=store)
    assert code != 0
    assert "There are: shipped, 2026-12-01-090000." in output
    assert called("rollback", store=store)[0] != 0
