"""Files that are whole after any fall: the old content or the new one, never half of it, and on the disk when we say so."""

import os
from pathlib import Path


def write_durably(path: Path, data: bytes) -> None:
    """Put `data` in the place of the file at once: written beside it, flushed to the disk, and then renamed."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
