"""Small queries: those that come again take a shorter way, and nobody can tell it from the answers."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import numpy as np
import pytest
import requests
from archive import Archive, run_psql, wait_until

STARS = "gaia.completesource"
TIMES = 8


def path_of(query, **parameters):
    return "/tap/sync?" + urlencode({"LANG": "ADQL", "QUERY": query, **parameters})


def without_client(answer):
    """The answer's bytes but for what is made for this one client."""
    assert answer.status_code == 200, answer.text
    # Rows' names are UUIDs of version 8, clients' of version 4.
    return re.sub(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", b"client", answer.content)


@pytest.fixture(scope="module")
def keys(database, archive):
    return [int(row[0]) for row in database.copy("SELECT source_id FROM {} ORDER BY source_id LIMIT 200".format(STARS))]


@pytest.mark.parametrize("format", ["votable/td", "csv", "tsv", "json", "votable/b2", "votable/b", "text", "html", "fits", "parquet"])
@pytest.mark.parametrize("query", [
    "SELECT source_id, ra, key_name, file_name, radial_velocity FROM {} WHERE source_id = {}",
    "SELECT TOP 1 id, source_id AS s, ra * 2 AS twice, 'it''s' AS word FROM {} AS c WHERE {} = c.source_id AND ra > 0",
    "SELECT COUNT(*) AS n, AVG(ra) AS mean FROM {} WHERE source_id = {} AND key_name = 'no such name'",
])
def test_a_query_has_the_same_answer_however_often_it_is_asked(archive, keys, query, format):
    for key in (keys[3], keys[4]):
        first, *others = [
            without_client(archive.get(path_of(query.format(STARS, key), FORMAT=format))) for _ in range(TIMES if key == keys[3] else 2)]
        assert all(other == first for other in others)


def test_each_of_many_queries_gets_the_row_of_its_own_key(archive, database, keys):
    expected = dict(map(tuple, database.copy("SELECT source_id, key_name FROM {}".format(STARS))))

    def ask(key):
        answer = session.get(archive.base + path_of("SELECT source_id, key_name FROM {} WHERE source_id = {}".format(STARS, key), FORMAT="csv"))
        return answer.status_code, answer.text

    session = requests.Session()
    with ThreadPoolExecutor(8) as pool:
        for key, (status, text) in zip(keys * 5, pool.map(ask, keys * 5)):
            assert status == 200 and text.split()[1] == "{},{}".format(key, expected[str(key)])


def test_each_of_many_cones_gets_the_rows_of_its_own_circle(archive, database):
    places = [list(map(float, row)) for row in database.copy("SELECT ra, dec FROM {} ORDER BY source_id LIMIT 40".format(STARS))]
    query = "SELECT source_id FROM {} WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE({:.4f}, {:.4f}, {})) ORDER BY source_id"
    for number, (ra, dec) in enumerate(places):
        radius = (0.05, 0.3, 0, 0.002)[number % 4]
        rows = database.copy(
            "SELECT source_id FROM {0} WHERE 2 * asin(least(1, sqrt(power(sind((dec - {2:.4f}) / 2), 2) "
            "+ cosd(dec) * cosd({2:.4f}) * power(sind((ra - {1:.4f}) / 2), 2)))) <= radians({3}) ORDER BY source_id".format(STARS, ra, dec, radius))
        answer = archive.query(query.format(STARS, ra, dec, radius), FORMAT="csv")
        assert answer.status_code == 200 and answer.text.split()[1:] == [row[0] for row in rows], (ra, dec, radius)
    # What no circle can be is refused, however many were not.
    for dec, radius in ((95, 1), (-95, 1), (20, 91)):
        assert archive.query(query.format(STARS, 10, dec, radius)).status_code == 400
    assert archive.query(query.format(STARS, 500, places[0][1], 0.1)).status_code == 200


def test_keys_that_are_texts_keep_their_quotes_and_signs(archive, database):
    query = "SELECT COUNT(*) AS n FROM {} WHERE key_name = '{}'"
    name = database.copy("SELECT key_name FROM {} LIMIT 1".format(STARS))[0][0]
    for _ in range(3):
        for key, count in [(name, 1), ("x'' OR ''1''=''1", 0), ("\\", 0), ("' || 'x", 400), ("ü$1", 0), ("", 0)]:
            answer = archive.query(query.format(STARS, key), FORMAT="csv")
            if count == 400:
                # The quote ends the text: another query, and a good one.
                assert answer.status_code == 200
            else:
                assert answer.status_code == 200 and int(answer.text.split()[1]) >= count and (count or answer.text.split()[1] == "0"), key


def test_an_error_is_told_with_its_place_in_this_text_not_in_the_one_before(archive, keys):
    query = "SELECT {0} / (source_id - {1}) AS x FROM {2} WHERE source_id = {3}"
    for _ in range(3):
        assert archive.query(query.format(1, 0, STARS, keys[0]), FORMAT="csv").status_code == 200
    # The same shape, the same literals but for the key.
    fails = "SELECT 1 / (source_id - {0}) AS x FROM {1} WHERE source_id = {2}"
    for _ in range(3):
        assert archive.query(fails.format(keys[0], STARS, keys[1]), FORMAT="csv").status_code == 200
    for _ in range(3):
        answer = archive.query(fails.format(keys[0], STARS, keys[0]))
        assert answer.status_code == 400 and "source_id - {}".format(keys[0]) in answer.text and "column 8" in answer.text
    assert archive.query(fails.format(keys[0], STARS, keys[1]), FORMAT="csv").status_code == 200


def test_a_small_answer_has_its_length_and_one_that_was_cut_its_trailer(archive, keys):
    query = "SELECT source_id FROM {} WHERE source_id = {}".format(STARS, keys[0])
    for _ in range(3):
        answer = archive.get(path_of(query), headers={"Accept-Encoding": "identity"})
        assert int(answer.headers["Content-Length"]) == len(answer.content)
        assert int(archive.get(path_of(query), headers={"Accept-Encoding": "gzip"}).headers["Content-Length"]) > 0
    cut = "SELECT source_id FROM {}".format(STARS)
    for _ in range(3):
        raw = raw_answers(archive, [path_of(cut, MAXREC=3, FORMAT="csv")])
        assert b"transfer-encoding: chunked" in raw.lower() and b"Query-Status: OVERFLOW" in raw


def raw_answers(archive, paths):
    """Sends all requests at once, and gives all that comes until the server hangs up."""
    with socket.create_connection(("127.0.0.1", archive.port), timeout=60) as connection:
        requests = ["GET {} HTTP/1.1\r\nHost: localhost\r\n".format(path) for path in paths]
        connection.sendall(("\r\n".join(requests) + "Connection: close\r\n\r\n").encode())
        received = b""
        while part := connection.recv(1 << 20):
            received += part
    return received


def test_requests_that_are_sent_together_are_answered_in_their_order(archive, keys):
    query = "SELECT source_id FROM {} WHERE source_id = {}"
    asked = keys[:50]
    received = raw_answers(archive, [path_of(query.format(STARS, key), FORMAT="csv") for key in asked])
    assert received.count(b"HTTP/1.1 200 OK") == len(asked)
    assert [int(key) for key in re.findall(rb"\r\n\r\nsource_id\r?\n(\d+)", received)] == asked


def test_an_answer_does_not_wait_for_the_acknowledgement_of_the_one_before(archive):
    """TCP_NODELAY: without it, an answer in two parts takes 40 ms each time (Nagle's algorithm against delayed acknowledgements)."""
    session = requests.Session()
    waits = [session.get(archive.base + "/tap/sync", params={"LANG": "ADQL", "QUERY": "SELECT TOP 1 ra FROM " + STARS, "MAXREC": "0"}).elapsed.total_seconds() for _ in range(30)]
    assert np.median(waits) < 0.035


def test_a_table_that_changes_between_two_queries_is_read_as_it_is_now(servers, new_database, workplace):
    """An archive of its own, since others read the tables of theirs."""
    database = new_database()
    archive = Archive(workplace / "changing", database.url, servers[1]).start()
    try:
        run_psql(database.url, "CREATE SCHEMA changing", "CREATE TABLE changing.things AS SELECT n::int8 AS k, n * 1.5::float8 AS x FROM generate_series(1, 100) n")
        descriptor = archive.folder / "changing.yaml"
        text = """collection: changing
description: A table that changes
schema: { name: changing, description: Things }
tables:
  - name: things
    description: Things
    relation: changing.things
    key: k
    columns:
      - { name: k, type: long }
      - { name: x, type: double }
"""
        descriptor.write_text(text)
        nothing = archive.folder / "nothing"
        nothing.mkdir()
        ingested = archive.run("ingest", descriptor, nothing)
        assert ingested.returncode == 0, ingested.stdout
        query = "SELECT * FROM changing.things WHERE k = 7"
        wait_until(lambda: archive.query(query, FORMAT="csv").status_code == 200, "the table is published", 20)
        for _ in range(3):
            assert archive.query(query, FORMAT="csv").text.split() == ["k,x", "7,10.5"]
        # Another type beneath the same name.
        run_psql(database.url, "ALTER TABLE changing.things ALTER k TYPE int4, ALTER x TYPE float4 USING x * 2 + 0.5")
        for _ in range(3):
            assert archive.query(query, FORMAT="csv").text.split() == ["k,x", "7,21.5"]
        run_psql(database.url, "ALTER TABLE changing.things RENAME x TO y")
        for _ in range(2):
            assert archive.query(query).status_code >= 400
        run_psql(database.url, "ALTER TABLE changing.things RENAME y TO x")
        for _ in range(3):
            assert archive.query(query, FORMAT="csv").status_code == 200
    finally:
        assert archive.stop() == 0


def test_connections_that_break_are_replaced_without_a_failure(archive, database, keys):
    query = "SELECT source_id FROM {} WHERE source_id = {}".format(STARS, keys[0])
    for _ in range(3):
        assert archive.query(query).status_code == 200
    for _ in range(3):
        database.copy(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'almagest-tap'")
        for _ in range(3):
            assert archive.query(query).status_code == 200
