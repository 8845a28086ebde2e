"""Documents a second while the demo shop is indexed, beside the encoder alone and sentence-transformers.

Where other work shares the cores, the figures a processor second are the ones that compare: time that others had isn't
in them.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from assistant.app import load_configured_encoder
from assistant.settings import Settings
from retrieval.demo.catalogue import demo_products
from retrieval.encoders import encode_all
from retrieval.indexing import build_index
from retrieval.minilm import LONGEST
from retrieval.product_texts import dense_text

_SAMPLE = 128
"""Documents for the figures of sentence-transformers, spread over the shop."""
_WHOLE = 256
"""Tokens that sentence-transformers reads of a text by this model's own settings."""


def measure(settings: Settings) -> dict[str, Any]:
    from sentence_transformers import SentenceTransformer

    products = demo_products()
    encoder = load_configured_encoder(settings)
    texts = [dense_text(product, "en") for product in products]
    encoder.encode(texts[:16])
    with tempfile.TemporaryDirectory() as folder:
        index = _rates(len(texts), lambda: build_index(products, Path(folder), encoder))
    figures = {
        "documents": len(texts),
        "index": index,
        "encoder": _rates(len(texts), lambda: encode_all(encoder, texts)),
    }
    sample = texts[:: max(len(texts) // _SAMPLE, 1)]
    plain = SentenceTransformer(str(settings.models / settings.encoder), device="cpu")
    for name, dtype, tokens in (
        ("sentence_transformers_float32", torch.float32, _WHOLE),
        ("sentence_transformers_bfloat16", torch.bfloat16, _WHOLE),
        ("sentence_transformers_bfloat16_short", torch.bfloat16, LONGEST),
    ):
        plain.to(dtype)
        plain.max_seq_length = tokens
        plain.encode(sample[:16])
        figures[name] = _rates(len(sample), lambda: plain.encode(sample, batch_size=32))
    return figures


def _rates(documents: int, work: Callable[[], object]) -> dict[str, float]:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    return {"per_second": round(documents / wall, 1), "per_processor_second": round(documents / processor, 1)}
