"""Style is a test. Each rule is held over the whole tree, and each is shown a sample that breaks it and one that does not."""

import pytest

from tests.house import code_rules, text_rules
from tests.house.tree import files, texts

CODE_RULES = (
    code_rules.files_are_short,
    code_rules.functions_are_short,
    code_rules.exemptions_have_a_code_and_a_reason,
    code_rules.skips_have_a_reason,
    code_rules.table_models_keep_their_annotations,
    code_rules.imports_run_one_way,
    code_rules.tests_are_sentences,
)
TEXT_RULES = (
    text_rules.nothing_is_promised,
    text_rules.no_address_of_a_registry_or_a_machine,
    text_rules.nothing_is_loaded_from_another_host,
)
NAME_RULES = (text_rules.names_say_what_is_inside, text_rules.the_top_level_is_fixed)
RULES = {rule.__name__: rule for rule in (*CODE_RULES, *TEXT_RULES, *NAME_RULES)}

LONG_FUNCTION = "def tell() -> None:\n" + "    print()\n" * 50
LONG_DOCSTRING = 'def tell() -> None:\n    """A story.\n' + "    It goes on.\n" * 60 + '    """\n    print()\n'
POSTPONED = "from __future__ import annotations\nclass Pot(SQLModel, table=True): ...\n"
ELSEWHERE = "https" + "://elsewhere.example"

BREAKS = [
    ("files_are_short", "ledger/long.py", "pass\n" * 401),
    ("files_are_short", "templates/long.html", "<p>\n" * 401),
    ("functions_are_short", "app/long.py", LONG_FUNCTION),
    ("functions_are_short", "app/long.py", f"class Story:\n    async {LONG_FUNCTION}".replace("\n    p", "\n        p")),
    ("exemptions_have_a_code_and_a_reason", "app/a.py", "import os  # no" + "qa"),
    ("exemptions_have_a_code_and_a_reason", "app/a.py", "import os  # no" + "qa: F401"),
    ("exemptions_have_a_code_and_a_reason", "app/a.py", "a = b  # type: " + "ignore"),
    ("exemptions_have_a_code_and_a_reason", "app/a.py", "a = b  # type: " + "ignore[misc]"),
    ("exemptions_have_a_code_and_a_reason", "app/a.py", "# ruff: " + "noqa: F401"),
    ("exemptions_have_a_code_and_a_reason", "app/a.py", "if a:  # pragma: " + "no cover"),
    ("exemptions_have_a_code_and_a_reason", "app/a.py", "# mypy: " + "ignore-errors"),
    ("exemptions_have_a_code_and_a_reason", "app/a.py", "import pickle  # no" + "sec"),
    ("exemptions_have_a_code_and_a_reason", "app/a.py", "import pickle  # no" + "sec B403"),
    ("exemptions_have_a_code_and_a_reason", "app/a.py", "import pickle  # no" + "sec  # our own process"),
    ("skips_have_a_reason", "tests/a.py", "pytest.skip()"),
    ("skips_have_a_reason", "tests/a.py", "pytest.skip('no server', allow_module_level=True)"),
    ("skips_have_a_reason", "tests/a.py", "pytest.importorskip('psycopg')"),
    ("skips_have_a_reason", "tests/a.py", "@pytest.mark.skip\ndef test_a(): ..."),
    ("skips_have_a_reason", "tests/a.py", "@pytest.mark.xfail()\ndef test_a(): ..."),
    ("skips_have_a_reason", "tests/a.py", "@pytest.mark.skipif(windows)\ndef test_a(): ..."),
    ("table_models_keep_their_annotations", "ledger/pots.py", POSTPONED),
    ("imports_run_one_way", "ledger/a.py", "from app.settings import Settings"),
    ("imports_run_one_way", "app/a.py", "import seeds"),
    ("imports_run_one_way", "app/a.py", "def late():\n    from tests.postgres import running_postgres"),
    ("imports_run_one_way", "wsgi.py", "from ledger.database import open_database"),
    ("imports_run_one_way", "app/public/charts.py", "from sqlmodel import select"),
    ("imports_run_one_way", "app/public/charts.py", "from ledger.database import Database"),
    ("tests_are_sentences", "tests/test_a.py", "def test_post_works(): ..."),
    ("nothing_is_promised", "app/a.py", "# TO" + "DO: round this"),
    ("nothing_is_promised", "README.md", "Good enough for " + "now."),
    ("no_address_of_a_registry_or_a_machine", "requirements.txt", "--extra-index" + "-url x"),
    ("no_address_of_a_registry_or_a_machine", "a/package-lock.json", '"resolved": "ht' + 'tp://mirror/x.tgz"'),
    ("no_address_of_a_registry_or_a_machine", "README.md", "See https://py" + "pi.org/project/flask"),
    ("no_address_of_a_registry_or_a_machine", "app/a.py", 'open("/ro' + 'ot/notes")'),
    ("no_address_of_a_registry_or_a_machine", "app/a.py", "cd /home" + "/ada/commonpurse"),
    ("no_address_of_a_registry_or_a_machine", "app/a.py", 'Path("/t' + 'mp/ledger.db")'),
    ("nothing_is_loaded_from_another_host", "templates/a.html", f'<script defer src="{ELSEWHERE}/a.js"></script>'),
    ("nothing_is_loaded_from_another_host", "templates/a.html", f'<link rel="stylesheet" href="{ELSEWHERE}/a.css">'),
    ("nothing_is_loaded_from_another_host", "templates/a.html", '<img alt="" src="//elsewhere.example/a.png">'),
    ("nothing_is_loaded_from_another_host", "app/static/a.css", f"a {{ background: url({ELSEWHERE}/a.png) }}"),
    ("nothing_is_loaded_from_another_host", "app/static/a.css", f'@import "{ELSEWHERE}/a.css";'),
    ("nothing_is_loaded_from_another_host", "app/static/a.js", f'fetch("{ELSEWHERE}/a.json")'),
    ("names_say_what_is_inside", "app/utils.py", ""),
    ("names_say_what_is_inside", "ledger/common/money.py", ""),
    ("names_say_what_is_inside", "templates/base.html", ""),
    ("the_top_level_is_fixed", "scripts/deploy.sh", ""),
    ("the_top_level_is_fixed", "notes.md", ""),
]

