"""The shop's own models: kept, used, and one step back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.kept_models import SHIPPED_MODEL, KeptModels, UnknownModel

MONDAY, TUESDAY = datetime(2026, 11, 30, 9, tzinfo=UTC), datetime(2026, 12, 1, 9, tzinfo=UTC)


def adapter(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    return folder


def test_what_ships_is_in_use_until_another_is(tmp_path: Path) -> None:
    models = KeptModels(tmp_path / "store", "chat")
    assert (models.names(), models.in_use(), models.folder()) == ([SHIPPED_MODEL], SHIPPED_MODEL, None)
    name = models.keep(adapter(tmp_path / "run"), {"first_call_accuracy": 0.9}, MONDAY)
    assert models.in_use() == SHIPPED_MODEL, "kept isn't used"
    models.use(name)
    folder = models.folder()
    assert folder is not None and (folder / "adapter_model.safetensors").read_bytes() == b"weights"
    assert models.figures(name) == {"first_call_accuracy": 0.9}


def test_one_step_back_each_time(tmp_path: Path) -> None:
    models = KeptModels(tmp_path / "store", "chat")
    first = models.keep(adapter(tmp_path / "one"), {}, MONDAY)
    second = models.keep(adapter(tmp_path / "two"), {}, TUESDAY)
    models.use(first)
    models.use(second)
    assert models.rollback() == first
    assert models.rollback() == SHIPPED_MODEL
    with pytest.raises(UnknownModel, match="No chat model was in use before"):
        models.rollback()


def test_kinds_don_t_mix_and_unknown_names_are_answered_with_the_known(tmp_path: Path) -> None:
    chat, encoder = KeptModels(tmp_path, "chat"), KeptModels(tmp_path, "encoder")
    name = chat.keep(adapter(tmp_path / "run"), {}, MONDAY)
    chat.use(name)
    assert encoder.in_use() == SHIPPED_MODEL
    with pytest.raises(UnknownModel, match="There are: shipped"):
        encoder.use(name)


def test_a_half_copied_model_is_none(tmp_path: Path) -> None:
    (tmp_path / "models" / "chat" / ".2026-11-30-090000.partial").mkdir(parents=True)
    assert KeptModels(tmp_path, "chat").names() == [SHIPPED_MODEL]
