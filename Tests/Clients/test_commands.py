"""The program's commands and the life of a server process."""

import shutil
import threading
import time

import pytest
import requests
from archive import Archive, damaged_copy

COUNTS = "SELECT COUNT(*), COUNT(DISTINCT file_name) FROM gaia.completesource"


@pytest.fixture
def another(new_database, servers, tmp_path):
    """An archive over a database that is still empty."""
    database = new_database()
    archive = Archive(tmp_path / "archive", database.url, servers[1])
    archive.database = database
    archive.folder.mkdir()
    return archive


def test_check_gives_a_verdict_on_every_part(archive):
    check = archive.run("check")
    assert check.returncode == 0, check.stdout
    for part in ("database", "pg_sphere", "TAP_SCHEMA", "files", "Redis"):
        assert part.lower() in check.stdout.lower(), check.stdout


def test_check_fails_where_the_database_is_not_there(servers, tmp_path):
    check = Archive(tmp_path, "postgresql:///nothing?host=/nowhere", servers[1]).run("check")
    assert check.returncode != 0 and "database" in check.stdout.lower()
    assert "fatal error" not in check.stdout.lower()


def test_ingesting_again_changes_nothing(another, originals):
    files = originals.files("CompleteSource")[:2]
    first = another.run("ingest", "gaia", *files)
    assert first.returncode == 0, first.stdout
    counts = another.database.copy(COUNTS)
    again = another.run("ingest", "gaia", *files)
    assert again.returncode == 0, again.stdout
    assert another.database.copy(COUNTS) == counts and counts[0][1] == "2"


def test_a_damaged_file_fails_alone(another, originals, tmp_path):
    good, bad = originals.files("CompleteSource")[:2]
    damaged = damaged_copy(bad, tmp_path)
    ingest = another.run("ingest", "gaia", good, damaged)
    assert damaged.name in ingest.stdout
    assert another.database.copy(COUNTS)[0][1] == "1"


def test_a_changed_file_of_a_known_name_is_refused(another, originals, tmp_path):
    first, second = originals.files("CompleteSource")[:2]
    assert another.run("ingest", "gaia", first).returncode == 0
    before = another.database.copy(COUNTS)
    changed = tmp_path / first.name
    shutil.copy(second, changed)
    ingest = another.run("ingest", "gaia", changed)
    assert ingest.returncode != 0 and first.name in ingest.stdout
    assert another.database.copy(COUNTS) == before


def test_a_server_over_an_empty_database_answers(another):
    another.start()
    assert another.get("/tap/capabilities").status_code == 200
    assert another.query("SELECT * FROM tap_schema.schemas").status_code == 200
    assert another.stop() == 0


def test_a_server_that_is_told_to_end_finishes_what_it_sends(archive, database, servers):
    second = Archive(archive.folder, database.url, servers[1])
    second.start()
    received = []

    def read_slowly():
        query = {"LANG": "ADQL", "QUERY": "SELECT * FROM gaia.astroelementary", "FORMAT": "votable/td"}
        with requests.get(second.base + "/tap/sync", params=query, stream=True, timeout=30) as answer:
            for chunk in answer.iter_content(65536):
                received.append(chunk)
                time.sleep(0.02)

    reader = threading.Thread(target=read_slowly)
    reader.start()
    while not received:
        time.sleep(0.01)
    assert second.stop(patience=30) == 0
    reader.join()
    assert b"".join(received).rstrip().endswith(b"</VOTABLE>")


def test_a_taken_port_is_told_in_one_sentence(archive, database, servers):
    second = Archive(archive.folder, database.url, servers[1])
    second.settings |= {"ALMAGEST_HTTP_PORT": str(archive.port)}
    serve = second.run("serve")
    assert serve.returncode != 0 and str(archive.port) in serve.stdout
    assert "fatal error" not in serve.stdout.lower()


def test_help_documents_every_setting(archive):
    help = archive.run("serve", "--help")
    assert help.returncode == 0
    for name in ("DATABASE_URL", "REDIS_URL", "BASE_URL", "STATE_DIR", "HTTP_HOST", "HTTP_PORT"):
        assert "ALMAGEST_" + name in help.stdout, help.stdout
