"""Progress bars on stderr for everything that takes more than a moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

Report = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

console = Console(stderr=True, soft_wrap=True)


@contextmanager
def progress_bars() -> Iterator[Report]:
    """Show one bar a stage; the report that is handed out moves them."""
    columns = (
        TextColumn("{task.description:<44}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        tasks = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=max(total, 1))
            bars.update(tasks[stage], completed=done, total=max(total, 1))

        yield report


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show that something whose length isn't known is under way."""
    with console.status(what):
        yield
