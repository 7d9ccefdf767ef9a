"""The checklist is whole, and each test that it names is there."""

import ast
from functools import cache

import pytest

from tests.house.tree import ROOT
from tests.security.checklist import INCIDENTS, LINES

NAMED = sorted({name for tests in (*(tests for _, tests in LINES.values()), *INCIDENTS.values()) for name in tests})


@cache
def held_in(path: str) -> frozenset[str]:
    """The tests that stand in a file."""
    tree = ast.parse((ROOT / "tests" / path).read_text())
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def is_there(name: str) -> bool:
    """Whether the file is there, and holds the test; a file named alone has to hold some."""
    path, _, test = name.partition("::")
    if not (ROOT / "tests" / path).is_file():
        return False
    return test in held_in(path) if test else bool(held_in(path))


def test_every_line_of_the_checklist_has_a_test() -> None:
    assert list(LINES) == list(range(1, 40))
    assert all(tests for _, tests in LINES.values())
    assert all(INCIDENTS.values())


@pytest.mark.parametrize("name", NAMED)
def test_each_test_that_is_named_is_there(name: str) -> None:
    assert is_there(name)


@pytest.mark.parametrize("name", ["web/test_nothing.py", "web/test_answers.py::test_nothing", "web/conftest.py"])
def test_what_is_not_there_is_seen(name: str) -> None:
    assert not is_there(name)
