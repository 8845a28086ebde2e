"""`python -m benchmarks [NAME …]`: run all measurements, or those named."""

import sys

from assistant.settings import load_settings
from benchmarks import chat_models, indexing, turns
from benchmarks.results import save

BENCHMARKS = {"indexing": indexing.measure, "chat_models": chat_models.measure, "turns": turns.measure}


def main() -> None:
    names = sys.argv[1:] or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        sys.exit(f"No benchmark is called {', '.join(sorted(unknown))}. There are: {', '.join(BENCHMARKS)}.")
    settings = load_settings()
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        path = save(name, BENCHMARKS[name](settings))
        print(path.read_text(encoding="utf-8"))


main()
