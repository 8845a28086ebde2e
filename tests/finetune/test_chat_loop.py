"""What the loop does with a candidate once it is measured."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.kept_models import SHIPPED_MODEL, KeptModels
from finetune.chat_loop import let_in
from finetune.gate import judge

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    folder = tmp_path / "adapter"
    folder.mkdir()
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    return folder


@pytest.mark.parametrize(("after", "is_used"), [(0.9, True), (0.86, False), (0.8, False)])
def test_only_a_better_one_goes_live_and_each_is_kept(
    candidate: Path, tmp_path: Path, after: float, is_used: bool
) -> None:
    verdict = judge({"first_call_accuracy": 0.86}, {"first_call_accuracy": after})
    name = let_in(candidate, verdict, tmp_path / "store", AT)
    models = KeptModels(tmp_path / "store", "chat")
    assert models.names() == [SHIPPED_MODEL, name]
    assert models.in_use() == (name if is_used else SHIPPED_MODEL)
    assert models.figures(name) == {"first_call_accuracy": after}
