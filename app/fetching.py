"""Fetching a log's files from wherever it is served: with time limits, size limits, and no trust in what comes."""

from urllib.parse import urlsplit

from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from ledger.errors import CheckFailed, LedgerError

_TIMES = Timeout(connect=10, read=30)  # seconds
_TRIES = Retry(total=3, connect=0, read=0, status=0, other=0, redirect=3)  # only redirections are followed
_OK, _NOT_FOUND, _GONE = 200, 404, 410


class Unreachable(CheckFailed):
    """{address} cannot be fetched: {problem}. Check the address and the network, and try again; nothing was recorded."""


class NotThere(Unreachable):
    """{address} is not there: {problem}. Check the address, and try again; nothing was recorded."""


class NotAnAddress(LedgerError):
    """“{address}” is not the address of a log. It should look like https://partnership.example/log; nothing was recorded."""


class Remote:
    """The files under one address."""

    def __init__(self, prefix: str, *, at_once: int = 1) -> None:
        """`prefix` is the log's address, with or without a slash at its end. Raises NotAnAddress.

        `at_once` is how many threads ask it for files, each over a connection that stays open.
        """
        parts = urlsplit(prefix)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise NotAnAddress(address=prefix)
        self.prefix = prefix.rstrip("/")
        self._pool = PoolManager(
            maxsize=at_once,
            timeout=_TIMES,
            retries=_TRIES,
            headers={"User-Agent": "commonpurse", "Accept-Encoding": "gzip, identity"},
        )

    def get(self, path: str, *, longest: int, fresh: bool = False) -> bytes:
        """The bytes of a file under the address. `fresh` asks everything on the way not to answer from memory.

        Raises NotThere when the log says that it has no such file, Unreachable for every other fault.
        """
        headers = dict(self._pool.headers) | ({"Cache-Control": "no-cache"} if fresh else {})
        return self._ask("GET", path, longest=longest, headers=headers)

    def post(self, path: str, body: bytes, *, longest: int) -> bytes:
        """What is answered to these bytes. Raises as `get` does; the problem is then in the log's own words."""
        headers = dict(self._pool.headers) | {"Content-Type": "text/plain; charset=utf-8"}
        return self._ask("POST", path, longest=longest, headers=headers, body=body)

    def _ask(self, method: str, path: str, *, longest: int, headers: dict[str, str], body: bytes | None = None) -> bytes:
        address = f"{self.prefix}/{path}"
        try:
            answer = self._pool.request(method, address, body=body, headers=headers, preload_content=False)
            try:
                data = answer.read(longest + 1, decode_content=True)
            finally:
                answer.close()
        except HTTPError as fault:
            raise Unreachable(address=address, problem=_words(fault)) from fault
        if answer.status != _OK:
            kind = NotThere if answer.status in {_NOT_FOUND, _GONE} else Unreachable
            said = _said(data, answer.headers.get("Content-Type"))
            raise kind(address=address, problem=f"the answer was {answer.status}{said}")
        if len(data) > longest:
            raise Unreachable(address=address, problem=f"it is longer than {longest:,} bytes")
        return data


def _words(fault: HTTPError) -> str:
    cause = getattr(fault, "reason", None) or fault
    return f"{type(cause).__name__}"


def _said(data: bytes, kind: str | None) -> str:
    """What a plain-text answer says, when it is one short line."""
    text = data.decode(errors="replace").strip()
    short = (kind or "").startswith("text/plain") and text.isprintable() and 0 < len(text) < 400  # noqa: PLR2004 - a sentence
    return f" ({text.rstrip('.')})" if short else ""
