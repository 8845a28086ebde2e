"""Writing one generation of the index, with what can be taken over from the one before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.contents import Content, content_digest, text_digest, write_contents
from retrieval.dense import DenseIndex
from retrieval.encoders import can_read, encode_all
from retrieval.lexical import LexicalIndex
from retrieval.manifest import FORMAT_VERSION, Manifest, write_manifest
from retrieval.product_texts import dense_text
from retrieval.ranking.fields import FieldIndex, build_fields, eight_bits
from retrieval.schema import Encoder, Product
from retrieval.vector_places import STORE_FOLDER, VectorPlace
from retrieval.vocabulary import build_vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIELDS_FOLDER, VOCABULARY_FILE = "fields", "vocabulary.json"
_PROBES = 8
# Every change leaves the graph of vectors a little worse than one built anew, which is done from this share on.
_MOST_PATCHED = 0.1

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many products are done, and how many there are."""


@dataclass(frozen=True)
class Previous:
    """The generation before, as far as it can be used again: its folder, vectors and digests by product id.

    The digests are in the order of the products then, so a product's place among them is its row in the folder's files.
    """

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
    place: VectorPlace = STORE_FOLDER,
) -> tuple[Manifest, int]:
    """Write an index into an empty folder; return its manifest and how many texts were encoded.

    `contents` are the digests of the products by id. Vectors whose text is as before come from `previous`.
    """
    readable = _readable(products, encoder)
    texts = {product.id: text_digest(text) for product, text in readable}
    fresh = _encode_new(readable, texts, encoder, progress, previous)
    patched = _write_dense(folder / "dense", readable, contents, texts, fresh, encoder, previous, place)
    lexical = LexicalIndex.build(products, lambda done: progress("Indexing words", done, len(products)))
    lexical.save(folder / "lexical")
    fields = build_fields(products, progress=lambda done: progress("Indexing fields", done, len(products)))
    vectors = _small_vectors(products, texts, fresh, encoder, previous)
    replace(fields, vectors=vectors).save(folder / FIELDS_FOLDER)
    build_vocabulary(products).save(folder / VOCABULARY_FILE)
    write_contents(folder, {name: Content(digest, texts.get(name)) for name, digest in contents.items()})
    manifest = Manifest(
        format_version=FORMAT_VERSION,
        encoder=encoder.name,
        count=len(products),
        dense_count=len(readable),
        patched=patched,
        probes=_probes(folder / "dense", [product.id for product, _ in readable], place),
    )
    write_manifest(folder, manifest)
    return manifest, len(fresh)


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


def _encode_new(
    readable: Sequence[tuple[Product, str]],
    texts: dict[str, str],
    encoder: Encoder,
    progress: Progress,
    previous: Previous | None,
) -> "dict[str, NDArray[np.float32]]":
    """Return id → vector of the products whose text has none of before."""
    before = previous.contents if previous else {}
    new = [entry for entry in readable if entry[0].id not in before or before[entry[0].id].text != texts[entry[0].id]]
    encoded = encode_all(encoder, [text for _, text in new], lambda done: progress("Encoding", done, len(new)))
    return {product.id: encoded[row] for row, (product, _) in enumerate(new)}


def _write_dense(
    folder: Path,
    readable: Sequence[tuple[Product, str]],
    contents: dict[str, str],
    texts: dict[str, str],
    fresh: "dict[str, NDArray[np.float32]]",
    encoder: Encoder,
    previous: Previous | None,
    place: VectorPlace,
) -> int:
    """Write the vectors; return how many changes the graph has seen since it was built whole."""
    before = previous.contents if previous else {}
    products = [product for product, _ in readable]
    touched = [
        product for product in products if product.id in fresh or before[product.id].product != contents[product.id]
    ]
    gone = [name for name, digests in before.items() if digests.text is not None and name not in texts]
    patched = previous.patched + len(touched) + len(gone) if previous else 0
    if previous and previous.dense and patched <= _MOST_PATCHED * len(products):
        vectors = _vectors(touched, fresh, previous, encoder)
        ids = [product.id for product in products]
        if place.patch(previous.folder / "dense", folder, ids, touched, vectors, gone):
            return patched
    if products:
        place.write(folder, products, _vectors(products, fresh, previous, encoder))
    return 0


def _small_vectors(
    products: Sequence[Product],
    texts: dict[str, str],
    fresh: "dict[str, NDArray[np.float32]]",
    encoder: Encoder,
    previous: Previous | None,
) -> "NDArray[np.int8]":
    """Return every product's vector at eight bits a component, (len(products), dimension); zero where it has none."""
    vectors = np.zeros((len(products), encoder.dimension), dtype=np.int8)
    before = FieldIndex.load(previous.folder / FIELDS_FOLDER).vectors if previous else None
    row_before = {name: row for row, name in enumerate(previous.contents)} if previous else {}
    for row, product in enumerate(products):
        if product.id in fresh:
            vectors[row] = eight_bits(fresh[product.id])
        elif product.id in texts and before is not None:
            vectors[row] = before[row_before[product.id]]
    return vectors


def _vectors(
    products: Sequence[Product], fresh: dict[str, "NDArray[np.float32]"], previous: Previous | None, encoder: Encoder
) -> "NDArray[np.float32]":
    """Return the products' vectors, new or of before: shape (len(products), dimension), float32."""
    wanted = [product.id for product in products if product.id not in fresh]
    held = previous.dense.vectors(wanted) if previous and previous.dense and wanted else {}
    vectors = np.zeros((len(products), encoder.dimension), dtype=np.float32)
    for row, product in enumerate(products):
        vectors[row] = fresh[product.id] if product.id in fresh else held[product.id]
    return vectors


def _probes(folder: Path, ids: Sequence[str], place: VectorPlace) -> dict[str, tuple[float, ...]]:
    if not ids:
        return {}
    step = max(1, len(ids) // _PROBES)
    dense = place.open(folder)
    try:
        held = dense.vectors(ids[::step][:_PROBES])
    finally:
        dense.close()
    return {identifier: tuple(vector[:_PROBES].astype(float).round(5)) for identifier, vector in held.items()}
