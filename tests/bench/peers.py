"""Whoever is measured, behind one face. A peer lives in a process of its own (`worker`) and is asked to record steps."""

from typing import TYPE_CHECKING, Any, Protocol

from tests.bench.workload import Balances, Step

if TYPE_CHECKING:
    from collections.abc import Callable


class Peer(Protocol):
    """Records steps of the workload in its own way."""

    def lay(self) -> None:
        """Make its tables in an empty database, with what the workload rests on. Not timed."""

    def prepare(self, chosen: list[Step]) -> None:
        """Take in the steps that come next. Not timed."""

    def run(self) -> int:
        """Record them, and say how many were recorded. This is what is timed."""

    def balances(self) -> Balances | None:
        """What its accounts hold now, all but nought; none where there are no accounts."""

    def close(self) -> None:
        """Let go of its database."""


Job = dict[str, Any]  # what a peer is told at its start: plain JSON, as it comes through a pipe


def make(job: Job) -> Peer:
    """The peer that the job names. Each is imported only in the process that runs it."""
    makers: dict[str, Callable[[Job], Peer]] = {
        "flush": _flush,
        "ours": _ours,
        "ours-many": _ours_many,
        "reader": _reader,
        "raw": _raw,
        "raw-bare": _raw_bare,
        "raw-bulk": _raw_bulk,
        "hordak": _hordak,
        "hordak-reader": _hordak_reader,
    }
    return makers[job["peer"]](job)


def _flush(job: Job) -> Peer:
    from tests.bench.disk import Flush  # noqa: PLC0415 - each peer pays for its own imports only

    return Flush(job["file"])


def _ours(job: Job) -> Peer:
    from tests.bench.ours import Ours  # noqa: PLC0415 - as above

    return Ours(job["url"], places=job["places"], posters=job.get("threads", 1))


def _ours_many(job: Job) -> Peer:
    from tests.bench.ours import OursMany  # noqa: PLC0415 - as above

    return OursMany(job["url"], places=job["places"])


def _raw(job: Job) -> Peer:
    from tests.bench.raw import raw_chained  # noqa: PLC0415 - as above

    return raw_chained(job["url"])


def _raw_bare(job: Job) -> Peer:
    from tests.bench.raw_bare import raw_bare  # noqa: PLC0415 - as above

    return raw_bare(job["url"])


def _raw_bulk(job: Job) -> Peer:
    from tests.bench.raw_bulk import RawBulk  # noqa: PLC0415 - as above

    return RawBulk(job["url"], before=job["before"], after=job["after"])


def _hordak(job: Job) -> Peer:
    from tests.bench.by_hordak import Hordak  # noqa: PLC0415 - as above

    return Hordak(job["url"], opening=job["opening"], bulk=job.get("bulk", False))


def _reader(job: Job) -> Peer:
    from tests.bench.readers import Reader  # noqa: PLC0415 - as above

    return Reader(job["url"], places=job["places"], question=job["question"])


def _hordak_reader(job: Job) -> Peer:
    from tests.bench.by_hordak import HordakReader  # noqa: PLC0415 - as above

    return HordakReader(job["url"], opening=job["opening"], bulk=True)
