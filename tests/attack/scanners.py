"""The three scanners, each over one site as one visitor. They find lines; all that they said is kept in `.make/attack`."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from tests.attack.children import KEPT, MADE, OVERTIME, run
from tests.attack.described import Operation, example_of
from tests.attack.openapi import document

_BIN = MADE / "audit/bin"
# Those that need no other server.
_MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,ldap,methods,permanentxss,redirect,shellshock,sql,upload"
    ",xss"
)
# What wapiti says of any site that is reached without https. Both are tested where the site is set up for it (SECURE=1).
_WITHOUT_HTTPS = ("Strict-Transport-Security is not set", "Secure flag is not set in the cookie : session")
_OWN_NOTES_LOCKED = "sqlite3.OperationalError) database is locked"  # the file in which wapiti notes what it saw
_TRIES = 3
_CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "unsupported_method,allow_header_conformance"
)
_FINAL = re.compile(r"^(?:_{5,} .+ _{5,}|- .+|    \[\d{3}\].*|    curl .*)$", flags=re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One site and one visitor of it."""

    address: str
    role: str
    name: str  # of its logs
    operations: Sequence[Operation]
    headers: Mapping[str, str] = field(default_factory=dict)
    spared: frozenset[str] = frozenset()  # addresses that would end the visitor's own session


def by_wapiti(target: Target, *, seconds: int) -> Iterator[str]:
    """Crawl from every route, and attack each page and form that was found."""
    with TemporaryDirectory() as place:
        report = Path(place) / "report.json"
        starts = [word for one in _gets(target) for word in ("-s", target.address + _with_query(one, target.role))]
        spared = [word for path in sorted(target.spared) for word in ("-x", f"{target.address}{path}")]
        headers = [word for name, value in target.headers.items() for word in ("-H", f"{name}: {value}")]
        bounds = [
            "--max-scan-time", str(seconds), "--max-attack-time", str(max(seconds // 6, 5)), "-d", "3", "--timeout", "10",
            "--tasks", "4", "--max-links-per-page", "40", "--max-files-per-dir", "25", "--max-parameters", "30",
        ]  # fmt: skip
        options = [
            "--module", _MODULES, "--level", "2", "--flush-session", "--no-bugreport", "--drop-set-cookie", "--scope", "folder",
            "--store-session", place, "--store-config", f"{place}/config", "-f", "json", "-o", str(report),
        ]  # fmt: skip
        asked = ["-u", f"{target.address}/", *starts, *spared, *headers, *bounds, *options]
        command: list[str | Path] = [MADE / "wapiti/bin/wapiti", *asked]
        for _ in range(_TRIES):
            done = run(command, seconds=seconds * 3 + 60, log=f"wapiti-{target.name}")
            if _OWN_NOTES_LOCKED not in done.words:
                break
        if done.code != 0 or not report.exists():
            yield f"wapiti did not finish ({done.code}): {done.words[-600:]}"
            return
        said = json.loads(report.read_text())
    pages = said["infos"]["crawled_pages_nbr"]
    if pages < len(starts) // 2:
        yield f"wapiti crawled {pages} pages only"
    for kind in ("vulnerabilities", "anomalies"):
        for name, found in said[kind].items():
            for one in found:
                if one["info"] not in _WITHOUT_HTTPS:
                    yield f"{name}: {one['info']} ({one['method']} {one['path']})"


def by_schemathesis(target: Target, *, examples: int, seconds: int) -> Iterator[str]:
    """Send every operation what its description allows and what it does not."""
    KEPT.mkdir(parents=True, exist_ok=True)
    schema = KEPT / f"openapi-{target.name}.json"
    schema.write_text(json.dumps(document(target.operations, role=target.role, spared=target.spared), indent=1))
    headers = [word for name, value in target.headers.items() for word in ("-H", f"{name}: {value}")]
    command: list[str | Path] = [
        _BIN / "schemathesis", "run", schema, "--url", target.address, *headers, "--checks", _CHECKS, "--exclude-deprecated",
        "--phases", "coverage,fuzzing", "--max-examples", str(examples), "--generation-deterministic", "--no-shrink",
        "--continue-on-failure", "--max-redirects", "0", "--suppress-health-check", "all", "--request-timeout", "20",
        "--warnings", "off", "--no-color",
    ]  # fmt: skip
    done = run(command, seconds=seconds, log=f"schemathesis-{target.name}", folder_of_work=KEPT)
    if done.code == OVERTIME:
        yield f"schemathesis did not finish in {seconds} s"
    elif done.code != 0:
        found = list(dict.fromkeys(_FINAL.findall(done.words.partition("FAILURES")[2] or done.words)))
        yield " / ".join(line.strip() for line in found[:60]) or done.words[-1000:]


def by_sqlmap(target: Target, *, seconds: int) -> Iterator[str]:
    """Try to inject through every part of an address, every name it may carry and every field of a form, where they get in."""
    for operation in target.operations:
        if operation.path in target.spared or target.role not in operation.open_to:
            continue
        if operation.query or operation.values or (operation.fields and operation.reads == "form"):
            yield from _injected(target, operation, seconds)


def _injected(target: Target, operation: Operation, seconds: int) -> Iterator[str]:
    values = operation.open_to[target.role]
    marked = operation.address(values) if operation.method == "GET" and operation.query else _marked(operation, values)
    address = target.address + marked
    if operation.query:
        address += "?" + urlencode({name: example_of(name)[0] or "x" for name in sorted(operation.query)})
    form = urlencode([(name, value) for name in sorted(operation.fields) for value in example_of(name)[:3]])
    with TemporaryDirectory() as place:
        options = [
            "--batch", "--level", "1", "--risk", "1", "--technique", "BEU", "--dbms", "SQLite", "--flush-session", "--skip-waf",
            "--output-dir", place, "--disable-coloring", "--ignore-code", "*", "--timeout", "15", "--retries", "1",
            "--threads", "2", "--answers", "redirect=N,follow=N",
        ]  # fmt: skip
        headers = [word for name, value in target.headers.items() for word in ("-H", f"{name}: {value}")]
        body = ["--data", form] if operation.method != "GET" and form else []
        command: list[str | Path] = [_BIN / "sqlmap", "-u", address, "--method", operation.method, *body, *headers, *options]
        log = re.sub(r"\W+", "-", f"sqlmap-{target.name}-{operation.method}{operation.path}").strip("-")
        done = run(command, seconds=seconds, log=log)
    where = f"{operation.method} {operation.path}"
    if "the following injection point" in done.words:
        yield f"SQL injection at {where}: {' '.join(re.findall(r'^Parameter: .*$', done.words, flags=re.MULTILINE))}"
    elif "all tested parameters do not appear to be injectable" not in done.words:
        yield f"sqlmap did not finish {where} ({done.code}): {done.words[-500:]}"


def _marked(operation: Operation, values: Mapping[str, str]) -> str:
    """The address with a star, where sqlmap injects, after each part that can vary."""
    return operation.path.format(**{name: f"{value}*" for name, value in values.items()})


def _gets(target: Target) -> list[Operation]:
    return [one for one in target.operations if one.method == "GET" and target.role in one.open_to]


def _with_query(operation: Operation, role: str) -> str:
    query = urlencode({name: example_of(name)[0] for name in sorted(operation.query)})
    return operation.address(operation.open_to[role]) + (f"?{query}" if query else "")
