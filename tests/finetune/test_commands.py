"""`shelftalk train`: what it says before it does anything."""

import json
from pathlib import Path
from typing import NoReturn

import pytest
from typer.testing import CliRunner

from finetune import chat_loop
from finetune.commands import app
from finetune.errors import TrainingError


def test_an_unknown_recipe_is_answered_with_those_there_are(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["chat", "--out", str(tmp_path / "new"), "--recipe", "abacus"])
    assert answer.exit_code == 2
    assert "There are: cpu, gpu, smoke." in answer.output
    assert not (tmp_path / "new").exists()


def test_a_broken_set_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text("{", encoding="utf-8")
    answer = CliRunner().invoke(app, ["chat", "--out", str(tmp_path), "--recipe", "smoke"])
    assert answer.exit_code == 2, "read before the base model is written"
    assert "holds no talk" in answer.output


def test_a_sound_set_is_read_and_goes_on_to_the_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call = {"id": "1", "name": "list_orders", "arguments": {}}
    messages = [
        {"role": "user", "content": "my orders"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
    ]
    line = json.dumps({"known": True, "learned": [1], "messages": messages})
    (tmp_path / "set.jsonl").write_text(line + "\n", encoding="utf-8")

    def no_room(*_: Path) -> NoReturn:
        raise TrainingError("No room for the base.")

    monkeypatch.setattr(chat_loop, "write_base", no_room)
    answer = CliRunner().invoke(app, ["chat", "--out", str(tmp_path), "--recipe", "smoke"])
    assert answer.exit_code == 2
    assert "No room for the base." in answer.output
