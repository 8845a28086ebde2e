"""A LoRA adapter as a folder: PEFT's two files, and a card that says what it was trained on and what it may go with."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from assistant.errors import ChatModelError
from assistant.schema import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CARD_FILE = "card.json"
WEIGHTS_FILE = "adapter_model.safetensors"
SHIPPED = Path(__file__).parents[2] / "finetune" / "adapters" / "chat"
"""The adapter of the default model. A path, not an import: what is fine-tuned stands above this package."""
_PREFIX = "base_model.model."


class AdapterCard(Value):
    """What an adapter goes with: the hashes of the base model's GGUF and of the prompts it was trained with."""

    base: str
    base_sha256: str
    prompt_sha256: str
    trained: Mapping[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True)
class Adapter:
    """An adapter that was read."""

    folder: Path
    card: AdapterCard

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the weights."""
        return _sha256(self.folder / WEIGHTS_FILE)

    def check_base(self, gguf_file: Path) -> None:
        """Raise ChatModelError where the adapter was trained on other weights than these."""
        if _sha256(gguf_file) != self.card.base_sha256:
            raise ChatModelError(
                f"The adapter in {self.folder} was trained on {self.card.base}, and {gguf_file.name} isn't that model. "
                "Choose the model it goes with, or SHELFTALK_ADAPTER=none."
            )

    def deltas(self) -> "dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]":
        """Return by module the two factors, (out, rank) scaled and (rank, in), whose product is added to its matrix."""
        from safetensors.torch import load_file

        config = json.loads((self.folder / "adapter_config.json").read_text(encoding="utf-8"))
        scale = config["lora_alpha"] / config["r"]
        weights = {name: weight.float().numpy() for name, weight in load_file(self.folder / WEIGHTS_FILE).items()}
        return {
            name.removeprefix(_PREFIX).removesuffix(".lora_A.weight"): (
                scale * weights[name.replace("lora_A", "lora_B")],
                weights[name],
            )
            for name in weights
            if name.endswith(".lora_A.weight")
        }


def load_adapter(folder: Path) -> Adapter:
    """Read an adapter's card. Raises ChatModelError, saying what is missing, where the folder holds none."""
    for name in (CARD_FILE, WEIGHTS_FILE, "adapter_config.json"):
        if not (folder / name).is_file():
            raise ChatModelError(f"{folder} holds no adapter: there is no {name}.")
    try:
        card = AdapterCard.model_validate_json((folder / CARD_FILE).read_text(encoding="utf-8"))
    except ValidationError as error:
        raise ChatModelError(f"{folder / CARD_FILE} is no adapter's card: {error.errors()[0]['msg']}.") from None
    return Adapter(folder, card)


@cache
def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
