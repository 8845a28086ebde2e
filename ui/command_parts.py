"""What the commands share: their common options, errors as one clear line, and opening the shop."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.app import App, build_app
from assistant.errors import AssistantError
from assistant.settings import Settings
from retrieval.errors import RetrievalError
from ui.progress import console, waiting

Store = Annotated[Path | None, typer.Option(help="The shop's folder. Default: SHELFTALK_STORE, else the demo shop.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON only; progress goes to stderr.")]


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what the operator must mend into one clear line and exit code 2; let everything else be a traceback."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except (AssistantError, RetrievalError) as error:
            console.print(f"shelftalk: {error}", style="bold red", markup=False, highlight=False)
            raise typer.Exit(2) from None

    return run


def open_shop(settings: Settings) -> App:
    """Open the store with what the settings name, and say so while it takes its time."""
    with waiting("Opening the shop…"), quiet_libraries():
        return build_app(settings)


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep progress bars of libraries off the screen: ours say enough."""
    for name in ("transformers", "sentence_transformers", "chromadb"):
        logging.getLogger(name).setLevel(logging.ERROR)
    yield


def check_customer(shop: App, customer: str | None) -> None:
    """Raise AssistantError for a customer whom the shop doesn't know."""
    if customer is not None and shop.records.customers.find(customer) is None:
        raise AssistantError(f"The shop has no customer '{customer}'. The demo shop's are C001 to C150.")
