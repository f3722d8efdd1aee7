"""Clients that hang up, and clients that stay: the first end their query, the second keep their connection."""

import http.client
import socket
from urllib.parse import urlencode

import pytest
from archive import wait_until

FOREVER = "SELECT COUNT(*) FROM gaia.completesource AS a, gaia.completesource AS b, gaia.completesource AS c WHERE a.ra + b.ra > c.ra"
# Some rows, then nothing for a long time: no write tells the server that its client has gone.
ROWS_THEN_FOREVER = "SELECT source_id FROM gaia.completesource UNION ALL " + FOREVER


def path_of(query):
    return "/tap/sync?" + urlencode({"LANG": "ADQL", "QUERY": query, "FORMAT": "csv"})


def running(archive):
    """Queries that PostgreSQL works on for users."""
    return archive.database.copy(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'almagest-tap' AND state = 'active'")


@pytest.fixture
def patient(servers, database, workplace, archive):
    """A server that lets queries run however costly they seem, over the same data."""
    from archive import Archive

    server = Archive(workplace / "patient", database.url, servers[1])
    server.settings |= {"ALMAGEST_TAP_SYNC_COST": "0", "ALMAGEST_STATE_DIR": archive.settings["ALMAGEST_STATE_DIR"]}
    server.start()
    server.database = database
    yield server
    assert server.stop() == 0


@pytest.mark.parametrize("query", [FOREVER, ROWS_THEN_FOREVER], ids=["before its first row", "after rows"])
def test_a_query_whose_client_hangs_up_ends(patient, query):
    with socket.create_connection(("127.0.0.1", patient.port)) as client:
        client.sendall("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n".format(path_of(query)).encode())
        wait_until(lambda: running(patient), "the query runs", 20)
        if query is ROWS_THEN_FOREVER:
            received = b""
            while received.count(b"\n") < 1000:
                received += client.recv(100_000)
            assert received.startswith(b"HTTP/1.1 200") and running(patient)
    wait_until(lambda: not running(patient), "PostgreSQL has ended it", 20)


def test_a_connection_serves_its_next_request_after_a_long_one(patient):
    connection = http.client.HTTPConnection("localhost", patient.port, timeout=60)
    # Long enough to be noticed: a million pairs.
    slow = "SELECT COUNT(*) FROM gaia.completesource AS a, gaia.completesource AS b WHERE a.ra * b.ra > 0 AND a.dec * b.dec > 0"
    connection.request("GET", path_of(slow))
    first = connection.getresponse()
    assert first.status == 200 and int(first.read().split()[1]) > 0
    own = connection.sock
    assert own is not None
    connection.request("GET", path_of("SELECT TOP 1 ra FROM gaia.completesource"))
    assert connection.getresponse().status == 200 and connection.sock is own
