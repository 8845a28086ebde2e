"""What search costs in a large shop: memory, milliseconds and build rates by size, each beside a plain baseline.

Latencies of `dense`, `exact cosine` and the HNSW settings are of the index alone; `fused` encodes the query as well,
`ranked` understands it before and ranks what is found after.
Run `python -m benchmarks.search_scale [SIZE …]` for other sizes: a million products need some 12 GB of
memory and hours.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import bm25s
import chromadb
import numpy as np
from chromadb.config import Settings as ChromaSettings

from assistant.app import load_configured_encoder
from assistant.settings import Settings, load_settings
from benchmarks.results import save
from benchmarks.scale_plot import plot
from benchmarks.scale_shop import MadeProducts, made_queries, made_vectors
from retrieval.dense import build_dense, open_dense
from retrieval.encoders import encode_all
from retrieval.fusion import fuse
from retrieval.lexical import LexicalIndex
from retrieval.product_texts import dense_text
from retrieval.query import understand
from retrieval.ranking.features import candidate_features
from retrieval.ranking.fields import FieldIndex, build_fields, eight_bits
from retrieval.ranking.ranker import load_ranker_named
from retrieval.vocabulary import Vocabulary, build_vocabulary
from retrieval.words import terms

SIZES = (10_000, 100_000)
_REAL_VECTORS = 20_000
_QUERIES = 200
_DEPTH = 100
_BATCH = 5000
# (max_neighbors, ef_construction); None leaves both as Chroma has them. Above the size given, only what we use.
_GRAPHS: tuple[tuple[int, int], ...] = ((16, 100), (16, 200), (32, 200), (32, 400))
_OURS = (16, 200)
_ALL_GRAPHS_UP_TO = 100_000
_BEAMS = (100, 200, 400, 800)
_PLOT = Path(__file__).parents[1] / "docs" / "search-scale.png"


def measure(
    settings: Settings, sizes: Sequence[int] = SIZES, report: Callable[[dict[str, Any]], None] = lambda figures: None
) -> dict[str, Any]:
    """Measure each size, calling `report` with all figures so far after each, and plot them."""
    figures: dict[str, Any] = {"queries": _QUERIES, "depth": _DEPTH, "sizes": []}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        figures["encoding"] = _alone(_encode, settings, work, min(max(sizes), _REAL_VECTORS))
        for size in sizes:
            print(f"  {size:,} products …", file=sys.stderr, flush=True)
            figures["sizes"].append(_measure_size(settings, work, size))
            plot(figures, _PLOT)
            report(figures)
    return figures


def _measure_size(settings: Settings, work: Path, size: int) -> dict[str, Any]:
    built = {
        "lexical": _alone(_build_lexical, work, size),
        "dense": _alone(_build_dense, work, size),
        "fields": _alone(_build_fields, work, size),
        "vocabulary": _alone(_build_vocabulary, work, size),
    }
    systems = [_alone(_time_system, settings, work, system) for system in _SYSTEMS]
    graphs = _GRAPHS if size <= _ALL_GRAPHS_UP_TO else (_OURS,)
    hnsw = [row for graph in graphs for row in _alone(_try_graph, work, graph)]
    return {"products": size, "build": built, "systems": systems, "hnsw": hnsw}


def _alone(work: Callable[..., Any], *arguments: Any) -> Any:
    """Run in a process of its own, so that one measurement's memory is not another's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def _encode(settings: Settings, work: Path, count: int) -> dict[str, Any]:
    encoder = load_configured_encoder(settings)
    products = MadeProducts(count)
    encoder.encode(["warm up"] * 16)
    seconds, vectors = _timed(lambda: encode_all(encoder, [dense_text(product, "en") for product in products]))
    np.save(work / "real.npy", vectors)
    queries = made_queries(products, _QUERIES)
    np.save(work / "queries.npy", np.concatenate([encoder.encode([query]) for query in queries]))
    (work / "queries.txt").write_text("\n".join(queries), encoding="utf-8")
    times = _times(lambda place: encoder.encode([queries[place]]))
    return {"documents": count, "documents_per_second": round(count / seconds, 1), **_latency(times)}


