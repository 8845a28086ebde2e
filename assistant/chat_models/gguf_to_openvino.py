"""From a verified GGUF file to a folder that OpenVINO GenAI loads in seconds; made once, kept beside the weights."""

import shutil
import tempfile
from pathlib import Path

import openvino_genai
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, quants

from assistant.errors import ChatModelError

# Q8_0, not Q4_0: it is a fifth slower, and a model this small has no precision to give away.
_QUANTIZATION = GGMLQuantizationType.Q8_0
_FORMAT = "ov1-q8_0"


def openvino_folder(gguf_file: Path) -> Path:
    """Return where the converted model of `gguf_file` lives, whether it is there or not."""
    return gguf_file.parent / f"{gguf_file.stem}.{_FORMAT}"


def convert(gguf_file: Path) -> Path:
    """Return the OpenVINO folder of `gguf_file`, making it if it isn't there (about half a minute for 0.5 B).

    Written under a temporary name and renamed at the end, so that a half-made folder is never taken for a model.
    Raises ChatModelError if OpenVINO did not write a model.
    """
    target = openvino_folder(gguf_file)
    if target.is_dir():
        return target
    with tempfile.TemporaryDirectory(prefix=".convert-", dir=gguf_file.parent) as scratch:
        requantized = Path(scratch) / "model" / "model.gguf"
        requantized.parent.mkdir()
        _requantize(gguf_file, requantized)
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


def _requantize(source: Path, target: Path) -> None:
    """Write the GGUF again with all matrices in Q8_0: OpenVINO reads no mixed K-quants."""
    reader = GGUFReader(source)
    writer = GGUFWriter(target, reader.fields["general.architecture"].contents())
    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key == "general.architecture":
            continue
        kind = field.types[0]
        writer.add_key_value(
            key, field.contents(), kind, sub_type=field.types[-1] if kind == GGUFValueType.ARRAY else None
        )
    for tensor in reader.tensors:
        if tensor.tensor_type == GGMLQuantizationType.F32:
            writer.add_tensor(tensor.name, tensor.data)
        else:
            values = quants.dequantize(tensor.data, tensor.tensor_type)
            writer.add_tensor(tensor.name, quants.quantize(values, _QUANTIZATION), raw_dtype=_QUANTIZATION)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
