"""Rules for Python files. Each takes a path and its text and returns its complaints; none is an empty list."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from typing import Final

LINES_IN_A_FILE = 400
LINES_IN_A_FUNCTION = 50
WORDS_IN_A_TEST = 3

_EXEMPTION: Final = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no \w+|ruff:|mypy:|pyright:|nosec|fmt:)")
_REASONED = re.compile(
    r"# (?:noqa: [A-Z]+[0-9]+(?:, ?[A-Z]+[0-9]+)* [-–] \S+"
    r"|type: ignore\[[a-z-]+(?:, ?[a-z-]+)*\]  # \S+"
    r"|pragma: no (?:cover|branch) [-–] \S+"
    r"|nosec B[0-9]{3}(?:, ?B[0-9]{3})*  # \S+"
    r"|fmt: (?:off|on|skip))"
)
_FORBIDDEN_FROM = {
    "app": {"tests", "seeds", "wsgi"},
    "ledger": {"app", "tests", "seeds", "wsgi"},
    "seeds": {"app", "tests", "wsgi"},
    "wsgi": {"tests", "seeds", "ledger"},
}
_QUERYING = {"alembic", "psycopg", "sqlalchemy", "sqlite3", "sqlmodel", "ledger.database"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files_are_short(path: str, text: str) -> list[str]:
    lines = len(text.splitlines())
    is_code = path.endswith((".py", ".html"))
    return (
        [f"{lines} lines, more than {LINES_IN_A_FILE}: it is asking to be two"] if is_code and lines > LINES_IN_A_FILE else []
    )


def functions_are_short(path: str, text: str) -> list[str]:
    """A docstring does not count: rules for money and votes are told there at length. Nor does a migration, a plain list."""
    if path.startswith("ledger/migrations/versions/"):
        return []
    return [
        f"{function.name} has {lines} lines, more than {LINES_IN_A_FUNCTION}"
        for function in _functions(path, text)
        if (lines := _lines_without_docstring(function)) > LINES_IN_A_FUNCTION
    ]


def exemptions_have_a_code_and_a_reason(path: str, text: str) -> list[str]:
    return [
        f"line {line}: “{comment}” needs its code and its reason beside it"
        for line, comment in _comments(path, text)
        if len(_EXEMPTION.findall(comment)) != len(_REASONED.findall(comment))
    ]


def skips_have_a_reason(path: str, text: str) -> list[str]:
    """`importorskip` and skipping a whole module are silent, whatever they say."""
    complaints = []
    for node in _nodes(path, text):
        if isinstance(node, ast.Attribute) and node.attr == "importorskip":
            complaints.append(f"line {node.lineno}: importorskip hides a missing part")
        if isinstance(node, ast.Call) and _last_name(node.func) in {"skip", "skipif", "xfail"} and not _has_reason(node):
            complaints.append(f"line {node.lineno}: {_last_name(node.func)} without a reason, or for a whole module")
    bare = {"skip", "xfail"}
    for function in _functions(path, text):
        marks = [mark for mark in function.decorator_list if isinstance(mark, ast.Attribute) and mark.attr in bare]
        complaints += [f"line {mark.lineno}: {mark.attr} without a reason" for mark in marks]
    return complaints


def table_models_keep_their_annotations(path: str, text: str) -> list[str]:
    """SQLModel reads annotations when the class is made; postponed ones reach it as text."""
    nodes = list(_nodes(path, text))
    postponed = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in nodes)
    tables = [
        node.name for node in nodes if isinstance(node, ast.ClassDef) and any(word.arg == "table" for word in node.keywords)
    ]
    return [f"postpones its annotations, and {', '.join(tables)} needs them"] if postponed and tables else []


def imports_run_one_way(path: str, text: str) -> list[str]:
    """What import-linter does not see: wsgi and tests; and a module of charts draws, it does not query."""
    room = path.removesuffix(".py").split("/")[0]
    unwanted = set(_FORBIDDEN_FROM.get(room, ()))
    if room == "app" and path.endswith("/charts.py"):
        unwanted |= _QUERYING
    return [
        f"line {line}: {path} must not import {module}"
        for line, module in imported(path, text)
        if any(f"{module}.".startswith(f"{name}.") for name in unwanted)
    ]


def tests_are_sentences(path: str, text: str) -> list[str]:
    if not path.startswith("tests/"):
        return []
    names = [function.name for function in _functions(path, text) if function.name.startswith("test_")]
    return [f"{name} is not a sentence" for name in names if len(name.split("_")) <= WORDS_IN_A_TEST]


def imported(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Each module that the file imports, with its line."""
    for node in _nodes(path, text):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def _nodes(path: str, text: str) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(text, filename=path)) if path.endswith(".py") else iter(())


def _functions(path: str, text: str) -> Iterator[Function]:
    return (node for node in _nodes(path, text) if isinstance(node, Function))


def _lines_without_docstring(function: Function) -> int:
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def _comments(path: str, text: str) -> Iterator[tuple[int, str]]:
    if path.endswith(".py"):
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        yield from ((token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT)


def _last_name(node: ast.expr) -> str:
    """`skip` of `pytest.skip` and of `pytest.mark.skip`; nothing for what is not pytest's."""
    return node.attr if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("pytest.") else ""


def _has_reason(call: ast.Call) -> bool:
    given = {word.arg for word in call.keywords}
    spoken = _last_name(call.func) != "skipif" and bool(call.args)
    return "allow_module_level" not in given and (spoken or "reason" in given)
