"""`python -m tests.audit` lives a new small log and writes it into `tests/data/log`, for the README and whoever tries it."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from ledger.database import open_database
from tests.audit.living import lay, live, said_by, written_in
from tests.house.tree import ROOT
from tests.ledger.conftest import World, found_marlmoor

FOLDER = ROOT / "tests/data/log"

if __name__ == "__main__":
    with TemporaryDirectory() as place:
        database = open_database(f"sqlite:///{Path(place) / 'log.db'}")
        database.upgrade()
        world = World(database)
        found_marlmoor(world)
        live(world, helps=3)
        shutil.rmtree(FOLDER, ignore_errors=True)
        lay(FOLDER, written_in(world), said=said_by(world))
        database.dispose()
