"""`commonpurse verify-proof`: offline, in one sentence, 0 when it holds, 1 when it does not, 2 when it was used wrongly."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.commands import main
from ledger.note import COSIGNATURE, SigningKey
from tests.house.tree import ROOT
from tests.proving import ENTRIES, FOLDER, LEAVES, LOG, OTHER, SHOWN, WITNESS, proof_of

PROOF, ENTRY = FOLDER / f"entry-{SHOWN}.tlog-proof", FOLDER / f"entry-{SHOWN}.json"
KEY = str(LOG.verifier)
UNKNOWN = SigningKey("nobody.example/witness", COSIGNATURE, bytes(32))


def verify(*words: str | Path, proof: Path = PROOF, key: str = KEY) -> Result:
    return CliRunner().invoke(main, ["verify-proof", str(proof), "--key", key, *map(str, words)])


def test_a_true_proof_holds_for_the_entrys_bytes_and_for_its_hash() -> None:
    for words in (("--entry", str(ENTRY)), ("--leaf-hash", LEAVES[SHOWN].hex()), ("--leaf-hash", LEAVES[SHOWN].hex().upper())):
        answer = verify(*words)
        assert (answer.exit_code, answer.stderr) == (0, "")
        assert answer.stdout == (
            "The proof holds: this is entry 17 of the log commonpurse.example/log, as it was signed with 70 entries.\n"
        )


def test_it_says_which_witnesses_cosigned_and_when() -> None:
    answer = verify("--entry", ENTRY, "--witness", str(WITNESS.verifier), "--witness", str(UNKNOWN.verifier))
    assert answer.exit_code == 0
    assert answer.stdout.splitlines()[1:] == [
        "Witnessed by fair-account.example/witness on 4 March 2026 at 12:30 (UTC).",
        "Not witnessed by nobody.example/witness.",
    ]


def test_a_forged_cosignature_fails_the_check(tmp_path: Path) -> None:
    """The name and number of the witness, and a signature of somebody else's."""
    forged = tmp_path / "forged.tlog-proof"
    true = WITNESS.verifier
    wrong = next(line for line in PROOF.read_text().splitlines() if true.name in line)
    forged.write_text(PROOF.read_text().replace(wrong, wrong[:-8] + "AAAABA=="))
    assert verify("--entry", ENTRY, proof=forged).exit_code == 0
    answer = verify("--entry", ENTRY, "--witness", str(true), proof=forged)
    assert answer.exit_code == 1
    assert "The signature of “fair-account.example/witness” is not by the key of that name" in answer.stderr


def test_a_machine_reads_what_holds_and_what_does_not() -> None:
    holds = verify("--entry", ENTRY, "--json", "--witness", str(WITNESS.verifier), "--witness", str(UNKNOWN.verifier))
    said = json.loads(holds.stdout)
    assert said.pop("root") == json.loads(verify("--leaf-hash", LEAVES[SHOWN].hex(), "--json").stdout)["root"]
    assert said == {
        "holds": True,
        "origin": "commonpurse.example/log",
        "index": 17,
        "leaf_hash": LEAVES[SHOWN].hex(),
        "size": 70,
        "witnesses": [
            {"name": "fair-account.example/witness", "cosigned_at": "2026-03-04T12:30:00+00:00"},
            {"name": "nobody.example/witness", "cosigned_at": None},
        ],
    }
    fails = verify("--leaf-hash", LEAVES[0].hex(), "--json")
    assert fails.exit_code == 1
    said = json.loads(fails.stdout)
    assert said == {"holds": False, "problem": fails.stderr.strip()}
    assert said["problem"].startswith("This proof is wrong: from this entry it does not lead to the root")


def test_each_lie_is_told_in_one_sentence_and_exits_1(tmp_path: Path) -> None:
    changed, cut, other_size = (tmp_path / name for name in ("entry.json", "cut.tlog-proof", "size.tlog-proof"))
    changed.write_bytes(ENTRIES[SHOWN].replace(b"1217", b"1218"))
    lines = PROOF.read_text().splitlines(keepends=True)
    cut.write_text("".join(lines[:8] + lines[9:]))
    other_size.write_text("".join(lines[:9]) + "\n" + str(proof_of(SHOWN, size=64).checkpoint))
    for answer, words in (
        (verify("--entry", changed), "from this entry it does not lead to the root of the tree of 70 entries"),
        (verify("--entry", ENTRY, key=str(OTHER.verifier)), "not signed by “commonpurse.example/log” with the key you gave"),
        (verify("--entry", ENTRY, proof=cut), "it has 6 hashes where 7 are needed"),
        (verify("--entry", ENTRY, proof=other_size), "it has 7 hashes where 6 are needed"),
        (verify("--entry", ENTRY, proof=ENTRY), "This file is not a proof: its first line"),
    ):
        assert (answer.exit_code, answer.stdout) == (1, "")
        assert words in answer.stderr
        assert answer.stderr.count("\n") == 1


def test_wrong_use_is_told_in_one_sentence_and_exits_2(tmp_path: Path) -> None:
    endless = tmp_path / "endless.json"
    endless.write_bytes(b"x" * 65_536)
    for answer, words in (
        (verify(), "Give either --entry or --leaf-hash"),
        (verify("--entry", ENTRY, "--leaf-hash", LEAVES[SHOWN].hex()), "Give either --entry or --leaf-hash"),
        (verify("--leaf-hash", "abc"), "--leaf-hash needs 64 hexadecimal digits"),
        (verify("--leaf-hash", LEAVES[SHOWN].hex()[:-2]), "--leaf-hash needs 64 hexadecimal digits"),
        (verify("--entry", ENTRY, key="marlmoor"), "This is not a key that can be used"),
        (verify("--entry", ENTRY, key=str(WITNESS.verifier)), "it is a witness's key"),
        (verify("--entry", ENTRY, "--witness", KEY), "it is a log's key"),
        (verify("--entry", tmp_path / "nowhere.json"), "does not exist"),
        (verify("--entry", tmp_path), "is a directory"),
        (verify("--entry", endless), "endless.json is longer than 65,535 bytes"),
    ):
        assert (answer.exit_code, answer.stdout) == (2, "")
        assert words in answer.stderr
        assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize("url", ["nonsense://nowhere", "sqlite:////nowhere/at/all.db", ""])
def test_it_needs_no_database_and_leaves_nothing_behind(url: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "verify-proof", PROOF, "--key", KEY, "--entry", ENTRY],
        cwd=tmp_path,
        env={**os.environ, "DATABASE_URL": url, "SECRET_KEY": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The proof holds")
    assert list(tmp_path.iterdir()) == []
