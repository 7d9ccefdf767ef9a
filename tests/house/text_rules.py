"""Rules for every file that people write. Each takes a path and its text and returns its complaints."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

Rule = Callable[[str, str], list[str]]

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base"}
TOP_LEVEL = {
    "app", "ledger", "templates", "seeds", "tests", "wsgi.py", "pyproject.toml", "README.md",
    "Makefile", "LICENSE", "CHANGELOG.md", "requirements.txt", "requirements-dev.txt",
    "requirements-audit.txt", "requirements-wapiti.txt", "LICENCES.md",
}  # fmt: skip

_PROMISE = re.compile(r"\bTO[D]O\b|\bFIX[M]E\b|\bXX[X]\b|\bHAC[K]\b|\bfor no[w]\b|\bNotImplemente[d]Error\b", re.IGNORECASE)
_REGISTRY = re.compile(
    r"pypi\.(?:org|python\.org)|pythonhosted\.org|npmjs\.(?:com|org)|yarnpkg\.com|deb\.debian\.org"
    r"|(?:extra-)?index[-_]url|find[-_]links|trusted[-_]host|\"resolved\": *\"http"
)
_MACHINE = re.compile(r"(?<![\w.~*)}-])/(?:(?:root|work|home/\w+|Users/\w+)(?![\w-])|tmp/)")
_LOADED = re.compile(
    r"<(?:script|img|iframe|source|audio|video|embed|object|track|input|image|use)\b[^>]*?"
    r"\b(?:src|srcset|data|poster|href)\s*=\s*[\"']?\s*(?:https?:)?//"
    r"|<link\b(?![^>]*\brel\s*=\s*[\"']?(?:canonical|license|alternate))[^>]*?\bhref\s*=\s*[\"']?\s*(?:https?:)?//"
    r"|url\(\s*[\"']?\s*(?:https?:)?//|@import\s+(?:url\()?[\"'](?:https?:)?//"
    r"|\b(?:fetch|import)\(\s*[\"'`](?:https?:)?//",
    re.IGNORECASE,
)


def names_say_what_is_inside(path: str, _text: str) -> list[str]:
    parts = [PurePosixPath(part).stem.strip("_") for part in PurePosixPath(path).parts]
    return [f"“{part}” says nothing about what is inside" for part in parts if part in FORBIDDEN_NAMES]


def the_top_level_is_fixed(path: str, _text: str) -> list[str]:
    top = PurePosixPath(path).parts[0]
    return [] if top in TOP_LEVEL or top.startswith(".") else [f"“{top}” does not belong at the top level"]


def nothing_is_promised(_path: str, text: str) -> list[str]:
    """What is here is finished; what is not here is an issue."""
    return _found(_PROMISE, text, "a promise")


def no_address_of_a_registry_or_a_machine(_path: str, text: str) -> list[str]:
    return _found(_REGISTRY, text, "an address of a registry") + _found(_MACHINE, text, "a path of somebody's machine")


def nothing_is_loaded_from_another_host(path: str, text: str) -> list[str]:
    """Links may lead anywhere; scripts, styles, pictures and frames come from here."""
    pages = (".html", ".jinja", ".css", ".scss", ".js", ".mjs", ".svg")
    return _found(_LOADED, text, "something loaded from another host") if path.endswith(pages) else []


def _found(pattern: re.Pattern[str], text: str, what: str) -> list[str]:
    return [
        f"line {number}: “{match.group().strip()}” is {what}"
        for number, line in enumerate(text.splitlines(), start=1)
        for match in pattern.finditer(line)
    ]
