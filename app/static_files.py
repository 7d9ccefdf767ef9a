"""Styles, scripts and pictures: kept by the browser for a year under an address that carries their content's fingerprint.

The charts' script is 1.4 MB, a third of that compressed. A phone should not wait for the difference, so each process
compresses what it serves once, whatever stands in front of it.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path

from flask import Blueprint, Response, abort, request, url_for

from app.access import anyone

FOLDER = Path(__file__).parent / "static"
_A_YEAR = 31_536_000  # seconds

blueprint = Blueprint("static_files", __name__)


@dataclass(frozen=True, slots=True)
class Built:
    """One built file: what it is, and its fingerprint."""

    content: bytes
    kind: str
    fingerprint: str


def static(name: str) -> str:
    """The address of a static file with its content in it: a changed file has a new address."""
    return url_for("static_files.file", name=name, v=_built(name).fingerprint)


@blueprint.get("/static/<name>")
@anyone
def file(name: str) -> Response:
    """One built file. Under its fingerprint it never changes; without it, the browser asks each time."""
    if name not in _names():
        abort(404)
    built = _built(name)
    compressed = request.accept_encodings["gzip"] > 0
    answer = Response(_compressed(name) if compressed else built.content, content_type=built.kind)
    answer.vary.add("Accept-Encoding")
    if compressed:
        answer.headers["Content-Encoding"] = "gzip"
    fixed = request.args.get("v") == built.fingerprint
    answer.headers["Cache-Control"] = f"public, max-age={_A_YEAR}, immutable" if fixed else "public, no-cache"
    answer.set_etag(built.fingerprint + ("-gzip" if compressed else ""))
    answer.make_conditional(request)
    return answer


@lru_cache
def _names() -> frozenset[str]:
    return frozenset(path.name for path in FOLDER.iterdir() if path.is_file())


@lru_cache
def _built(name: str) -> Built:
    content = (FOLDER / name).read_bytes()
    kind = guess_type(name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind.endswith(("javascript", "svg+xml"))
    return Built(content, f"{kind}; charset=utf-8" if text else kind, hashlib.sha256(content).hexdigest()[:12])


@lru_cache
def _compressed(name: str) -> bytes:
    return gzip.compress(_built(name).content, mtime=0)
