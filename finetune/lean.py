"""Qwen2 with LoRA, read in the order that costs least on a CPU: the same sums as the plain model's, at half the time.

What the plain model does for every talk is done once for all: the prompt is read without gradients, and again only
every few packs. Talks of one length lie beside one another, so that nothing is padded or masked. A talk's attention
over the prompt and over itself is taken apart and put together by its log-sum-exp (as in ring attention, Liu et al.
2023, arXiv 2310.01889). The output layer keeps all its words: with those of the set and a sample of the others a model
learned to say words that it was never shown to be wrong (finetune/LOG.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd.function import once_differentiable
from torch.nn.functional import linear, rms_norm, scaled_dot_product_attention, silu

from finetune.data import Pack, weighted

_FORTH = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
_BACK = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward

Attend = Callable[[int, torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def is_lean(model: Any) -> bool:
    """Tell whether a PEFT model can be read this way: Qwen2 on a CPU, with LoRA's plain matrices."""
    core = model.get_base_model()
    kinds = {type(module).__name__ for module in core.modules() if hasattr(module, "lora_A")}
    return core.config.model_type == "qwen2" and core.device.type == "cpu" and kinds <= {"Linear"}


@dataclass
class _Prompt:
    """A prompt's keys and values by layer, each (1, heads, tokens, size), and how many packs have been read behind."""

    keys: list[torch.Tensor]
    values: list[torch.Tensor]
    used: int = 0


