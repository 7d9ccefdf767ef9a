"""The licence of every package that the product brings, as LICENCES.md lists them: `python -m tests.house.licences` writes it.

What a package says of itself is read in this order: its License-Expression, its classifiers, the first line of its License.
"""

import re
from importlib.metadata import distribution, version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.test_locks import PRODUCT, pins
from tests.house.tree import ROOT

LIST = ROOT / "LICENCES.md"
PERMISSIVE = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Zlib",
}  # fmt: skip
# These ask something back for changes to themselves, and nothing of a program that only uses them.
BY_NAME = {
    "certifi": ("MPL-2.0", "a list of certificate authorities, passed on unchanged"),
    "psycopg": ("LGPL-3.0-only", "a library that is installed beside the product and can be replaced"),
    "psycopg-binary": ("LGPL-3.0-only", "the same library, compiled"),
}
_OLD_NAMES = {
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_HEAD = """# Licences

What Commonpurse brings with it, and under which licence. `make lock` writes this list from what each package says of itself.

| package | version | licence |
|---|---|---|
"""


def packages() -> list[str]:
    """The names in the product's lock that are installed on this kind of machine."""
    pinned = (Requirement(pin.partition(" --hash")[0]) for pin in pins(PRODUCT.read_text()))
    return sorted({canonicalize_name(pin.name) for pin in pinned if pin.marker is None or pin.marker.evaluate()})


def licence(name: str) -> str:
    """What a package says its licence is, by its SPDX name where that can be told."""
    about = distribution(name).metadata.json
    classified = [line.rpartition(" :: ")[2] for line in about.get("classifier", []) if line.startswith("License ::")]
    said = about.get("license_expression") or str(about.get("license", "")).partition("\n")[0]
    known = said if is_permissive(str(said)) or name in BY_NAME else " AND ".join(classified) or said
    return _OLD_NAMES.get(str(known), str(known))


def is_permissive(expression: str) -> bool:
    """Whether every licence of an SPDX expression is one that asks for no more than to be named; of a choice, any is enough."""
    if not expression:
        return False
    parts = re.split(r"\s+AND\s+", expression.replace("(", " ").replace(")", " ").strip())
    return all(any(choice.strip() in PERMISSIVE for choice in part.split(" OR ")) for part in parts)


def refused(name: str, expression: str) -> bool:
    """Whether the product may not bring a package of this name under this licence."""
    return not is_permissive(expression) and (name not in BY_NAME or BY_NAME[name][0] != expression)


def table() -> str:
    """The whole of LICENCES.md."""
    rows = [f"| {name} | {version(name)} | {_with_reason(name, licence(name))} |" for name in packages()]
    return _HEAD + "\n".join(rows) + "\n"


def _with_reason(name: str, expression: str) -> str:
    return f"{expression}: {BY_NAME[name][1]}" if name in BY_NAME else expression


if __name__ == "__main__":
    LIST.write_text(table())
