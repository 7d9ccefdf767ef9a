"""Chromium, PostgreSQL and hledger: found, installed, or asked for in one sentence. Only apt-get is a fake."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.system_packages import MACHINE, missing, postgres_binaries, provide

PACKAGES = ("chromium", "postgresql", "hledger")


class FakeApt:
    """Puts programs on an invented machine, as apt-get does on a real one."""

    def __init__(self, machine: Path, *, status: int = 0, brings: Sequence[str] = PACKAGES) -> None:
        self.machine, self.status, self.brings = machine, status, brings
        self.commands: list[str] = []

    def __call__(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        assert environment["DEBIAN_FRONTEND"] == "noninteractive"
        self.commands.append(" ".join(command))
        for package in set(command) & set(self.brings):
            put(self.machine, package)
        return self.status


def put(machine: Path, package: str, version: int = 15) -> None:
    where = {
        "chromium": "usr/bin/chromium",
        "postgresql": f"usr/lib/postgresql/{version}/bin/initdb",
        "hledger": "usr/bin/hledger",
    }[package]
    (machine / where).parent.mkdir(parents=True, exist_ok=True)
    (machine / where).touch()


def test_this_machine_has_all_that_the_tests_need() -> None:
    assert missing(MACHINE) == []


def test_nothing_is_installed_where_all_is_there(tmp_path: Path) -> None:
    for package in PACKAGES:
        put(tmp_path, package)
    apt = FakeApt(tmp_path)
    assert provide(tmp_path, as_root=True, run=apt) is None
    assert apt.commands == []


def test_root_installs_what_is_missing_and_no_server_is_started(tmp_path: Path) -> None:
    put(tmp_path, "chromium")
    put(tmp_path, "hledger")
    apt = FakeApt(tmp_path)
    assert provide(tmp_path, as_root=True, run=apt) is None
    assert apt.commands == ["apt-get update --quiet", "apt-get install --quiet --yes --no-install-recommends postgresql"]
    assert (tmp_path / "etc/postgresql-common/createcluster.conf").read_text() == "create_main_cluster = false\n"


def test_a_setting_that_is_there_is_kept(tmp_path: Path) -> None:
    setting = tmp_path / "etc/postgresql-common/createcluster.conf"
    setting.parent.mkdir(parents=True)
    setting.write_text("create_main_cluster = true\n")
    provide(tmp_path, as_root=True, run=FakeApt(tmp_path))
    assert setting.read_text() == "create_main_cluster = true\n"


@pytest.mark.parametrize("lacking", PACKAGES)
def test_who_is_not_root_is_told_what_to_install(tmp_path: Path, lacking: str) -> None:
    for there in {*PACKAGES} - {lacking}:
        put(tmp_path, there)
    apt = FakeApt(tmp_path)
    told = provide(tmp_path, as_root=False, run=apt)
    assert told == (
        f"The tests need {lacking}. Install with: apt-get install --no-install-recommends {lacking} (as root), "
        "then run make test again."
    )
    assert apt.commands == []


def test_an_installation_that_fails_is_a_failure(tmp_path: Path) -> None:
    told = provide(tmp_path, as_root=True, run=FakeApt(tmp_path, status=100))
    assert told is not None
    assert "apt-get did not succeed" in told


def test_an_installation_that_brings_nothing_is_a_failure(tmp_path: Path) -> None:
    told = provide(tmp_path, as_root=True, run=FakeApt(tmp_path, brings=["postgresql", "hledger"]))
    assert told == "apt-get installed chromium and postgresql and hledger, but chromium cannot be found."


def test_the_newest_postgresql_is_taken(tmp_path: Path) -> None:
    put(tmp_path, "postgresql", version=9)
    put(tmp_path, "postgresql", version=17)
    assert postgres_binaries(tmp_path) == tmp_path / "usr/lib/postgresql/17/bin"
