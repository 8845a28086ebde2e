"""The curves of `search_scale`: milliseconds and memory over the size of the shop, recall over milliseconds."""

from pathlib import Path
from typing import Any

_COLOURS = {"lexical": "C0", "bm25s alone": "C0", "dense": "C1", "exact cosine": "C1", "fused": "C2", "ranked": "C3"}
_BASELINES = ("bm25s alone", "exact cosine")


def plot(figures: dict[str, Any], path: Path) -> None:
    """Draw the figures to an image file; a baseline is dashed, in the colour of what it is beside."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(14, 4.4), layout="constrained")
    latency, memory, recall = figure.subplots(1, 3)
    _by_size(latency, figures["sizes"], "p50_ms", "Milliseconds a query, to p95")
    _by_size(memory, figures["sizes"], "memory_mb", "Memory of an open index, MB")
    _recall(recall, figures["sizes"][-1])
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=110)


def _by_size(axes: Any, sizes: list[dict[str, Any]], key: str, title: str) -> None:
    counts = [size["products"] for size in sizes]
    for place, system in enumerate(row["system"] for row in sizes[0]["systems"]):
        rows = [size["systems"][place] for size in sizes]
        values = [max(row[key], 0.01) for row in rows]
        style = "--" if system in _BASELINES else "-"
        axes.plot(counts, values, style, marker="o", color=_COLOURS[system], label=system)
        if key == "p50_ms":
            axes.fill_between(counts, values, [row["p95_ms"] for row in rows], color=_COLOURS[system], alpha=0.12)
    axes.set(xscale="log", yscale="log", xlabel="products", title=title)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)


def _recall(axes: Any, size: dict[str, Any]) -> None:
    graphs: dict[str, list[dict[str, Any]]] = {}
    for row in size["hnsw"]:
        graphs.setdefault(f"{row['max_neighbors']} neighbours, built {row['ef_construction']} wide", []).append(row)
    for name, rows in graphs.items():
        axes.plot([row["p50_ms"] for row in rows], [row["recall@100"] for row in rows], marker="o", label=name)
        for row in rows:
            axes.annotate(row["ef_search"], (row["p50_ms"], row["recall@100"]), fontsize=7, alpha=0.7)
    axes.set(xlabel="milliseconds a query, p50", title=f"Recall@100 of HNSW by beam, {size['products']:,} products")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
