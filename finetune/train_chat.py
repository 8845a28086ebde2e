"""Fine-tune the chat model: python -m finetune.train_chat SET.jsonl --base FOLDER --out FOLDER --recipe cpu|gpu.

LoRA (Hu et al. 2021, arXiv 2106.09685) by PEFT on accelerate, in bf16 with the adapter's own weights kept in float32.
Loss is taken on what the assistant writes alone, and only those positions go through the output layer: with 151,936
words it would otherwise cost more than the model. A killed run goes on from its last checkpoint with the same command.
"""

import json
import math
import random
import tempfile
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from accelerate import Accelerator
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch.nn.functional import linear
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from assistant.prompting import system_prompts
from finetune.adaptive import adaptive_config, save_folded, unlikeness
from finetune.data import Pack, Reading, packed, read_talks, weighted
from finetune.errors import AdapterError, TrainingError
from finetune.files import whole
from finetune.lean import LeanModel, is_lean

ADAPTER = "adapter_model.safetensors"
_STATE = "checkpoint.pt"
METHODS = ("lora", "adalora")
_WARM_UP = 0.05
_TRIED = 1024
_BYTES_PER_TOKEN = 5.2
"""Bytes of a line of a set for each token that is learned from it: JSON's own are the greater part."""
_BESIDES = 2.0
"""A step takes twice as long as its products with the model's matrices: attention, the prompt, the output layer."""
Report = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True)
class Recipe:
    """What a run is made of; see recipes/."""

    rank: int
    alpha: int
    learning_rate: float
    room: int
    packs_per_step: int
    epochs: int
    minutes: float
    held_out: int
    check_every: int
    patience: int
    checkpoint_minutes: float
    seed: int
    targets: tuple[str, ...]
    longest: int
    first_layer: int
    refresh: int
    method: str = "lora"
    openings: int = 0


