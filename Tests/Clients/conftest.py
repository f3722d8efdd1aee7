"""The outside judges talk to one served archive, filled once with the real files where they are, else with the demo collection."""

import dataclasses
import os
import pathlib
import shutil
import tempfile

import pytest
import pyvo
import torture
from archive import PROGRAM, Archive, Database
from astropy.utils import iers

iers.conf.auto_download = False


def pytest_configure(config):
    # Every request goes to this machine, whatever proxy the environment names.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"


@pytest.fixture(scope="session")
def servers():
    """The URLs of PostgreSQL and Redis."""
    names = "ALMAGEST_TEST_DATABASE_URL", "ALMAGEST_TEST_REDIS_URL"
    if not all(os.environ.get(name) for name in names):
        pytest.exit("no PostgreSQL and Redis to test with: run `make test`, or `setup/services.sh test` and read its lines into your shell", 4)
    if not PROGRAM.exists():
        pytest.exit("{} is missing: swift build".format(PROGRAM), 4)
    return [os.environ[name] for name in names]


@pytest.fixture(scope="session")
def workplace():
    """A folder with a short path, since sockets lie in it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="almagest-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def new_database(servers):
    """Makes databases, and drops them."""
    made = []

    def make():
        made.append(Database(servers[0]))
        return made[-1]

    yield make
    for database in made:
        database.drop()


@pytest.fixture(scope="session")
def database(new_database):
    return new_database()


@dataclasses.dataclass
class Originals:
    """The data files that were ingested, and where on the sky their sources are."""

    folder: pathlib.Path
    are_real: bool

    def files(self, kind="*"):
        return sorted(path for path in self.folder.rglob("{}_*.h5".format(kind)) if path.name.startswith(("CompleteSource_", "AstroElementary_")))

    def path(self, name):
        return next(path for path in self.files() if path.name == name)


@pytest.fixture(scope="session")
def archive(servers, database, workplace):
    """The served archive; at the end SIGTERM must end it in good order."""
    archive = Archive(workplace / "archive", database.url, servers[1])
    archive.folder.mkdir()
    real = os.environ.get("ALMAGEST_TEST_DATA")
    if real:
        archive.originals = Originals(pathlib.Path(real), True)
        filled = archive.run("ingest", "gaia", *archive.originals.files())
    else:
        archive.originals = Originals(workplace / "files", False)
        filled = archive.run("demo", "--files", workplace / "files")
    assert filled.returncode == 0, filled.stdout
    archive.start()
    yield archive
    assert archive.process.poll() is None, "the server died during the tests:\n" + archive.log.read_text()[-3000:]
    assert archive.stop() == 0


@pytest.fixture(scope="session")
def torture_archive(servers, new_database, workplace):
    """An archive of its own for what formats find hard, so that no validator meets it in the other one."""
    database = new_database()
    archive = Archive(workplace / "torture-archive", database.url, servers[1]).start()
    archive.database = database
    torture.fill(archive, database, workplace / "torture")
    yield archive
    assert archive.process.poll() is None, "the server died during the tests:\n" + archive.log.read_text()[-3000:]
    assert archive.stop() == 0


@pytest.fixture(scope="session")
def originals(archive):
    return archive.originals


@pytest.fixture(scope="session")
def tap(archive):
    """pyvo's view of the service."""
    return pyvo.dal.TAPService(archive.base + "/tap")


@pytest.fixture
def few_sources(tap):
    """Five sources and their transits' number, as a client of their own."""
    return tap.search("SELECT TOP 5 * FROM gaia.completesource ORDER BY phot_g_mean_mag, source_id")
