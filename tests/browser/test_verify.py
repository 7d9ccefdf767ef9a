"""The page `/verify`: a proof and an entry are checked in the browser itself, and each lie is refused."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from ledger.database import open_database
from ledger.note import Checkpoint, SigningKey, sign
from ledger.proofs import Proof
from ledger.publishing import publish
from tests.browser.conftest import Check
from tests.browser.serving import served
from tests.databases import SqliteFiles
from tests.proving import ENTRIES, LEAVES, LOG, OTHER, SHOWN, WITNESS, proof_of

TRUE = proof_of(SHOWN)
ELSEWHERE = SigningKey("elsewhere.example/log", LOG.algorithm, LOG.seed)
HOLDS = (
    "The proof holds. This is entry 17 of the log commonpurse.example/log, byte for byte, as it was signed with 70 entries. "
    "It also carries the name of fair-account.example/witness; the command checks what witnesses signed."
)


@pytest.fixture(scope="module")
def site_with_key(told_story: str, sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page of a site that has published the key of our small log."""
    log, url = tmp_path_factory.mktemp("site") / "gunicorn.log", sqlite_files.copy_of(told_story)
    database = open_database(url)
    publish(database, LOG)
    database.dispose()
    with served(url, log) as address:
        yield f"{address}/verify"


def file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def judge(page: Page, proof: Proof | str | bytes = TRUE, entry: bytes = ENTRIES[SHOWN], key: str | None = None) -> str:
    """What the page says of these files."""
    written = proof if isinstance(proof, bytes) else str(proof).encode()
    page.get_by_label("The proof").set_input_files(file("entry-17.tlog-proof", written))
    page.get_by_label("The entry").set_input_files(file("entry-17.json", entry))
    if key is not None:
        page.get_by_role("textbox", name="The log’s public key").fill(key)
    expect(page.get_by_role("status")).to_be_empty()
    page.get_by_role("button", name="Check the proof").click()
    expect(page.get_by_role("status")).not_to_be_empty()
    return page.get_by_role("status").inner_text().strip()


@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_a_true_proof_holds_and_no_file_leaves_the_browser(
    screen: str, site_with_key: str, check_access: Check, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(screen)
    page.goto(site_with_key)
    expect(page.locator("#log-key")).to_have_text(str(LOG.verifier))
    check_access(page)
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    assert judge(page) == HOLDS
    assert judge(page, proof_of(0, size=1, witnessed=False), ENTRIES[0]).endswith(
        "byte for byte, as it was signed with 1 entry."
    )
    assert asked == []
    check_access(page)


def test_every_entry_of_logs_of_every_height_is_found_in_them(desk: Page, site_with_key: str) -> None:
    """The page's own reckoning, written from the standard, agrees with the ledger's for each shape of a tree."""
    desk.goto(site_with_key)
    for index, size in ((0, 1), (0, 2), (1, 2), (2, 3), (4, 5), (6, 7), (31, 33), (32, 33), (63, 64), (64, 65), (69, 70)):
        assert judge(desk, proof_of(index, size=size), ENTRIES[index]).startswith(f"The proof holds. This is entry {index} ")


LINES = str(TRUE).splitlines(keepends=True)
LIES: dict[str, tuple[dict[str, object], str]] = {
    "another tree size": (
        {"proof": replace(TRUE, checkpoint=proof_of(SHOWN, size=64).checkpoint)},
        "The proof has more fingerprints than a log of this size needs.",
    ),
    "another tree of the same height": (
        {"proof": replace(TRUE, checkpoint=proof_of(SHOWN, size=69).checkpoint)},
        "The entry’s file does not lead to what was signed: it is not, byte for byte, entry 17 of this log.",
    ),
    "a size changed after it was signed": (
        {"proof": str(TRUE).replace("\n70\n", "\n71\n")},
        "The checkpoint is not what commonpurse.example/log signed, or somebody else signed it.",
    ),
    "another key of the same name": (
        {"key": str(OTHER.verifier)},
        "The checkpoint is not signed with the key you gave, of commonpurse.example/log.",
    ),
    "a proof that another key signed": (
        {"proof": proof_of(SHOWN, key=OTHER)},
        "The checkpoint is not signed with the key you gave, of commonpurse.example/log.",
    ),
    "the key of another log": (
        {"key": str(ELSEWHERE.verifier)},
        "The checkpoint is not signed with the key you gave, of elsewhere.example/log.",
    ),
    "one byte of the entry changed": (
        {"entry": ENTRIES[SHOWN].replace(b"1217", b"1218")},
        "The entry’s file does not lead to what was signed: it is not, byte for byte, entry 17 of this log.",
    ),
    "a newline behind the entry": (
        {"entry": ENTRIES[SHOWN] + b"\n"},
        "The entry’s file does not lead to what was signed: it is not, byte for byte, entry 17 of this log.",
    ),
    "a path too short": (
        {"proof": replace(TRUE, hashes=TRUE.hashes[:-1])},
        "The proof has fewer fingerprints than a log of this size needs.",
    ),
    "a path too long": (
        {"proof": replace(TRUE, hashes=(*TRUE.hashes, LEAVES[0]))},
        "The proof has more fingerprints than a log of this size needs.",
    ),
    "one bit of the path changed": (
        {"proof": replace(TRUE, hashes=(bytes([TRUE.hashes[0][0] ^ 1]) + TRUE.hashes[0][1:], *TRUE.hashes[1:]))},
        "The entry’s file does not lead to what was signed: it is not, byte for byte, entry 17 of this log.",
    ),
    "the index of another entry": (
        {"proof": replace(TRUE, index=16)},
        "The entry’s file does not lead to what was signed: it is not, byte for byte, entry 16 of this log.",
    ),
    "an index beyond the log": ({"proof": replace(TRUE, index=70)}, "There is no entry 70 in a log of 70 entries."),
    "a number with a zero before it": (
        {"proof": str(TRUE).replace("index 17", "index 017")},
        "The file is not a proof: it does not say which entry it is about.",
    ),
    "a hash cut short": (
        {"proof": str(TRUE).replace(LINES[3], LINES[3][4:])},
        "The file is not a proof: one of its lines is not a fingerprint.",
    ),
    "the file cut in its signature": ({"proof": str(TRUE)[:-9]}, "The checkpoint in the file is not whole."),
    "a signature line that is none": (
        {"proof": str(TRUE).replace("— fair", "- fair")},
        "A line under the checkpoint is not a signature.",
    ),
    "a file that is no text": ({"proof": b"\xff\xfe"}, "The file is not text, so it is not a proof."),
    "the entry in the place of the proof": (
        {"proof": ENTRIES[SHOWN]},
        "The file is not a proof: it does not begin like one.",
    ),
}


@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_each_lie_is_refused_in_a_sentence(screen: str, site_with_key: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(screen)
    for lie, (changed, words) in LIES.items():
        page.goto(site_with_key)
        said = judge(page, **changed)  # type: ignore[arg-type]  # each lie names what it changes
        assert said == f"The proof does not hold. {words}", lie


def test_what_cannot_be_checked_says_why_and_condemns_nothing(phone: Page, site_with_key: str, check_access: Check) -> None:
    phone.goto(site_with_key)
    button, status = phone.get_by_role("button", name="Check the proof"), phone.get_by_role("status")
    button.click()
    expect(status).to_have_text("Nothing was checked. Choose the file of the proof first.")
    check_access(phone)
    for changed, words in (
        ({"key": ""}, "The log’s public key is not whole. Copy all of it again, in one line."),
        ({"key": str(LOG.verifier).replace("0d82bf72", "0d82bf73")}, "The log’s public key is not whole."),
        ({"key": str(WITNESS.verifier)}, "This is the key of a witness. Give the public key of the log."),
        ({"entry": bytes(65_536)}, "entry-17.json is too long to be the file of the entry."),
    ):
        assert judge(phone, **changed).startswith(f"Nothing was checked. {words}")


def test_an_answer_goes_when_another_file_is_chosen(desk: Page, site_with_key: str) -> None:
    desk.goto(site_with_key)
    expect(desk.get_by_text("your browser runs none here")).to_be_hidden()
    assert judge(desk) == HOLDS
    desk.get_by_label("The entry").set_input_files(file("other.json", ENTRIES[0]))
    expect(desk.get_by_role("status")).to_be_empty()


def test_a_browser_without_ed25519_says_so_plainly(desk: Page, site_with_key: str) -> None:
    desk.add_init_script(
        "SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException('no Ed25519', 'NotSupportedError'))"
    )
    desk.goto(site_with_key)
    assert judge(desk) == (
        "Nothing was checked. This browser cannot check Ed25519 signatures. Use a newer browser, or the command below."
    )


def test_a_browser_that_keeps_its_cryptography_for_https_says_so_plainly(desk: Page, site_with_key: str) -> None:
    desk.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })")
    desk.goto(site_with_key)
    assert judge(desk) == (
        "Nothing was checked. This browser checks signatures only on a page that was opened with https. Use the command below."
    )


