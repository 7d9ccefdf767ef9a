"""A log's files in a folder, laid out as they are under its address: what an auditor downloads, and can audit again offline."""

import os
from pathlib import Path

from ledger.auditing.said import Said
from ledger.errors import CheckFailed
from ledger.note import VerifierKey
from ledger.tiles import TileMissing

KEY = "log.vkey"  # the log's public key, as it was given when the folder was first used
_SAID = ("balances.json", "balances")


class FolderBroken(CheckFailed):
    """{path} cannot be read: {problem}. Look at the folder, or download the log again; nothing was changed."""


class Folder:
    """The files of a log under one folder."""

    def __init__(self, path: Path) -> None:
        """Nothing is read yet."""
        self.path = path

    def get(self, path: str) -> bytes:
        """The bytes of a file. Raises TileMissing, FolderBroken."""
        try:
            with open(f"{self.path}/{path}", "rb") as file:  # noqa: PTH123 - a path's own machinery costs more than the reading
                return file.read()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as fault:
            raise TileMissing(path=path) from fault
        except OSError as fault:
            raise FolderBroken(path=self.path / path, problem=fault.strerror or "the disk does not give it") from fault

    def put(self, path: str, data: bytes) -> None:
        """Keep a file: after any fall of this program it is there whole, or not at all. Raises FolderBroken."""
        file = self.path / path
        draft = file.with_name(f"{file.name}.{os.getpid()}.new")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(data)
            draft.replace(file)
        except OSError as fault:
            raise FolderBroken(path=file, problem=fault.strerror or "the disk does not take it") from fault

    def key(self) -> VerifierKey | None:
        """The log's public key that is kept here. Raises KeyBroken."""
        try:
            return VerifierKey.parse(self.get(KEY).decode(errors="replace").strip())
        except TileMissing:
            return None

    def said(self) -> Said | None:
        """What the site said of its balances, if that is kept here. Raises SaidNothing."""
        for name in _SAID:
            try:
                return Said.parse(self.get(name))
            except TileMissing:
                continue
        return None