def _build_lexical(work: Path, size: int) -> dict[str, Any]:
    products = MadeProducts(size)
    making, _ = _timed(lambda: [len(product.id) for product in products[:2000]])
    seconds, index = _timed(lambda: LexicalIndex.build(products))
    index.save(_emptied(work / "lexical"))
    return {
        "documents_per_second": round(size / seconds, 1),
        "of_which_making_the_texts": round(making / min(size, 2000) * size * 4 / seconds, 2),
        "peak_memory_mb": _peak(),
        "disk_mb": _disk(work / "lexical"),
    }


def _build_dense(work: Path, size: int) -> dict[str, Any]:
    vectors = made_vectors(np.load(work / "real.npy"), size)
    np.save(work / "vectors.npy", vectors)
    np.save(work / "exact.npy", _exact_best(vectors, np.load(work / "queries.npy")))
    seconds, _ = _timed(lambda: build_dense(_emptied(work / "dense"), MadeProducts(size), vectors))
    return {
        "documents_per_second": round(size / seconds, 1),
        "peak_memory_mb": _peak(),
        "disk_mb": _disk(work / "dense"),
    }


def _build_fields(work: Path, size: int) -> dict[str, Any]:
    small = eight_bits(np.load(work / "vectors.npy"))
    seconds, fields = _timed(lambda: build_fields(MadeProducts(size)))
    replace(fields, vectors=small).save(_emptied(work / "fields"))
    return {
        "documents_per_second": round(size / seconds, 1),
        "peak_memory_mb": _peak(),
        "disk_mb": _disk(work / "fields"),
    }


def _build_vocabulary(work: Path, size: int) -> dict[str, Any]:
    seconds, vocabulary = _timed(lambda: build_vocabulary(MadeProducts(size)))
    vocabulary.save(_emptied(work / "words") / "vocabulary.json")
    return {
        "documents_per_second": round(size / seconds, 1),
        "peak_memory_mb": _peak(),
        "disk_mb": _disk(work / "words"),
    }


def _time_system(settings: Settings, work: Path, system: str) -> dict[str, Any]:
    queries = (work / "queries.txt").read_text(encoding="utf-8").split("\n")
    vectors = np.load(work / "queries.npy")
    encoder = load_configured_encoder(settings) if system in ("fused", "ranked") else None
    if encoder:
        encoder.encode(["warm up"])
    before = _resident()
    search = _SYSTEMS[system](work, queries, vectors, encoder)
    times = _times(search)
    return {"system": system, **_latency(times), "memory_mb": round(_resident() - before, 1)}


def _lexical(work: Path, queries: Sequence[str], vectors: Any, encoder: Any) -> Callable[[int], object]:
    index = LexicalIndex.load(work / "lexical")
    return lambda place: index.search(queries[place], _DEPTH)


def _bm25s_alone(work: Path, queries: Sequence[str], vectors: Any, encoder: Any) -> Callable[[int], object]:
    index = bm25s.BM25.load(work / "lexical")
    return lambda place: index.retrieve([terms(queries[place])], k=_DEPTH, show_progress=False)


def _dense(work: Path, queries: Sequence[str], vectors: Any, encoder: Any) -> Callable[[int], object]:
    index = open_dense(work / "dense")
    return lambda place: index.search(vectors[place], _DEPTH)


def _exact(work: Path, queries: Sequence[str], vectors: Any, encoder: Any) -> Callable[[int], object]:
    documents = np.load(work / "vectors.npy")
    return lambda place: _nearest(documents, vectors[place])


def _fused(work: Path, queries: Sequence[str], vectors: Any, encoder: Any) -> Callable[[int], object]:
    dense, lexical = open_dense(work / "dense"), LexicalIndex.load(work / "lexical")

    def search(place: int) -> object:
        text = queries[place]
        return fuse(dense.search(encoder.encode([text])[0], _DEPTH), lexical.search(text, _DEPTH))

    return search


