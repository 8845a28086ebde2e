"""Rerankers by name. To add one: a file here with `build(model)`, an entry in the table, a golden test."""

from pathlib import Path

from retrieval.errors import UnknownName
from retrieval.registry import load_entry, unknown_name
from retrieval.schema import Reranker

# name → 'module:function that takes the model's name or folder'; None leaves the fused order as it is.
RERANKERS: dict[str, str | None] = {"none": None}


def load_reranker(name: str, model: Path | str | None = None) -> Reranker | None:
    """Load a reranker by name, None for 'none', or a cross-encoder from the folder that `name` is.

    Raises `UnknownName` with the names there are, `WeightsError` for a folder that holds no reranker.
    """
    if name not in RERANKERS and Path(name).is_dir():
        from retrieval.rerankers.cross_encoder import CrossEncoderReranker

        return CrossEncoderReranker(Path(name))
    if name not in RERANKERS:
        raise UnknownName(unknown_name("reranker", RERANKERS, name))
    entry = RERANKERS[name]
    if entry is None:
        return None
    reranker: Reranker = load_entry("reranker", {name: entry}, name)(model)
    return reranker