def test_without_a_script_the_page_gives_the_command(scriptless: Page, site_with_key: str) -> None:
    scriptless.goto(site_with_key)
    expect(scriptless.get_by_role("button", name="Check the proof")).to_be_hidden()
    expect(scriptless.get_by_text("Use the command below: it does the same.")).to_be_visible()
    expect(scriptless.get_by_label("The command", exact=True)).to_have_text(
        re.compile(rf"^commonpurse verify-proof entry-42\.tlog-proof .*--key {re.escape(str(LOG.verifier))}$", re.DOTALL)
    )


def test_a_site_without_a_key_says_so_and_still_checks_with_a_key_that_is_given(desk: Page, site: str) -> None:
    desk.goto(f"{site}/verify")
    expect(desk.get_by_text("This site has not published a key yet")).to_be_visible()
    assert judge(desk, key=str(LOG.verifier)) == HOLDS


def test_the_published_proofs_of_the_standard_are_judged_as_published(desk: Page, site_with_key: str) -> None:
    """RFC 6962's inclusion proofs whose entries are known too, each under a checkpoint that the log's key signs."""
    vectors = json.loads((Path(__file__).parents[1] / "data" / "rfc6962-sample.json").read_text())
    data = vectors["roots"][0]
    entries = {leaf: bytes.fromhex(entry) for leaf, entry in zip(data["leaf_hashes"], data["leaves_hex"], strict=True)}
    desk.goto(site_with_key)
    judged = []
    for vector in vectors["inclusion"]:
        hashes, root = [bytes.fromhex(part) for part in vector["proof"] or []], bytes.fromhex(vector["root"])
        if vector["leaf_hash"] in entries and len(root) == 32 and vector["tree_size"] and vector["leaf_index"] < 2**63:
            note = sign(Checkpoint(LOG.name, vector["tree_size"], root), LOG)
            said = judge(desk, Proof(vector["leaf_index"], tuple(hashes), note), entries[vector["leaf_hash"]])
            assert said.startswith("The proof does not hold." if vector["wantErr"] else "The proof holds."), vector
            judged.append(vector["wantErr"])
    assert (judged.count(False), len(judged) > 15) == (4, True)
