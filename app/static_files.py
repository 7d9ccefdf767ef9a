"""Styles, scripts and pictures: kept by the browser for a year under an address that carries their content's fingerprint.

The charts' script is 1.4 MB, a third of that compressed. A phone should not wait for the difference, so text is compressed
once for each process, whatever stands in front of this server.
"""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory, url_for

from app.access import anyone

FOLDER = Path(__file__).parent / "static"
_A_YEAR = 31_536_000  # seconds
_TEXT = {".css", ".js", ".svg", ".txt"}

blueprint = Blueprint("static_files", __name__)


def static(name: str) -> str:
    """The address of a static file with its content in it: a changed file has a new address."""
    return url_for("static_files.file", name=name, v=_fingerprint(name))


@blueprint.get("/static/<path:name>")
@anyone
def file(name: str) -> Response:
    """One built file. Under its fingerprint it never changes; without it, the browser asks each time."""
    answer = send_from_directory(FOLDER, name, conditional=True, etag=True)
    fixed = answer.status_code in {200, 206, 304} and request.args.get("v") == _fingerprint(name)
    answer.headers["Cache-Control"] = f"public, max-age={_A_YEAR}, immutable" if fixed else "public, no-cache"
    if Path(name).suffix in _TEXT:
        answer.vary.add("Accept-Encoding")
        if answer.status_code == 200 and request.accept_encodings["gzip"] > 0 and "Range" not in request.headers:  # noqa: PLR2004 - HTTP
            answer.direct_passthrough = False
            answer.set_data(_compressed(name))
            answer.headers["Content-Encoding"] = "gzip"
            answer.set_etag(f"{_fingerprint(name)}-gzip")
            answer.make_conditional(request)
    return answer


@lru_cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]


@lru_cache
def _compressed(name: str) -> bytes:
    return gzip.compress((FOLDER / name).read_bytes(), mtime=0)
