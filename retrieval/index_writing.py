"""Writing one generation of the index, with what can be taken over from the one before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.contents import Content, content_digest, text_digest, write_contents
from retrieval.dense import DenseIndex, build_dense, open_dense, patch_dense
from retrieval.encoders import can_read, encode_all
from retrieval.lexical import LexicalIndex
from retrieval.manifest import FORMAT_VERSION, Manifest, write_manifest
from retrieval.product_texts import dense_text
from retrieval.schema import Encoder, Product

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PROBES = 8
# Every change leaves the graph of vectors a little worse than one built anew, which is done from this share on.
_MOST_PATCHED = 0.1

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many products are done, and how many there are."""


@dataclass(frozen=True)
class Previous:
    """The generation before, as far as it can be used again: its folder, vectors and digests by product id."""

    folder: Path
    patched: int
    dense: DenseIndex | None
    contents: dict[str, Content]


def write_index(
    products: Sequence[Product],
    contents: dict[str, str],
    folder: Path,
    encoder: Encoder,
    progress: Progress,
    previous: Previous | None = None,
) -> tuple[Manifest, int]:
    """Write an index into an empty folder; return its manifest and how many texts were encoded.

    `contents` are the digests of the products by id. Vectors whose text is as before come from `previous`.
    """
    readable = _readable(products, encoder)
    texts = {product.id: text_digest(text) for product, text in readable}
    encoded, patched = _write_dense(folder / "dense", readable, contents, texts, encoder, progress, previous)
    lexical = LexicalIndex.build(products, lambda done: progress("Indexing words", done, len(products)))
    lexical.save(folder / "lexical")
    write_contents(folder, {name: Content(digest, texts.get(name)) for name, digest in contents.items()})
    manifest = Manifest(
        format_version=FORMAT_VERSION,
        encoder=encoder.name,
        count=len(products),
        dense_count=len(readable),
        patched=patched,
        probes=_probes(folder / "dense", [product.id for product, _ in readable]),
    )
    write_manifest(folder, manifest)
    return manifest, encoded


def digests_of(products: Sequence[Product]) -> dict[str, str]:
    """Return id → digest of what is indexed of each product."""
    return {product.id: content_digest(product) for product in products}


def _readable(products: Sequence[Product], encoder: Encoder) -> list[tuple[Product, str]]:
    """Return the products that have a text in a script the encoder knows, each with this text."""
    readable: list[tuple[Product, str]] = []
    for product in products:
        for language in dict.fromkeys(["en", product.language, *product.texts]):
            text = dense_text(product, language)
            if can_read(encoder, text):
                readable.append((product, text))
                break
    return readable


def _write_dense(
    folder: Path,
    readable: Sequence[tuple[Product, str]],
    contents: dict[str, str],
    texts: dict[str, str],
    encoder: Encoder,
    progress: Progress,
    previous: Previous | None,
) -> tuple[int, int]:
    """Write the vectors; return how many texts were encoded and how many changes the graph has seen."""
    before = previous.contents if previous else {}
    new = [entry for entry in readable if entry[0].id not in before or before[entry[0].id].text != texts[entry[0].id]]
    encoded = encode_all(encoder, [text for _, text in new], lambda done: progress("Encoding", done, len(new)))
    fresh = {product.id: encoded[row] for row, (product, _) in enumerate(new)}
    products = [product for product, _ in readable]
    if previous is None:
        if products:
            build_dense(folder, products, encoded)
        return len(new), 0
    touched = [
        product for product in products if product.id in fresh or before[product.id].product != contents[product.id]
    ]
    gone = [name for name, digests in before.items() if digests.text is not None and name not in texts]
    patched = previous.patched + len(touched) + len(gone)
    if previous.dense and patched <= _MOST_PATCHED * len(products):
        vectors = _vectors(touched, fresh, previous, encoder)
        patch_dense(previous.folder / "dense", folder, [product.id for product in products], touched, vectors, gone)
        return len(new), patched
    if products:
        build_dense(folder, products, _vectors(products, fresh, previous, encoder))
    return len(new), 0


def _vectors(
    products: Sequence[Product], fresh: dict[str, "NDArray[np.float32]"], previous: Previous, encoder: Encoder
) -> "NDArray[np.float32]":
    """Return the products' vectors, new or of before: shape (len(products), dimension), float32."""
    wanted = [product.id for product in products if product.id not in fresh]
    held = previous.dense.vectors(wanted) if previous.dense and wanted else {}
    vectors = np.zeros((len(products), encoder.dimension), dtype=np.float32)
    for row, product in enumerate(products):
        vectors[row] = fresh[product.id] if product.id in fresh else held[product.id]
    return vectors


def _probes(folder: Path, ids: Sequence[str]) -> dict[str, tuple[float, ...]]:
    if not ids:
        return {}
    step = max(1, len(ids) // _PROBES)
    dense = open_dense(folder)
    try:
        held = dense.vectors(ids[::step][:_PROBES])
    finally:
        dense.close()
    return {identifier: tuple(vector[:_PROBES].astype(float).round(5)) for identifier, vector in held.items()}
