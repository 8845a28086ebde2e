"""AdaLoRA (Zhang et al. 2023, arXiv 2303.10512) by PEFT: a budget of ranks goes to the matrices that make most of it.

What comes out is written as plain LoRA, with the singular values folded in, so that whatever loads one loads the other.
"""

import json
from pathlib import Path
from typing import Any

import torch
from peft import AdaLoraConfig
from safetensors.torch import save_file

_WARM_UP, _SETTLED = 0.1, 0.3
"""Shares of a run before the first rank is taken away, and after the last one was."""
_ORTHOGONAL = 0.5
_SURPLUS = 1.5
"""Ranks that a matrix begins with, for each that it may keep on average."""
_PREFIX = "base_model.model."


def adaptive_config(rank: int, alpha: int, targets: list[str], layers: list[int], steps: int) -> AdaLoraConfig:
    """Return the configuration of a run of `steps` that ends with `rank` on average."""
    return AdaLoraConfig(
        init_r=round(rank * _SURPLUS),
        target_r=rank,
        lora_alpha=alpha,
        target_modules=targets,
        layers_to_transform=layers,
        tinit=round(steps * _WARM_UP),
        tfinal=round(steps * _SETTLED),
        total_step=max(steps, 3),
        orth_reg_weight=_ORTHOGONAL,
    )


def unlikeness(model: Any) -> torch.Tensor:
    """Return the loss that keeps the directions of each matrix at right angles, without which no rank can be told."""
    costs = []
    for name, weight in model.named_parameters():
        if "lora_A" in name or "lora_B" in name:
            square = weight @ weight.T if "lora_A" in name else weight.T @ weight
            costs.append(torch.linalg.norm(square.float() - torch.eye(len(square), device=square.device)))
    return _ORTHOGONAL * torch.stack(costs).mean()


def save_folded(model: Any, folder: Path) -> None:
    """Write the adapter as plain LoRA of the rank that each matrix began with, what was taken away being zero."""
    config = model.peft_config["default"]
    tensors = {}
    for name, module in model.base_model.model.named_modules():
        if not hasattr(module, "lora_E"):
            continue
        worth = module.scaling["default"] / (module.ranknum["default"].item() + 1e-5)
        down = module.lora_A["default"] * module.lora_E["default"] * worth
        tensors[f"{_PREFIX}{name}.lora_A.weight"] = down.detach().contiguous().cpu()
        tensors[f"{_PREFIX}{name}.lora_B.weight"] = module.lora_B["default"].detach().contiguous().cpu()
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    plain = {
        "peft_type": "LORA", "task_type": None, "r": config.init_r, "lora_alpha": config.init_r,
        "target_modules": sorted(config.target_modules), "layers_to_transform": config.layers_to_transform,
        "lora_dropout": 0.0, "bias": "none", "base_model_name_or_path": config.base_model_name_or_path,
        "inference_mode": True,
    }  # fmt: skip
    (folder / "adapter_config.json").write_text(json.dumps(plain, indent=1, sort_keys=True) + "\n", encoding="utf-8")
