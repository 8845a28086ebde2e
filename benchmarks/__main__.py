"""`python -m benchmarks [NAME …]`: run all measurements, or those named."""

import sys

from assistant.settings import load_settings
from benchmarks import (
    batching,
    buying_chances,
    chat_models,
    indexing,
    load,
    long_conversation,
    personal_search,
    recommend,
    recommend_baskets,
    recommend_quality,
    search_chinese,
    search_quality,
    search_scale,
    turns,
    widget_page,
)
from benchmarks.results import save

BENCHMARKS = {
    "indexing": indexing.measure,
    "chat_models": chat_models.measure,
    "turns": turns.measure,
    "long_conversation": long_conversation.measure,
}
# These need long, a browser, or judged sets that the project doesn't ship, so they run only when they are named.
ON_REQUEST = {
    "search_scale": search_scale.measure,
    "search_quality": search_quality.measure,
    "search_chinese": search_chinese.measure,
    "load": load.measure,
    "load_crowd": load.measure_crowd,
    "batching": batching.measure,
    "widget_page": widget_page.measure,
    "recommend": recommend.measure,
    "recommend_baskets": recommend_baskets.measure,
    "personal_search": personal_search.measure,
    "buying_chances": buying_chances.measure,
    "recommend_quality": recommend_quality.measure,
}


def main() -> None:
    names = sys.argv[1:] or list(BENCHMARKS)
    known = BENCHMARKS | ON_REQUEST
    if unknown := set(names) - set(known):
        sys.exit(f"No benchmark is called {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
    settings = load_settings()
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        path = save(name, known[name](settings))
        print(path.read_text(encoding="utf-8"))


main()
