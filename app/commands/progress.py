"""Progress on stderr for whatever takes more than a second."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

Report = Callable[[int, int], None]

_PATIENCE = 1.0  # seconds


@contextmanager
def progress(words: str) -> Iterator[Report]:
    """A bar that a function moves by calling `report(done, of)`.

    It appears when the work has taken a second, and stays off when stderr is not a terminal.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task, began = bar.add_task(words, total=None), monotonic()

    def report(done: int, of: int) -> None:
        if monotonic() - began > _PATIENCE:
            bar.start()
        bar.update(task, completed=done, total=of)

    try:
        yield report
    finally:
        bar.stop()
