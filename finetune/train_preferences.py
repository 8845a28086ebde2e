"""Preference tuning: python -m finetune.train_preferences SET --base FOLDER --adapter RUN --out OUT.

DPO (Rafailov et al. 2023, arXiv 2305.18290) by TRL, which has to be installed; the rest of the pipeline does without.
The adapter goes on from where it is, and is itself, switched off, what it is kept close to.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from transformers import AutoModelForCausalLM, AutoTokenizer

from finetune.errors import TrainingError
from finetune.preferences import Pair, preference_pairs


def train_preferences(model: Any, tokenizer: Any, pairs: list[Pair], out: Path, steps: int, rate: float) -> float:
    """Train a PEFT model's adapter on pairs and save it; return the share of pairs it tells apart in the last steps.

    Raises TrainingError, naming the pip line, without TRL.
    """
    try:
        from datasets import Dataset
        from trl.trainer.dpo_config import DPOConfig
        from trl.trainer.dpo_trainer import DPOTrainer
    except ImportError:
        raise TrainingError("Preference tuning needs TRL. Install it with: pip install trl datasets") from None
    on_gpu = torch.cuda.is_available()
    config = DPOConfig(
        output_dir=str(out),
        max_steps=steps,
        learning_rate=rate,
        per_device_train_batch_size=4 if on_gpu else 1,
        gradient_accumulation_steps=2 if on_gpu else 8,
        beta=0.1,
        max_length=2600,
        bf16=on_gpu,
        use_cpu=not on_gpu,
        gradient_checkpointing=False,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        seed=20261130,
    )
    trainer = DPOTrainer(
        model=model,
        args=config,
        train_dataset=Dataset.from_list([pair.model_dump() for pair in pairs]),
        processing_class=tokenizer,
    )
    trainer.train()
    model.save_pretrained(out)
    told = [entry["rewards/accuracies"] for entry in trainer.state.log_history if "rewards/accuracies" in entry]
    return float(sum(told[-5:]) / max(len(told[-5:]), 1))


def main(
    lines: Annotated[Path, typer.Argument(help="The training set that the pairs are made of.")],
    base: Annotated[Path, typer.Option(help="The base model, see finetune.base.")],
    adapter: Annotated[Path, typer.Option(help="The adapter to go on from.")],
    out: Annotated[Path, typer.Option(help="Where the tuned adapter goes.")],
    steps: Annotated[int, typer.Option(min=1, help="Steps of eight pairs.")] = 100,
    rate: Annotated[float, typer.Option(help="The learning rate.")] = 5e-6,
) -> None:
    """Prefer the right tool over a wrong one, and grounded words over ungrounded ones."""
    from peft import PeftModel

    try:
        pairs = preference_pairs(lines, seed=20261130)
        model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
        tuned = PeftModel.from_pretrained(model, str(adapter), is_trainable=True)
        accuracy = train_preferences(tuned, AutoTokenizer.from_pretrained(base), pairs, out, steps, rate)
    except TrainingError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(json.dumps({"pairs": len(pairs), "told_apart": round(accuracy, 4)}))


if __name__ == "__main__":
    typer.run(main)
