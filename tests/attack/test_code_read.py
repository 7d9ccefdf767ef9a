"""How semgrep's report is judged. That its rules find what they should is shown by their own examples, in `make audit`."""

from tests.attack.code_read import RULES, exclusions, judged, without_exclusions

RULE = """rules:
  - id: no-clocks
    pattern: now()
    paths:
      exclude:
        # The one clock.
        - ledger/clock.py
        - app/old/**
  - id: no-guesses
    pattern: guess()
    paths:
      include: ["*.py"]
      exclude:
        # A game.
        - app/game.py
"""


def report(*found: tuple[str, str], errors: tuple[str, ...] = (), files: int = 300) -> dict[str, object]:
    results = [{"check_id": f"tests.rules.{rule}", "path": path, "start": {"line": 7}} for rule, path in found]
    return {"results": results, "errors": list(errors), "paths": {"scanned": ["a.py"] * files}}


EXCLUDED = exclusions(iter([RULE]))
NEEDED = (("no-clocks", "ledger/clock.py"), ("no-clocks", "app/old/a/b.py"), ("no-guesses", "app/game.py"))


def test_what_a_rule_leaves_out_is_read_with_its_rule() -> None:
    assert EXCLUDED == [("no-clocks", "ledger/clock.py"), ("no-clocks", "app/old/**"), ("no-guesses", "app/game.py")]
    bare = without_exclusions(RULE)
    assert "exclude" not in bare
    assert bare.count("paths:") == 1
    assert 'include: ["*.py"]' in bare


def test_what_is_found_in_a_named_place_only_is_no_fault() -> None:
    assert list(judged(report(*NEEDED), EXCLUDED)) == []


def test_what_is_found_elsewhere_is_a_fault() -> None:
    assert list(judged(report(*NEEDED, ("no-clocks", "app/game.py")), EXCLUDED)) == ["app/game.py:7 breaks “no-clocks”"]


def test_an_exclusion_that_is_not_needed_is_a_fault() -> None:
    assert list(judged(report(*NEEDED[1:]), EXCLUDED)) == ["“no-clocks” leaves out ledger/clock.py, which does not need it"]


def test_code_that_could_not_be_read_is_a_fault() -> None:
    assert len(list(judged(report(*NEEDED, errors=("Syntax error",)), EXCLUDED))) == 1
    assert len(list(judged(report(*NEEDED, files=3), EXCLUDED))) == 1


def test_every_rule_has_an_example_that_breaks_it_and_one_that_keeps_it() -> None:
    for file in RULES.glob("*.yaml"):
        rules = [line.removeprefix("  - id: ") for line in file.read_text().splitlines() if line.startswith("  - id: ")]
        examples = "".join(sample.read_text() for sample in RULES.glob(f"{file.stem}.*") if sample != file)
        assert rules
        for rule in rules:
            assert f"ruleid: {rule}" in examples
            assert f"ok: {rule}" in examples
