"""What the product brings may be passed on: permissive licences, and by name what asks something back for itself alone."""

import pytest
from packaging.markers import default_environment

from tests.house.licences import BY_NAME, LIST, is_permissive, licence, packages, refused, table


def test_every_package_of_the_product_may_be_passed_on_under_its_licence() -> None:
    assert {name: licence(name) for name in packages() if refused(name, licence(name))} == {}
    assert len(packages()) > 40
    assert default_environment()["python_version"] == "3.11"


def test_a_package_of_which_the_lock_has_several_versions_is_read_as_well() -> None:
    """numpy stands twice in a lock for every Python; the one that runs here counts."""
    assert "numpy" in packages()


def test_the_list_of_licences_is_the_one_that_the_packages_give() -> None:
    assert LIST.read_text() == table(), "run make lock"


def test_only_packages_that_are_there_are_let_in_by_name() -> None:
    assert set(BY_NAME) <= set(packages())


@pytest.mark.parametrize(
    ("name", "expression", "wrong"),
    [
        ("pabutools", "GPL-3.0-or-later", True),
        ("pabutools", "GNU General Public License v3 (GPLv3)", True),
        ("a-server", "AGPL-3.0-only", True),
        ("a-library", "LGPL-3.0-only", True),
        ("psycopg", "LGPL-3.0-only", False),
        ("psycopg", "GPL-3.0-only", True),
        ("a-library", "MIT AND GPL-2.0-only", True),
        ("a-library", "(MIT OR GPL-2.0-only) AND Zlib", False),
        ("a-library", "Other/Proprietary License", True),
        ("a-library", "", True),
        ("flask", "BSD-3-Clause", False),
    ],
)
def test_a_licence_is_read_for_what_it_asks(name: str, expression: str, wrong: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert refused(name, expression) is wrong


def test_a_licence_that_is_not_known_is_not_permissive() -> None:
    assert not is_permissive("Beerware")
