"""The lock files hold names, versions and hashes, and no address; the product needs nothing that is not in its own."""

import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.code_rules import imported
from tests.house.tree import ROOT, texts

PRODUCT = ROOT / "requirements.txt"
DEVELOPER = ROOT / "requirements-dev.txt"
AUDIT = ROOT / "requirements-audit.txt"
WAPITI = ROOT / "requirements-wapiti.txt"
LOCKS = [PRODUCT, DEVELOPER, AUDIT, WAPITI]
OWN = {"app", "ledger", "seeds", "wsgi"}
PIN = re.compile(r"[a-z0-9][a-z0-9-]*(?:\[[a-z,]+\])?==\S+(?: ; [^#]+?)?(?: --hash=sha256:[0-9a-f]{64})+")


def pins(lock: str) -> list[str]:
    """Each pin as one line, without comments."""
    joined = lock.replace("\\\n", " ")
    lines = (" ".join(line.partition("#")[0].split()) for line in joined.splitlines())
    return [line for line in lines if line]


def faults(lock: str) -> list[str]:
    """What does not belong in a lock file."""
    addresses = [line for line in lock.splitlines() if "//" in line or "@ " in line]
    return addresses + [line for line in pins(lock) if not PIN.fullmatch(line)]


def pinned(lock: str) -> dict[str, Requirement]:
    requirements = [Requirement(line.partition(" --hash")[0]) for line in pins(lock)]
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def wanted(lock: Path) -> Iterator[Requirement]:
    """What pyproject.toml asks of this lock."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lists = {
        PRODUCT: asked["project"]["dependencies"],
        DEVELOPER: asked["project"]["dependencies"] + asked["project"]["optional-dependencies"]["dev"],
        AUDIT: asked["dependency-groups"]["audit"],
        WAPITI: asked["dependency-groups"]["wapiti"],
    }
    yield from map(Requirement, lists[lock])


def foreign_imports(path: str, text: str) -> list[str]:
    """What a file of the product imports that neither Python nor the product's own lock gives it."""
    given = product_modules() | OWN | set(sys.stdlib_module_names)
    modules = {module.partition(".")[0] for _, module in imported(path, text)}
    return sorted(modules - given)


@cache
def product_modules() -> frozenset[str]:
    """The top-level modules that the packages of the product's lock bring."""
    locked = pinned(PRODUCT.read_text())
    brought = packages_distributions().items()
    return frozenset(module for module, names in brought if any(canonicalize_name(name) in locked for name in names))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_holds_names_versions_and_hashes_and_nothing_else(lock: Path) -> None:
    assert faults(lock.read_text()) == []
    assert len(pins(lock.read_text())) > 10


@pytest.mark.parametrize(
    "line",
    [
        "flask==3.1.2",
        "flask>=3.1 --hash=sha256:" + "0" * 64,
        "flask==3.1.2 --hash=md5:" + "0" * 32,
        "--extra-index" + "-url mirror.example",
        "flask @ https" + "://mirror.example/flask.whl",
        "# from https" + "://mirror.example",
        "-e .",
    ],
)
def test_a_fault_in_a_lock_is_seen(line: str) -> None:
    sound = "click==8.2.1 \\\n    --hash=sha256:" + "0" * 64 + "\n    # via flask\n"
    assert faults(sound) == []
    assert faults(sound + line + "\n") != []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_satisfies_what_the_project_asks_for(lock: Path) -> None:
    locked = pinned(lock.read_text())
    for asked in wanted(lock):
        version = str(locked[canonicalize_name(asked.name)].specifier).removeprefix("==")
        assert asked.specifier.contains(version), asked


def test_developers_test_with_the_very_versions_that_run() -> None:
    product, developer = pinned(PRODUCT.read_text()), pinned(DEVELOPER.read_text())
    assert {name: pin.specifier for name, pin in product.items()} == {name: developer[name].specifier for name in product}


def test_the_product_imports_only_what_its_own_lock_gives_it() -> None:
    product = {path: text for path, text in texts().items() if path.removesuffix(".py").split("/")[0] in OWN}
    assert {path: names for path, text in product.items() if (names := foreign_imports(path, text))} == {}
    assert foreign_imports("ledger/tally/greedy.py", "import pabutools.rules") == ["pabutools"]
    assert foreign_imports("app/public/routes.py", "from hypothesis import given\nimport flask, json") == ["hypothesis"]
