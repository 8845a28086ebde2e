"""The trainer, on a model of two random layers: what is packed is what the model would read, and a killed run goes on."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from transformers import Qwen2Config, Qwen2ForCausalLM

from assistant.schema import Message, ToolCall
from finetune.data import Pack, Talk, as_talk, packed, read_talks
from finetune.errors import AdapterError, TrainingDataError, TrainingError
from finetune.train_chat import Trainer, load_recipe

# PEFT asks transformers by a name that transformers has given up; the newer name of the other isn't in all of 5.x.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing.:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.past_key_values. is deprecated:FutureWarning"),
]

PROMPT = [7, 8, 9, 10]


def encode(text: str) -> list[int]:
    return [ord(letter) % 97 + 3 for letter in text]


def model() -> Any:
    torch.manual_seed(0)
    return Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=128, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=4096,
        )
    )  # fmt: skip


def talk(*tokens: int, written: int = 2, known: bool = True) -> Talk:
    return Talk(known, tokens, tuple(place >= len(tokens) - written for place in range(len(tokens))))


def packs(count: int = 12) -> list[Pack]:
    rng = random.Random(5)
    talks = [talk(*(rng.randrange(11, 120) for _ in range(rng.randrange(4, 9)))) for _ in range(count * 3)]
    return packed(talks, {True: PROMPT}, 20, rng)


def call(name: str, **arguments: Any) -> Message:
    return Message(role="assistant", content="", tool_calls=(ToolCall(id="1", name=name, arguments=arguments),))


def line(answer: Message, text: str = "hello") -> str:
    messages = [Message(role="user", content=text), answer]
    return json.dumps({"known": True, "learned": [1], "messages": [message.model_dump() for message in messages]})


def test_a_talk_in_a_pack_is_read_as_if_it_were_alone(tmp_path: Path) -> None:
    first, second = talk(20, 21, 22, 23), talk(30, 31, 32, 33, 34)
    (pack,) = packed([first, second], {True: PROMPT}, 100, random.Random(1))
    trainer = Trainer(model(), [pack], load_recipe("smoke"), tmp_path)
    plain = trainer.model.get_base_model()
    losses = []
    for alone in (first, second):
        ids = torch.tensor([[*PROMPT, *alone.tokens]])
        logits = plain(input_ids=ids).logits[0, -3:-1]
        losses += torch.nn.functional.cross_entropy(logits, ids[0, -2:], reduction="none").tolist()
    assert trainer.held_out_loss() == pytest.approx(sum(losses) / 4, rel=1e-4)


def test_the_lean_reading_is_the_plain_one(tmp_path: Path) -> None:
    talks = [talk(*range(20, 20 + length)) for length in (4, 7, 7, 12)]
    (pack,) = packed(talks, {True: PROMPT}, 100, random.Random(1))
    plain = Trainer(model(), [pack], load_recipe("smoke"), tmp_path / "plain")
    lean = Trainer(model(), [pack], replace(load_recipe("smoke"), refresh=1), tmp_path / "lean")
    with torch.no_grad():
        for name, weight in [*plain.model.named_parameters()]:
            if "lora_B" in name:
                weight.copy_(torch.randn_like(weight) * 0.1)
        lean.model.load_state_dict(plain.model.state_dict())
    assert lean._lean is not None and plain._lean is None
    before = [weight for name, weight in plain.model.named_parameters() if "lora" in name]
    with torch.no_grad():
        keys = plain.model.get_base_model().model(input_ids=pack.prompt[None], use_cache=True).past_key_values
    rows = pack.rows()
    for layer in keys.layers:
        layer.keys, layer.values = (part.expand(len(rows.ids), -1, -1, -1) for part in (layer.keys, layer.values))
    core = plain.model.get_base_model()
    hidden = core.model(
        input_ids=rows.ids, position_ids=rows.positions, attention_mask=rows.mask(len(PROMPT)), past_key_values=keys,
        use_cache=True,
    ).last_hidden_state.flatten(0, 1)  # fmt: skip
    expected = torch.nn.functional.cross_entropy(core.lm_head(hidden[rows.labelled]), rows.targets)
    expected.backward()
    loss = lean._lean.loss(pack)
    loss.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    ours = [weight for name, weight in lean.model.named_parameters() if "lora" in name]
    for mine, theirs in zip(ours, before, strict=True):
        assert torch.allclose(mine.grad, theirs.grad, atol=1e-6, rtol=1e-3)


def test_training_lowers_the_loss_and_saves_the_adapter(tmp_path: Path) -> None:
    trainer = Trainer(model(), packs(), load_recipe("smoke"), tmp_path)
    before = trainer.held_out_loss()
    assert trainer.run() < before
    assert {"adapter_model.safetensors", "adapter_config.json", "log.jsonl"} <= {
        file.name for file in tmp_path.iterdir()
    }


def test_adalora_moves_ranks_and_comes_out_as_plain_lora(tmp_path: Path) -> None:
    recipe = replace(load_recipe("smoke"), method="adalora", rank=2, epochs=6)
    trainer = Trainer(model(), packs(), recipe, tmp_path)
    before = trainer.held_out_loss()
    assert trainer.run() < before
    kept = [
        int((module.lora_E["default"] != 0).sum()) for module in trainer.model.modules() if hasattr(module, "lora_E")
    ]
    assert len(set(kept)) > 1 or kept[0] < 3, "ranks were taken away, not of each matrix alike"
    plain = PeftModel.from_pretrained(model(), str(tmp_path))
    trainer._save_adapter()
    again = PeftModel.from_pretrained(model(), str(tmp_path))
    ids = torch.tensor([[*PROMPT, 20, 21]])
    with torch.no_grad():
        ours = trainer.model.get_base_model()(input_ids=ids).logits
        assert torch.allclose(ours, again(input_ids=ids).logits, atol=1e-4)
    assert plain.peft_config["default"].peft_type == "LORA"


def test_a_recipe_takes_another_rank_and_other_targets() -> None:
    changed = load_recipe("cpu", rank=16, targets=("q_proj",), method=None)
    assert (changed.rank, changed.targets, changed.method) == (16, ("q_proj",), "lora")
    with pytest.raises(TrainingError, match="There are: lora, adalora"):
        load_recipe("cpu", method="magic")


def test_a_run_can_be_looked_at_in_tensorboard(tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    Trainer(model(), packs(), load_recipe("smoke"), tmp_path).run()
    told = accumulator.EventAccumulator(str(tmp_path / "tensorboard"))
    told.Reload()
    log = [json.loads(entry) for entry in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert {"loss", "held_out_loss", "rate"} <= set(told.Tags()["scalars"])
    assert len(told.Scalars("loss")) == sum("loss" in entry for entry in log)


def test_a_killed_run_goes_on_and_ends_where_it_would_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Trainer(model(), packs(), load_recipe("smoke"), tmp_path / "whole")
    whole.run()
    killed = Trainer(model(), packs(), load_recipe("smoke"), tmp_path / "killed")
    learn, steps = Trainer._learn, []

    def dies(self: Trainer, batch: Any, rate: float) -> float:
        if len(steps) == 5:
            raise KeyboardInterrupt
        steps.append(rate)
        return learn(self, batch, rate)

    monkeypatch.setattr(Trainer, "_learn", dies)
    with pytest.raises(KeyboardInterrupt):
        killed.run()
    monkeypatch.setattr(Trainer, "_learn", learn)
    resumed = Trainer(model(), packs(), load_recipe("smoke"), tmp_path / "killed")
    resumed.run()
    log = [json.loads(entry) for entry in (tmp_path / "killed" / "log.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in log if entry.get("resumed")] == [5]
    assert resumed.held_out_loss() == pytest.approx(whole.held_out_loss(), rel=0.02)
    assert not (tmp_path / "killed" / "checkpoint.pt").exists()


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path: Path) -> None:
    trainer = Trainer(model(), packs(), load_recipe("smoke"), tmp_path)
    trainer._save_state()
    fewer = Trainer(model(), packs(), load_recipe("smoke"), tmp_path)
    fewer._masters.popitem()
    with pytest.raises(TrainingError, match="another recipe"):
        fewer.run()


def test_a_run_goes_on_from_an_adapter(tmp_path: Path) -> None:
    first = Trainer(model(), packs(), load_recipe("smoke"), tmp_path / "first")
    first.run()
    second = Trainer(model(), packs(), load_recipe("smoke"), tmp_path / "second", tmp_path / "first")
    assert second.held_out_loss() == pytest.approx(
        json.loads(_checks(tmp_path / "first")[-1])["held_out_loss"], rel=0.05
    )
    wider = replace(load_recipe("smoke"), rank=8)
    with pytest.raises(AdapterError, match="other matrices"):
        Trainer(model(), packs(), wider, tmp_path / "third", tmp_path / "first")


def _checks(run: Path) -> list[str]:
    return [line for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines() if "held_out_loss" in line]


def test_only_what_the_assistant_writes_is_learned() -> None:
    asked, answer = Message(role="user", content="ask"), Message(role="assistant", content="answer")
    cut = as_talk(True, [asked, answer], [1], encode)
    written = "".join("1" if learned else "0" for learned in cut.learned)
    assert written == "0" * len("<|im_start|>user\nask<|im_end|>\n<|im_start|>assistant\n") + "1" * len(
        "answer<|im_end|>\n"
    )
    first, *others = (learned for learned in cut.learned if learned)
    assert first > others[0], "the first token decides between a tool and words"


def test_a_call_is_opened_by_a_brace_and_read_with_its_tag() -> None:
    asked = Message(role="user", content="ask")
    talk_of_call = as_talk(True, [asked, call("get_account")], [1], encode)
    place = next(place for place, learned in enumerate(talk_of_call.learned) if learned)
    assert talk_of_call.target(place) == encode("{")[0] != talk_of_call.tokens[place] == encode("<")[0]
    flat = packed([talk_of_call], {True: PROMPT}, 10_000, random.Random(1))[0]
    assert flat.flat().targets[0] == flat.rows().targets[0] == encode("{")[0]
    assert not as_talk(True, [asked, Message(role="assistant", content="words")], [1], encode).instead


def test_a_broken_line_is_named_and_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text("\n".join([line(call("get_account")), '{"known": tr', line(call("list_orders"))]), encoding="utf-8")
    reading = read_talks(file, encode)
    assert len(reading.talks) == 2
    assert [problem.split(":")[0] for problem in reading.broken] == ["line 2"]


def test_an_empty_set_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(TrainingDataError, match="no talk"):
        read_talks(file, encode)


def test_calls_that_no_longer_fit_are_refused_with_the_first_five(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    wrong = [call("buy_now"), call("get_order"), call("get_order", order_id="A1", colour="red")]
    file.write_text("\n".join(line(answer) for answer in [*wrong, *wrong]), encoding="utf-8")
    with pytest.raises(TrainingDataError) as refused:
        read_talks(file, encode)
    assert "6 calls" in str(refused.value)
    assert str(refused.value).count("line ") == 5
    assert "no tool buy_now" in str(refused.value)
    assert "needs order_id" in str(refused.value)
    assert "no argument colour" in str(refused.value)


def test_a_talk_that_is_too_long_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text("\n".join([line(call("get_account")), line(call("get_account"), "x" * 5000)]), encoding="utf-8")
    reading = read_talks(file, encode)
    assert (len(reading.talks), reading.too_long) == (1, 1)


def test_recipes_are_named() -> None:
    with pytest.raises(TrainingError, match="cpu, gpu, smoke"):
        load_recipe("tpu")
    assert load_recipe("cpu", 3).minutes == 3


def test_the_first_steps_learn_how_answers_open_beside_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Message(role="user", content="ask")
    of_call = as_talk(True, [asked, call("get_account")], [1], encode)
    of_words = as_talk(True, [asked, Message(role="assistant", content="words")], [1], encode)
    (pack,) = packed([of_call, of_words], {True: PROMPT}, 10_000, random.Random(1))
    opened = pack.openings().flat()
    assert sorted(opened.targets.tolist()) == sorted([encode("{")[0], encode("w")[0]])
    learned: list[int] = []
    learn = Trainer._learn

    def counts(self: Trainer, batch: Any, rate: float) -> float:
        learned.append(len(batch))
        return learn(self, batch, rate)

    monkeypatch.setattr(Trainer, "_learn", counts)
    Trainer(model(), packs(), replace(load_recipe("smoke"), openings=2, epochs=1), tmp_path).run()
    assert learned[:3] == [2, 2, 1]


@pytest.mark.parametrize("count", [1, 2])
def test_a_set_that_fills_hardly_a_pack_is_learned_from(tmp_path: Path, count: int) -> None:
    recipe = replace(load_recipe("smoke"), held_out=3, room=10_000)
    trainer = Trainer(model(), packs()[:count], recipe, tmp_path)
    before = {name: weight.clone() for name, weight in trainer.model.named_parameters() if "lora_B" in name}
    trainer.run()
    assert any(
        not torch.equal(weight, before[name]) for name, weight in trainer.model.named_parameters() if name in before
    )
