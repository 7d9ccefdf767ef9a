"""What the product is made of, as a CycloneDX document of its lock: `.make/sbom.cdx.json`, the same bytes for the same lock."""

from collections.abc import Iterator
from json import loads
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.attack.children import MADE, run
from tests.house.test_locks import PRODUCT, pins
from tests.house.tree import ROOT

MATERIALS = MADE / "sbom.cdx.json"
_BIN = MADE / "audit/bin"
_SECONDS = 120.0
_STRICT = (
    "import sys; from cyclonedx.schema import SchemaVersion; from cyclonedx.validation.json import JsonStrictValidator; "
    "sys.exit(JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1], encoding='utf-8').read()))"
)


def listed() -> Iterator[str]:
    """Write the document; what is wrong with it."""
    with TemporaryDirectory() as place:
        drafts = [Path(place) / name for name in ("first.json", "second.json")]
        for draft in drafts:
            options: list[str | Path] = [
                "--output-reproducible",
                "--spec-version",
                "1.6",
                "--pyproject",
                ROOT / "pyproject.toml",
                "-o",
                draft,
            ]
            done = run([_BIN / "cyclonedx-py", "requirements", PRODUCT, *options], seconds=_SECONDS, log="sbom")
            if done.code != 0:
                yield f"no list of materials was written: {done.words[-2000:]}"
                return
        strict = run([_BIN / "python", "-c", _STRICT, drafts[0]], seconds=_SECONDS, log="sbom-validation")
        if strict.code != 0:
            yield f"the list of materials is not valid: {strict.words[-2000:]}"
        first, second = (draft.read_bytes() for draft in drafts)
        if first != second:
            yield "the same lock gave two lists of materials"
        named = [(part["name"], part["version"]) for part in loads(first)["components"]]
        locked = [tuple(pin.partition(" ")[0].split("==")) for pin in pins(PRODUCT.read_text())]
        if sorted(named) != sorted((name.partition("[")[0], version) for name, version in locked):
            yield "the list of materials does not name what is in the lock"
        MATERIALS.write_bytes(first)