def _ranked(work: Path, queries: Sequence[str], vectors: Any, encoder: Any) -> Callable[[int], object]:
    dense, lexical = open_dense(work / "dense"), LexicalIndex.load(work / "lexical")
    fields, vocabulary = FieldIndex.load(work / "fields"), Vocabulary.load(work / "words" / "vocabulary.json")
    ranker = load_ranker_named("learned")
    assert ranker

    def search(place: int) -> object:
        plan = understand(queries[place], vocabulary, "en")
        vector = encoder.encode([plan.text])[0]
        found = lexical.search(plan.text, _DEPTH, expansions=plan.expansions)
        near = dense.search(vector, _DEPTH)
        rows, features = candidate_features(fields, plan.text, lexical.rows(found), lexical.rows(near), vector)
        return rows[np.argsort(-ranker.trees.score(features))]

    return search


_SYSTEMS: dict[str, Callable[..., Callable[[int], object]]] = {
    "lexical": _lexical,
    "bm25s alone": _bm25s_alone,
    "dense": _dense,
    "exact cosine": _exact,
    "fused": _fused,
    "ranked": _ranked,
}


def _try_graph(work: Path, graph: tuple[int, int]) -> list[dict[str, Any]]:
    """Build one graph in Chroma and search it with each beam: recall of the exact best hundred, and time."""
    vectors, queries, exact = (np.load(work / f"{name}.npy") for name in ("vectors", "queries", "exact"))
    client = chromadb.PersistentClient(str(_emptied(work / "graph")), ChromaSettings(anonymized_telemetry=False))
    hnsw: Any = {"space": "cosine", "max_neighbors": graph[0], "ef_construction": graph[1]}
    made = client.create_collection("graph", configuration={"hnsw": hnsw}, embedding_function=None)
    seconds, _ = _timed(lambda: [made.add(**batch) for batch in _batches(vectors)])
    rows = []
    for beam in _BEAMS:
        made.modify(configuration={"hnsw": {"ef_search": beam}})
        # An open graph goes on with the beam that it was opened with.
        client.close()
        client = chromadb.PersistentClient(str(work / "graph"), ChromaSettings(anonymized_telemetry=False))
        made = client.get_collection("graph", embedding_function=None)
        rows.append(
            {
                "max_neighbors": graph[0],
                "ef_construction": graph[1],
                "documents_per_second": round(len(vectors) / seconds, 1),
                **_try_beam(made, beam, queries, exact),
            }
        )
    return rows


def _try_beam(collection: Any, beam: int, queries: Any, exact: Any) -> dict[str, Any]:
    def search(place: int) -> list[str]:
        found: list[str] = collection.query(query_embeddings=[queries[place]], n_results=_DEPTH, include=[])["ids"][0]
        return found

    search(0)
    shared = [len({int(name) for name in search(place)} & {*best.tolist()}) for place, best in enumerate(exact)]
    return {
        "ef_search": beam,
        "recall@100": round(float(np.mean(shared)) / exact.shape[1], 4),
        **_latency(_times(search)),
    }


def _batches(vectors: Any) -> Iterator[dict[str, Any]]:
    for start in range(0, len(vectors), _BATCH):
        part = vectors[start : start + _BATCH]
        yield {"ids": [str(start + place) for place in range(len(part))], "embeddings": part}


def _exact_best(vectors: Any, queries: Any) -> Any:
    return np.stack([_nearest(vectors, query) for query in queries])


def _nearest(vectors: Any, query: Any) -> Any:
    scores = vectors @ query
    best = np.argpartition(scores, -_DEPTH)[-_DEPTH:]
    return best[np.argsort(-scores[best])]


def _times(search: Callable[[int], object]) -> list[float]:
    """Return the seconds of each query, after a first round that warms up."""
    for place in range(20):
        search(place)
    return [_timed(partial(search, place))[0] for place in range(_QUERIES)]


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def _latency(times: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.percentile(times, [50, 95]) * 1000
    return {"p50_ms": round(float(p50), 2), "p95_ms": round(float(p95), 2)}


def _emptied(folder: Path) -> Path:
    """Return an empty folder in place of this one, for the next size or graph."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _peak() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _disk(folder: Path) -> float:
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20, 1)


if __name__ == "__main__":
    wanted = [int(size) for size in sys.argv[1:]] or list(SIZES)
    measure(load_settings(), wanted, lambda figures: print(save("search_scale", figures), file=sys.stderr))
