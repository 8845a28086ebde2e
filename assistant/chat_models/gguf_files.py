"""GGUF files written again: all matrices in one quantisation, an adapter merged in, and the folder OpenVINO loads."""

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import openvino_genai
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, quants

from assistant.chat_models.adapters import Adapter
from assistant.errors import ChatModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Q8_0, not Q4_0: it is a fifth slower, and a model this small has no precision to give away.
QUANTIZATIONS = {"q8_0": GGMLQuantizationType.Q8_0, "q4_0": GGMLQuantizationType.Q4_0}
_FORMAT = "ov1-q8_0"
_MODULES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
"""What llama.cpp's names of Qwen2's matrices (gguf-py, constants.py) are called in transformers."""


def openvino_folder(gguf_file: Path, adapter: Adapter | None = None) -> Path:
    """Return where the converted model lives, whether it is there or not."""
    merged = f"-{adapter.fingerprint[:12]}" if adapter else ""
    return gguf_file.parent / f"{gguf_file.stem}{merged}.{_FORMAT}"


def convert(gguf_file: Path, adapter: Adapter | None = None) -> Path:
    """Return the OpenVINO folder of `gguf_file`, making it if it isn't there (about half a minute for 0.5 B).

    Written under a temporary name and renamed at the end, so that a half-made folder is never taken for a model.
    Raises ChatModelError if OpenVINO did not write a model, or the adapter is for another base.
    """
    target = openvino_folder(gguf_file, adapter)
    if target.is_dir():
        return target
    with tempfile.TemporaryDirectory(prefix=".convert-", dir=gguf_file.parent) as scratch:
        requantized = Path(scratch) / "model" / "model.gguf"
        requantized.parent.mkdir()
        write_gguf(gguf_file, requantized, "q8_0", adapter)
        # Loading it once writes openvino_model.xml and the tokenizers beside the GGUF.
        openvino_genai.LLMPipeline(str(requantized), "CPU", enable_save_ov_model=True)
        requantized.unlink()
        if not (requantized.parent / "openvino_model.xml").is_file():
            raise ChatModelError(
                f"OpenVINO wrote no model from {gguf_file.name}. Is openvino-genai 2026.4 or newer installed?"
            )
        shutil.rmtree(target, ignore_errors=True)
        requantized.parent.replace(target)
    return target


def write_gguf(source: Path, target: Path, quantization: str = "q8_0", adapter: Adapter | None = None) -> None:
    """Write the GGUF again with all matrices in one of QUANTIZATIONS: OpenVINO reads no mixed K-quants.

    An adapter is added to the matrices that it is for. Raises ChatModelError where it is for another base.
    """
    if adapter is not None:
        adapter.check_base(source)
    kind = QUANTIZATIONS[quantization]
    reader = GGUFReader(source)
    writer = GGUFWriter(target, reader.fields["general.architecture"].contents())
    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key == "general.architecture":
            continue
        value_type = field.types[0]
        writer.add_key_value(
            key, field.contents(), value_type, sub_type=field.types[-1] if value_type == GGUFValueType.ARRAY else None
        )
    deltas = adapter.deltas() if adapter else {}
    for tensor in reader.tensors:
        if tensor.tensor_type == GGMLQuantizationType.F32:
            writer.add_tensor(tensor.name, tensor.data)
        else:
            values = quants.dequantize(tensor.data, tensor.tensor_type)
            values = _merged(values, deltas.pop(_module(tensor.name), None))
            writer.add_tensor(tensor.name, quants.quantize(values, kind), raw_dtype=kind)
    if deltas:
        raise ChatModelError(f"The adapter changes {sorted(deltas)[0]}, which {source.name} doesn't have.")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _module(name: str) -> str:
    """Return what transformers calls a matrix, such as 'model.layers.3.mlp.up_proj' for 'blk.3.ffn_up.weight'."""
    parts = name.split(".")
    if parts[0] != "blk" or parts[2] not in _MODULES:
        return name
    return f"model.layers.{parts[1]}.{_MODULES[parts[2]]}"


def _merged(
    values: "NDArray[np.float32]", factors: "tuple[NDArray[np.float32], NDArray[np.float32]] | None"
) -> "NDArray[np.float32]":
    return values if factors is None else values + factors[0] @ factors[1]
