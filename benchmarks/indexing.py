"""Documents a second while the demo shop is indexed, beside the encoder alone and the encoder in float32."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from assistant.app import load_configured_encoder
from assistant.settings import Settings
from retrieval.demo.catalogue import demo_products
from retrieval.indexing import build_index
from retrieval.schema import Product

_SAMPLE = 300
"""Documents for the two encoder-only figures, spread over the shop."""


def measure(settings: Settings) -> dict[str, Any]:
    products = demo_products()
    encoder = load_configured_encoder(settings)
    sample = products[:: max(len(products) // _SAMPLE, 1)]
    texts = [_document(product) for product in sample]
    encoder.encode(texts[:16])
    with tempfile.TemporaryDirectory() as folder:
        built = _seconds(lambda: build_index(products, Path(folder), encoder))
    own = _seconds(lambda: encoder.encode(texts))
    full = _float32(settings, texts)
    return {
        "documents": len(products),
        "index_documents_per_second": round(len(products) / built, 1),
        "encoder_documents_per_second": round(len(texts) / own, 1),
        "encoder_float32_documents_per_second": round(len(texts) / full, 1),
        "speed_up_over_float32": round(full / own, 2),
    }


def _float32(settings: Settings, texts: list[str]) -> float:
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(settings.models / settings.encoder), device="cpu")
    plain.to(torch.float32)
    plain.encode(texts[:16])
    return _seconds(lambda: plain.encode(texts, batch_size=32))


def _document(product: Product) -> str:
    texts = product.text("en")
    return f"{texts.title} {texts.description}"


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
