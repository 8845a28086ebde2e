"""`shelftalk train`: what it says before it does anything."""

from pathlib import Path

from typer.testing import CliRunner

from finetune.commands import app


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
