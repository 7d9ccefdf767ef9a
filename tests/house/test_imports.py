"""Imports run one way. import-linter holds it; here each of its contracts is shown an invented tree that breaks it."""

import ast
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.house.tree import ROOT

CONTRACTS = ROOT / ".importlinter"
LINT = "from importlinter.cli import lint_imports_command as lint; lint(['--no-cache', '--no-logo'])"

BREAKS = [
    ("directions", {"ledger/door.py": "import app"}),
    ("directions", {"app/commands.py": "import seeds"}),
    ("directions", {"seeds/story.py": "from app import settings", "app/settings.py": ""}),
    ("audiences", {"app/panel/routes.py": "import app.finance.forms", "app/finance/forms.py": ""}),
    ("audiences", {"app/public/routes.py": "import app.desk", "app/desk.py": "import app.panel", "app/panel/__init__.py": ""}),
    ("web", {"ledger/door.py": "import flask"}),
    ("web", {"ledger/door.py": "def late():\n    from plotly import graph_objects"}),
    ("web", {"seeds/story.py": "import werkzeug.exceptions"}),
    ("floors", {"ledger/money.py": "import ledger.door", "ledger/door.py": ""}),
    ("floors", {"ledger/tree.py": "import ledger.canonical", "ledger/canonical.py": ""}),
    ("floors", {"ledger/attic.py": ""}),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", LINT], cwd=folder, capture_output=True, text=True, check=False)


def contracts() -> ConfigParser:
    parser = ConfigParser()
    parser.read(CONTRACTS)
    return parser


def contract_name(contract: str) -> str:
    return contracts()[f"importlinter:contract:{contract}"]["name"]


def floors() -> list[set[str]]:
    """The rooms of the ledger from the top down, one set for each floor."""
    lines = contracts()["importlinter:contract:floors"]["layers"].split("\n")
    return [set(re.findall(r"\w+", line)) for line in lines if line]


@pytest.fixture
def sound_tree(tmp_path: Path) -> Path:
    shutil.copy(CONTRACTS, tmp_path)
    rooms = ("app", "app/public", "app/panel", "app/finance", "ledger", "seeds")
    for room in rooms:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").touch()
    return tmp_path


def test_this_tree_keeps_every_contract() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Contracts: {len(contracts().sections()) - 1} kept, 0 broken." in done.stdout


@pytest.mark.parametrize(("contract", "broken"), BREAKS)
def test_a_contract_sees_the_import_that_breaks_it(contract: str, broken: dict[str, str], sound_tree: Path) -> None:
    for path, text in broken.items():
        (sound_tree / path).write_text(text)
    done = lint(sound_tree)
    assert done.returncode == 1
    assert f"{contract_name(contract)} BROKEN" in " ".join(done.stdout.split())


def test_a_sound_tree_keeps_them(sound_tree: Path) -> None:
    assert lint(sound_tree).returncode == 0


def test_every_contract_has_been_seen_to_break() -> None:
    sections = {section.rpartition(":")[2] for section in contracts().sections() if ":" in section}
    assert sections == {contract for contract, _ in BREAKS}


def test_every_audience_is_in_the_contract() -> None:
    """An audience is a package of `app` that has routes: a module in it makes a blueprint."""
    audiences = {f"app.{module.parent.name}" for module in ROOT.glob("app/*/*.py") if " = Blueprint(" in module.read_text()}
    assert audiences == set(re.findall(r"[\w.]+", contracts()["importlinter:contract:audiences"]["layers"]))


def test_the_ledgers_own_docstring_tells_the_same_floors() -> None:
    """An item “- `flows` · `verify`: …” is a floor with two rooms; the list goes from the top down."""
    docstring = ast.get_docstring(ast.parse((ROOT / "ledger/__init__.py").read_text())) or ""
    rooms = [item.partition(":")[0] for item in re.split(r"^- ", docstring, flags=re.MULTILINE)[1:]]
    assert [set(re.findall(r"`(\w+)`", names)) for names in rooms] == floors()


def test_every_room_on_a_floor_exists() -> None:
    """The parentheses in the contract would forgive a room that is gone."""
    for floor in floors():
        for room in floor:
            assert (ROOT / f"ledger/{room}.py").exists() or (ROOT / f"ledger/{room}/__init__.py").exists(), room
