"""A full disk: it is said, and nothing half-written takes the place of what was there."""

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from assistant.testing.stage import ShopCopy
from finetune import synthesize as module
from finetune.errors import TrainingError
from finetune.files import whole
from finetune.synthesize import Source, write_set

FULL = OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "set.jsonl"
    target.write_text("before", encoding="utf-8")
    with (
        pytest.raises(TrainingError, match="No space left on device"),
        whole(target) as new,
    ):
        new.write_text("half", encoding="utf-8")
        raise FULL
    assert target.read_text(encoding="utf-8") == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["set.jsonl"]


def test_what_breaks_off_for_another_reason_leaves_nothing_either(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), whole(tmp_path / "set.jsonl") as new:
        new.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def test_a_set_on_a_full_disk_is_no_set(tmp_path: Path, demo_shop: ShopCopy, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Any] = []

    def dumps(line: Any, **options: Any) -> str:
        written.append(line)
        if len(written) > 5:
            raise FULL
        return json.dumps(line, **options)

    monkeypatch.setattr(module, "json", type("Full", (), {"dumps": staticmethod(dumps)}))
    with pytest.raises(TrainingError, match="Make room and start the same command again"):
        write_set(tmp_path / "set.jsonl", demo_shop, Source(requests=20, played=0))
    assert not list(tmp_path.iterdir())