class LeanModel:
    """Takes the loss of packs. A prompt is read again after `refresh` of them."""

    def __init__(self, model: Any, refresh: int) -> None:
        core = model.get_base_model()
        self._model = core.model
        self._heads = core.config.num_attention_heads
        self._shared = self._heads // core.config.num_key_value_heads
        self._refresh = refresh
        self._prompts: dict[tuple[int, ...], _Prompt] = {}
        self._output = core.lm_head

    def loss(self, pack: Pack, fresh: bool = False) -> torch.Tensor:
        """Return the mean loss of the tokens to be written. `fresh`: the prompt is read again in any case."""
        prompt = self._prompt(pack, fresh)
        laid = pack.flat()

        def attend(layer: int, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
            read: torch.Tensor = _Attention.apply(  # type: ignore[no-untyped-call]
                query, key, value, prompt.keys[layer], prompt.values[layer], laid.groups
            )
            return read

        hidden = self._read(laid.ids, laid.positions, attend)[laid.labelled]
        return weighted(self._output(hidden), laid.targets, laid.weights)

    def _prompt(self, pack: Pack, fresh: bool) -> _Prompt:
        name = tuple(pack.prompt.tolist())
        held = self._prompts.get(name)
        if held is None or fresh or held.used >= self._refresh:
            held = self._prompts[name] = self._read_prompt(pack.prompt)
        held.used += 1
        return held

    @torch.no_grad()
    def _read_prompt(self, ids: torch.Tensor) -> _Prompt:
        prompt = _Prompt([], [])

        def attend(_: int, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
            asked, keys, values = (self._every(tensor.transpose(0, 1)[None]) for tensor in (query, key, value))
            prompt.keys.append(keys)
            prompt.values.append(values)
            return scaled_dot_product_attention(asked, keys, values, is_causal=True)[0].transpose(0, 1)

        self._read(ids, torch.arange(len(ids)), attend)
        return prompt

    def _every(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return keys or values (1, shared heads, tokens, size) for every head."""
        return tensor if tensor.shape[1] == self._heads else tensor.repeat_interleave(self._shared, 1)

    def _read(self, ids: torch.Tensor, positions: torch.Tensor, attend: Attend) -> torch.Tensor:
        """Return the last hidden states (tokens, width) of tokens laid end to end."""
        states = self._model.embed_tokens(ids)
        cosine, sine = self._model.rotary_emb(states, positions[None])
        half = cosine.shape[-1] // 2
        turn = cosine[0, :, None, :half], sine[0, :, None, :half]
        for number, layer in enumerate(self._model.layers):
            inner = _normed(layer.input_layernorm, states)
            own = layer.self_attn
            query, key, value = (
                _through(module, inner).view(len(ids), -1, own.head_dim)
                for module in (own.q_proj, own.k_proj, own.v_proj)
            )
            read = attend(number, _turned(query, *turn), _turned(key, *turn), value)
            states = states + _through(own.o_proj, read.reshape(len(ids), -1))
            inner = _normed(layer.post_attention_layernorm, states)
            gate, up = _through(layer.mlp.gate_proj, inner), _through(layer.mlp.up_proj, inner)
            states = states + _through(layer.mlp.down_proj, silu(gate) * up)
        return _normed(self._model.norm, states)


def _normed(norm: Any, states: torch.Tensor) -> torch.Tensor:
    return rms_norm(states, (states.shape[-1],), norm.weight, norm.variance_epsilon)


def _turned(states: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor) -> torch.Tensor:
    """Return queries or keys (tokens, heads, size) turned by their positions (RoPE, as Qwen2 pairs the halves)."""
    left, right = states.chunk(2, -1)
    return torch.cat([left * cosine - right * sine, right * cosine + left * sine], -1)


def _through(module: Any, states: torch.Tensor) -> torch.Tensor:
    """Return the states through a matrix, with its adapter where it has one."""
    if not hasattr(module, "lora_A"):
        return linear(states, module.weight, module.bias)
    (name,) = module.lora_A
    base = module.base_layer
    down, up = module.lora_A[name].weight, module.lora_B[name].weight
    through: torch.Tensor = _Adapted.apply(  # type: ignore[no-untyped-call]
        states, base.weight, base.bias, down, up, module.scaling[name]
    )
    return through


class _Adapted(torch.autograd.Function):
    """A frozen matrix with LoRA's two beside it, added in place: PEFT's own takes three passes more over the output."""

    @staticmethod
    def forward(ctx: Any, states: Any, weight: Any, bias: Any, down: Any, up: Any, scale: float) -> Any:
        narrow = linear(states, down)
        ctx.save_for_backward(states, weight, down, up, narrow)
        ctx.scale = scale
        return linear(states, weight, bias).addmm_(narrow, up.T, alpha=scale)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Any) -> Any:
        states, weight, down, up, narrow = ctx.saved_tensors
        back = gradient @ up
        onward = (gradient @ weight).addmm_(back, down, alpha=ctx.scale) if ctx.needs_input_grad[0] else None
        return onward, None, None, ctx.scale * (back.T @ states), ctx.scale * (gradient.T @ narrow), None


class _Attention(torch.autograd.Function):
    """Attention of talks over a prompt, which gets no gradient, and over themselves.

    `query` (tokens, heads, size), `key` and `value` (tokens, shared heads, size), `groups` of talks of one length.
    """

    @staticmethod
    def forward(ctx: Any, query: Any, key: Any, value: Any, keys: Any, values: Any, groups: Any) -> Any:
        asked = query.transpose(0, 1)[None]
        read, weight = (tensor[0].transpose(0, 1) for tensor in _FORTH(asked, keys, values))
        own, own_weight = torch.empty_like(query), torch.empty_like(weight)
        for group in groups:
            result, sums = _FORTH(*_grouped(group, query, key, value), is_causal=True)
            own[group.span] = result.transpose(1, 2).flatten(0, 1)
            own_weight[group.span] = sums.transpose(1, 2).flatten(0, 1)
        whole = torch.logaddexp(weight, own_weight)
        shares = ((weight - whole).exp()[..., None], (own_weight - whole).exp()[..., None])
        out = (read * shares[0] + own * shares[1]).to(query.dtype)
        ctx.save_for_backward(query, key, value, keys, values, out, whole)
        ctx.groups = groups
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Any) -> Any:
        query, key, value, keys, values, out, whole = ctx.saved_tensors
        gradient = gradient.contiguous()
        over = [tensor.transpose(0, 1)[None] for tensor in (gradient, query, out, whole)]
        asked = _BACK(over[0], over[1], keys, values, over[2], over[3], 0.0, False)[0][0].transpose(0, 1)
        to_query, to_key, to_value = torch.empty_like(query), torch.empty_like(key), torch.empty_like(value)
        for group in ctx.groups:
            grouped = _grouped(group, query, key, value)
            told, result, sums = (group.split(tensor) for tensor in (gradient, out, whole))
            back = _BACK(told, *grouped, result, sums, 0.0, True)
            to_query[group.span] = back[0].transpose(1, 2).flatten(0, 1)
            for target, part in ((to_key, back[1]), (to_value, back[2])):
                shared = part.unflatten(1, (target.shape[1], -1)).sum(2)
                target[group.span] = shared.transpose(1, 2).flatten(0, 1)
        return asked + to_query, to_key, to_value, None, None, None


def _grouped(group: Any, query: Any, key: Any, value: Any) -> list[Any]:
    """Return what the talks of a group ask and hold, (talks, heads, tokens, size), shared heads repeated."""
    times = query.shape[1] // key.shape[1]
    return [group.split(query), *(group.split(tensor).repeat_interleave(times, 1) for tensor in (key, value))]