def load_recipe(name: str, minutes: float | None = None, **other: Any) -> Recipe:
    """Return a recipe of recipes/, with what is given (but None) in the place of its own.

    Raises TrainingError, listing the names there are.
    """
    folder = resources.files("finetune").joinpath("recipes")
    names = sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))
    if name not in names:
        raise TrainingError(f"There is no recipe '{name}'. There are: {', '.join(names)}.")
    entries = tomllib.loads(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    given = {key: value for key, value in {"minutes": minutes, **other}.items() if value is not None}
    recipe = Recipe(**{**entries, "targets": tuple(entries["targets"]), **given})
    if recipe.method not in METHODS:
        raise TrainingError(f"There is no method '{recipe.method}'. There are: {', '.join(METHODS)}.")
    return recipe


class Trainer:
    """One run: the model with its adapter, the optimiser's float32 copy, the packs, and where it stands."""

    def __init__(
        self,
        model: Any,
        packs: Sequence[Pack],
        recipe: Recipe,
        out: Path,
        start: Path | None = None,
        report: Report | None = None,
    ) -> None:
        torch.manual_seed(recipe.seed)
        self._accelerator = Accelerator()
        # A small set is learned from all the same.
        held_out = min(recipe.held_out, len(packs) // 2)
        self._held_out, self._packs = packs[:held_out], packs[held_out:]
        self._steps = max(1, len(self._packs) // recipe.packs_per_step) * recipe.epochs
        # Below the first of them nothing has to be gone back through.
        layers = list(range(recipe.first_layer, model.config.num_hidden_layers))
        if self._is_adaptive(recipe):
            config = adaptive_config(recipe.rank, recipe.alpha, list(recipe.targets), layers, self._steps)
        else:
            config = LoraConfig(
                r=recipe.rank,
                lora_alpha=recipe.alpha,
                target_modules=list(recipe.targets),
                layers_to_transform=layers,
            )
        self.model = get_peft_model(model, config, autocast_adapter_dtype=False).to(self._accelerator.device)
        if start is not None:
            _take_over(self.model, start)
        self._recipe = recipe
        self._out = out
        is_quick = recipe.refresh > 0 and is_lean(self.model)
        self._lean = LeanModel(self.model, recipe.refresh) if is_quick else None
        self._weights = {name: weight for name, weight in self.model.named_parameters() if weight.requires_grad}
        # bf16 is too coarse to add small steps up in.
        self._masters = {name: weight.detach().float().clone() for name, weight in self._weights.items()}
        self._optimizer = torch.optim.AdamW(self._masters.values(), lr=recipe.learning_rate, weight_decay=0.0)
        self._report = report
        self._board = _board(out / "tensorboard")
        self._step = 0
        self._spent = 0.0
        self._best = math.inf
        self._worse = 0

    def run(self) -> float:
        """Train to the end of the recipe, or until the held-out loss no longer falls; return the lowest."""
        self._out.mkdir(parents=True, exist_ok=True)
        self._resume()
        began, saved = time.monotonic() - self._spent, time.monotonic()
        while self._step < self._steps:
            self._spent = time.monotonic() - began
            progress = max(self._step / self._steps, self._spent / 60 / self._recipe.minutes)
            if progress >= 1 or self._worse >= self._recipe.patience:
                break
            if self._report:
                self._report("Training", round(1000 * progress), 1000)
            rate = self._rate(progress)
            loss = self._learn(self._batch(), rate)
            self._step += 1
            self._log(
                step=self._step, of=self._steps, loss=round(loss, 4), rate=rate, minutes=round(self._spent / 60, 1)
            )
            if self._step % self._recipe.check_every == 0:
                self._check()
            if time.monotonic() - saved >= self._recipe.checkpoint_minutes * 60:
                self._save_state()
                saved = time.monotonic()
        self._check()
        (self._out / _STATE).unlink(missing_ok=True)
        return self._best

    def _batch(self) -> list[Pack]:
        """Return the packs of this step; each epoch has its own order, the same in every run."""
        size = self._recipe.packs_per_step
        epoch, place = divmod(self._step * size, max(size, len(self._packs) // size * size))
        order = list(range(len(self._packs)))
        random.Random(self._recipe.seed + epoch).shuffle(order)
        packs = [self._packs[position] for position in order[place : place + size]]
        # A fresh adapter learns late to open a call: among a talk's many tokens the first one counts for little.
        return [*packs, *(pack.openings() for pack in packs)] if self._step < self._recipe.openings else packs

    def _rate(self, progress: float) -> float:
        """Return the learning rate: up linearly, down by a cosine."""
        warm = min(1.0, progress / _WARM_UP) if self._step else 0.1
        return self._recipe.learning_rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress))))

    def _learn(self, packs: Sequence[Pack], rate: float) -> float:
        self.model.train()
        losses = []
        for pack in packs:
            loss = self._loss(pack) / len(packs)
            losses.append(loss.item())
            if self._is_adaptive(self._recipe):
                loss = loss + unlikeness(self.model) / len(packs)
            self._accelerator.backward(loss)
        for name, weight in self._weights.items():
            self._masters[name].grad = None if weight.grad is None else weight.grad.float()
        torch.nn.utils.clip_grad_norm_(self._masters.values(), 1.0)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        with torch.no_grad():
            for name, weight in self._weights.items():
                weight.copy_(self._masters[name])
        if self._is_adaptive(self._recipe):
            self._allocate()
        for weight in self._weights.values():
            weight.grad = None
        return sum(losses)

    @staticmethod
    def _is_adaptive(recipe: Recipe) -> bool:
        return recipe.method == "adalora"

    def _allocate(self) -> None:
        """Take ranks from the matrices that make least of them; what was taken stays taken."""
        self.model.base_model.update_and_allocate(self._step)
        with torch.no_grad():
            for name, weight in self._weights.items():
                if "lora_E" in name:
                    self._masters[name].copy_(weight)

    def _loss(self, pack: Pack) -> torch.Tensor:
        if self._lean is not None:
            return self._lean.loss(pack, fresh=not self.model.training)
        device = self._accelerator.device
        core = self.model.get_base_model()
        laid = pack.rows()
        # The prompt is read once; its keys and values, with their gradients, stand before every row.
        before = core.model(input_ids=pack.prompt[None].to(device), use_cache=True).past_key_values
        rows = len(laid.ids)
        for layer in before.layers:
            layer.keys, layer.values = layer.keys.expand(rows, -1, -1, -1), layer.values.expand(rows, -1, -1, -1)
        hidden = core.model(
            input_ids=laid.ids.to(device),
            position_ids=laid.positions.to(device),
            attention_mask=laid.mask(len(pack.prompt)).to(device),
            past_key_values=before,
            use_cache=True,
        ).last_hidden_state.flatten(0, 1)
        logits = core.lm_head(hidden[laid.labelled.to(device)])
        return weighted(logits, laid.targets.to(device), laid.weights.to(device))

    def held_out_loss(self) -> float:
        """Return the mean loss on the packs that aren't trained on; on the first ones where there are too few."""
        self.model.eval()
        packs = self._held_out or self._packs[:1]
        with torch.no_grad():
            return sum(self._loss(pack).item() for pack in packs) / len(packs)

    def _check(self) -> None:
        loss = self.held_out_loss()
        self._log(step=self._step, held_out_loss=round(loss, 4))
        self._worse = 0 if loss < self._best else self._worse + 1
        if loss < self._best:
            self._best = loss
            self._save_adapter()

    def _save_adapter(self) -> None:
        # Written beside the run first: a disk that fills up leaves the adapter of before.
        with tempfile.TemporaryDirectory(dir=self._out, prefix=".adapter-") as folder:
            try:
                if self._is_adaptive(self._recipe):
                    save_folded(self.model, Path(folder))
                else:
                    self.model.save_pretrained(folder)
            except (OSError, SafetensorError) as error:
                raise TrainingError(f"The adapter cannot be written into {self._out}: {error}. Make room.") from error
            for name in (ADAPTER, "adapter_config.json"):
                (Path(folder) / name).replace(self._out / name)

    def _save_state(self) -> None:
        state = {
            "masters": self._masters, "optimizer": self._optimizer.state_dict(), "step": self._step,
            "spent": self._spent, "best": self._best, "worse": self._worse,
        }  # fmt: skip
        buffer = BytesIO()
        torch.save(state, buffer)
        with whole(self._out / _STATE) as partial:
            partial.write_bytes(buffer.getbuffer())

    def _resume(self) -> None:
        file = self._out / _STATE
        if not file.is_file():
            return
        state = torch.load(file, weights_only=True)
        if state["masters"].keys() != self._masters.keys():
            raise TrainingError(f"{file} belongs to another recipe. Remove it, or choose another --out.")
        with torch.no_grad():
            for name, value in state["masters"].items():
                self._masters[name].copy_(value)
                self._weights[name].copy_(value)
        self._optimizer.load_state_dict(state["optimizer"])
        self._step, self._spent = state["step"], state["spent"]
        self._best, self._worse = state["best"], state["worse"]
        self._log(step=self._step, resumed=True)

    def _log(self, **entry: Any) -> None:
        if self._board is not None:
            for name in sorted(entry.keys() & {"loss", "held_out_loss", "rate"}):
                self._board.add_scalar(name, entry[name], entry["step"])
            self._board.flush()
        line = json.dumps(entry)
        with (self._out / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        if self._report is None:
            typer.echo(line, err=True)


def _board(folder: Path) -> Any:
    """Return a writer of TensorBoard's logs, None where TensorBoard isn't installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder))


def _take_over(model: Any, start: Path) -> None:
    """Begin with an adapter's weights. Raises AdapterError where it has other matrices than the recipe."""
    weights = load_file(start / ADAPTER)
    known = get_peft_model_state_dict(model)
    if {name: value.shape for name, value in weights.items()} != {name: value.shape for name, value in known.items()}:
        raise AdapterError(f"The adapter in {start} changes other matrices than this recipe. Start without it.")
    set_peft_model_state_dict(model, weights)


def train(
    lines: Path, base: Path, out: Path, recipe: Recipe, start: Path | None = None, report: Report | None = None
) -> tuple[float, Reading]:
    """Train an adapter of `base` into `out`, from the beginning or from the adapter in `start`.

    Returns the held-out loss and what was read. Raises TrainingError.
    """
    tokenizer = AutoTokenizer.from_pretrained(base)

    def encode(text: str) -> list[int]:
        return list(tokenizer(text, add_special_tokens=False)["input_ids"])

    reading = read_talks(lines, encode, recipe.longest)
    prompts = {known: encode(text) for known, text in system_prompts().items()}
    packs = packed(reading.talks, prompts, recipe.room, random.Random(recipe.seed))
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16, attn_implementation="sdpa")
    trainer = Trainer(model, packs, recipe, out, start, report)
    return trainer.run(), reading


def estimate_minutes(lines: Path, base: Path, recipe: Recipe) -> float:
    """Return about how long a run will take, by the speed of one of the model's products on this machine."""
    config = AutoConfig.from_pretrained(base)
    wide, inner = int(config.hidden_size), int(config.intermediate_size)
    matrices = config.num_hidden_layers * (3 * wide * inner + 2.5 * wide * wide)
    states, matrix = torch.randn(_TRIED, wide).bfloat16(), torch.randn(inner, wide).bfloat16()
    began = time.perf_counter()
    for _ in range(3):
        linear(states, matrix)
    speed = 3 * 2 * _TRIED * wide * inner / (time.perf_counter() - began)
    tokens = lines.stat().st_size / _BYTES_PER_TOKEN * recipe.epochs
    back = 1 - recipe.first_layer / config.num_hidden_layers
    minutes = float(_BESIDES * tokens * 2 * matrices * (1 + back) / speed / 60)
    return min(recipe.minutes, minutes)


def main(
    lines: Annotated[Path, typer.Argument(help="The training set.")],
    base: Annotated[Path, typer.Option(help="The base model, see finetune.base.")],
    out: Annotated[Path, typer.Option(help="Where the adapter goes.")],
    recipe: Annotated[str, typer.Option(help="cpu, gpu or smoke.")] = "cpu",
    minutes: Annotated[float | None, typer.Option(help="At most this long.")] = None,
    start: Annotated[Path | None, typer.Option(help="An adapter to go on from.")] = None,
    method: Annotated[str | None, typer.Option(help=" or ".join(METHODS))] = None,
    rank: Annotated[int | None, typer.Option(min=1, help="Another rank than the recipe's.")] = None,
    openings: Annotated[
        int | None, typer.Option(min=0, help="Steps at the beginning that learn how answers open beside the rest.")
    ] = None,
    targets: Annotated[str | None, typer.Option(help="Other matrices than the recipe's, as q_proj,v_proj.")] = None,
) -> None:
    """Train an adapter."""
    wanted = tuple(targets.split(",")) if targets else None
    try:
        chosen = load_recipe(recipe, minutes, method=method, rank=rank, targets=wanted, openings=openings)
        loss, reading = train(lines, base, out, chosen, start)
    except TrainingError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for problem in reading.broken:
        typer.echo(f"passed over, {problem}", err=True)
    typer.echo(json.dumps({"held_out_loss": loss, "talks": len(reading.talks), "too_long": reading.too_long}))


if __name__ == "__main__":
    typer.run(main)
