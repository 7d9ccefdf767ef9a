"""Progress on stderr for whatever takes more than a second."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

Report = Callable[[int, int], None]

_PATIENCE = 1.0  # seconds


@contextmanager
def progress(words: str) -> Iterator[Report]:
    """A bar that a function moves by calling `report(done, of)`.

    It appears when the work has taken a second, and stays off when stderr is not a terminal.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    from rich.console import Console  # noqa: PLC0415 - what nobody looks at is not loaded
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - as above

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=console, transient=True)
    task, began = bar.add_task(words, total=None), monotonic()

    def report(done: int, of: int) -> None:
        if monotonic() - began > _PATIENCE:
            bar.start()
        bar.update(task, completed=done, total=of)

    try:
        yield report
    finally:
        bar.stop()