KEEPS = [
    ("files_are_short", "ledger/long.py", "pass\n" * 400),
    ("functions_are_short", "app/long.py", LONG_DOCSTRING),
    ("exemptions_have_a_code_and_a_reason", "app/a.py", "import os  # no" + "qa: F401 - registers every table"),
    ("exemptions_have_a_code_and_a_reason", "app/a.py", "a = b  # type: " + "ignore[misc]  # the stub is wrong"),
    ("exemptions_have_a_code_and_a_reason", "app/a.py", "import pickle  # no" + "sec B403  # from our own process"),
    ("skips_have_a_reason", "tests/a.py", "pytest.skip('Windows has no sockets of this kind')"),
    ("skips_have_a_reason", "tests/a.py", "pytest.mark.skipif(windows, reason='no sockets')"),
    ("table_models_keep_their_annotations", "ledger/pots.py", POSTPONED.replace(", table=True", "")),
    ("imports_run_one_way", "seeds/story.py", "from ledger.door import post"),
    ("imports_run_one_way", "app/public/routes.py", "from ledger.database import Database\nimport appearance"),
    ("tests_are_sentences", "tests/test_a.py", "def test_a_split_loses_nothing(): ..."),
    ("nothing_is_promised", "README.md", "Ask for nowadays."),
    ("no_address_of_a_registry_or_a_machine", "README.md", "See https://design-system.example/work/home/ada"),
    ("nothing_is_loaded_from_another_host", "templates/a.html", f'<a href="{ELSEWHERE}">Source</a>'),
    ("nothing_is_loaded_from_another_host", "templates/a.html", f'<link rel="license" href="{ELSEWHERE}">'),
    ("names_say_what_is_inside", "templates/layout.html", ""),
    ("the_top_level_is_fixed", ".ci/run", ""),
]


@pytest.mark.parametrize("rule", [*CODE_RULES, *TEXT_RULES], ids=lambda rule: rule.__name__)
def test_every_file_keeps_the_rule(rule: text_rules.Rule) -> None:
    complaints = [f"{path}: {complaint}" for path, text in texts().items() for complaint in rule(path, text)]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("rule", NAME_RULES, ids=lambda rule: rule.__name__)
def test_every_name_keeps_the_rule(rule: text_rules.Rule) -> None:
    complaints = [f"{path}: {complaint}" for path in files() for complaint in rule(path, "")]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(("rule", "path", "sample"), BREAKS)
def test_a_rule_sees_what_breaks_it(rule: str, path: str, sample: str) -> None:
    assert RULES[rule](path, sample) != []


@pytest.mark.parametrize(("rule", "path", "sample"), KEEPS)
def test_a_rule_lets_pass_what_keeps_it(rule: str, path: str, sample: str) -> None:
    assert RULES[rule](path, sample) == []


def test_every_rule_has_been_shown_both() -> None:
    assert {rule for rule, _, _ in BREAKS} == set(RULES) == {rule for rule, _, _ in KEEPS}


def test_the_rules_read_the_whole_tree() -> None:
    """A walk that finds nothing would let everything pass."""
    for landmark in ("Makefile", ".ci/run", "app/__init__.py", "ledger/door.py", "tests/house/tree.py", "requirements.txt"):
        assert landmark in texts()
    assert not any(path.startswith((".git/", ".venv/")) or "node_modules" in path for path in files())
