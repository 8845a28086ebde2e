"""An adapter: what it goes with, and what merging it does to a model's file."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from gguf import GGUFReader, GGUFWriter, quants
from safetensors.torch import save_file

from assistant.app import adapter_folder
from assistant.chat_models.adapters import SHIPPED, load_adapter
from assistant.chat_models.gguf_files import openvino_folder, write_gguf
from assistant.errors import ChatModelError
from assistant.prompting import prompt_hash
from assistant.settings import load_settings
from finetune.export import write_adapter

SIZE = 64


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A file with one matrix, of ones."""
    path = tmp_path / "base.gguf"
    writer = GGUFWriter(path, "qwen2")
    writer.add_tensor("blk.0.ffn_up.weight", np.ones((SIZE, SIZE), dtype=np.float16))
    writer.add_tensor("blk.0.attn_q.bias", np.ones(SIZE, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A training run with an adapter of that matrix: its product is 2 everywhere, scaled by alpha / r = 2."""
    folder = tmp_path / "run"
    folder.mkdir()
    name = "base_model.model.model.layers.0.mlp.up_proj"
    save_file(
        {f"{name}.lora_A.weight": torch.ones(2, SIZE), f"{name}.lora_B.weight": torch.ones(SIZE, 2)},
        folder / "adapter_model.safetensors",
    )
    (folder / "adapter_config.json").write_text(json.dumps({"r": 2, "lora_alpha": 4, "base_model_name_or_path": "/x"}))
    return folder


def test_the_adapter_is_added_to_its_matrix_alone(tmp_path: Path, base: Path, run: Path) -> None:
    write_adapter(run, tmp_path / "adapter", base, {})
    merged = tmp_path / "merged.gguf"
    write_gguf(base, merged, "q8_0", load_adapter(tmp_path / "adapter"))
    tensors = {tensor.name: tensor for tensor in GGUFReader(merged).tensors}
    matrix = tensors["blk.0.ffn_up.weight"]
    assert quants.dequantize(matrix.data, matrix.tensor_type) == pytest.approx(np.full((SIZE, SIZE), 5.0), rel=0.01)
    assert tensors["blk.0.attn_q.bias"].data == pytest.approx(np.ones(SIZE))


def test_an_adapter_of_another_base_is_refused(tmp_path: Path, base: Path, run: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(b"another model")
    write_adapter(run, tmp_path / "adapter", other, {})
    with pytest.raises(ChatModelError, match="isn't that model"):
        write_gguf(base, tmp_path / "merged.gguf", "q8_0", load_adapter(tmp_path / "adapter"))


def test_an_adapter_for_a_matrix_that_isnt_there_is_refused(tmp_path: Path, base: Path, run: Path) -> None:
    name = "base_model.model.model.layers.7.mlp.up_proj"
    save_file(
        {f"{name}.lora_A.weight": torch.ones(2, SIZE), f"{name}.lora_B.weight": torch.ones(SIZE, 2)},
        run / "adapter_model.safetensors",
    )
    write_adapter(run, tmp_path / "adapter", base, {})
    with pytest.raises(ChatModelError, match=r"layers\.7"):
        write_gguf(base, tmp_path / "merged.gguf", "q8_0", load_adapter(tmp_path / "adapter"))


def test_each_adapter_has_its_own_converted_model(tmp_path: Path, base: Path, run: Path) -> None:
    write_adapter(run, tmp_path / "adapter", base, {})
    assert openvino_folder(base) != openvino_folder(base, load_adapter(tmp_path / "adapter"))


def test_the_card_says_nothing_of_the_machine(tmp_path: Path, base: Path, run: Path) -> None:
    write_adapter(run, tmp_path / "adapter", base, {"minutes": 3})
    assert "/x" not in (tmp_path / "adapter" / "adapter_config.json").read_text()
    assert load_adapter(tmp_path / "adapter").card.trained == {"minutes": 3}


def test_a_folder_without_an_adapter_is_named(tmp_path: Path) -> None:
    with pytest.raises(ChatModelError, match=r"no card\.json"):
        load_adapter(tmp_path)
    for name in ("card.json", "adapter_model.safetensors", "adapter_config.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(ChatModelError, match="no adapter's card"):
        load_adapter(tmp_path)


def test_which_adapter_is_meant(tmp_path: Path) -> None:
    assert adapter_folder(load_settings({}, adapter="none")) is None
    assert adapter_folder(load_settings({}, adapter=str(tmp_path))) == tmp_path
    assert adapter_folder(load_settings({}, chat_model="local")) is None
    assert adapter_folder(load_settings({}, chat_model_name="another")) is None


@pytest.mark.skipif(not SHIPPED.is_dir(), reason="No adapter ships yet.")
def test_the_shipped_adapter_was_trained_with_this_prompt_and_these_tools() -> None:
    """Change the prompt or a tool, and the adapter has to be trained again: finetune/LOG.md says how."""
    assert load_adapter(SHIPPED).card.prompt_sha256 == prompt_hash()
    assert all(file.stat().st_size <= 16 * 2**20 for file in SHIPPED.iterdir())
