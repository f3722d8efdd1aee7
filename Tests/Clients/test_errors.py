"""What PostgreSQL meets at run time reaches the user as ADQL's words: before the first row with a status, later inside the result."""

import threading
import time
from xml.etree import ElementTree

import pytest
import requests
from archive import Archive, run_psql, wait_until

STARS = "gaia.completesource"
#: A row's number that no planner knows beforehand and that is never NULL.
ONE = "(source_id - source_id + 1)"
ZERO = "(source_id - source_id)"
TEXT = "key_name"

#: name: (query, code words in the message, whether the place is named)
EARLY = {
    "whole numbers by zero": ("SELECT ra, 1 / {0} AS x FROM {1}", ["division by zero", '"1 / '], True),
    "fractions by zero": ("SELECT 1.5 / CAST({0} AS DOUBLE PRECISION) AS x FROM {1}", ["division by zero", "1.5 /"], True),
    "the only division among sums": ("SELECT ra + dec, ra / {0} FROM {1} WHERE dec > -90", ["division by zero", '"ra / '], True),
    "one of two divisions": ("SELECT ra / 2, dec / {0} FROM {1}", ["division by zero", "one of"], True),
    "MOD by zero": ("SELECT MOD(5, {0}) FROM {1}", ["division by zero", "MOD("], True),
    "a sum beyond INTEGER": ("SELECT CAST({2} AS INTEGER) + 2147483647 AS x FROM {1}", ["INTEGER", "BIGINT", "+ 2147483647"], True),
    "a product beyond INTEGER": ("SELECT CAST({2} AS INTEGER) * 2147483647 * 2 AS x FROM {1}", ["INTEGER", "* 2147483647"], True),
    "a product beyond BIGINT": ("SELECT {2} * 9223372036854775807 * 2 AS x FROM {1}", ["BIGINT", "DOUBLE PRECISION"], True),
    "SUM beyond BIGINT": ("SELECT SUM({2} * 9223372036854775807) AS x FROM {1}", ["BIGINT", "SUM("], True),
    "a cast beyond SMALLINT": ("SELECT CAST({2} * 40000 AS SMALLINT) AS x FROM {1}", ["SMALLINT"], True),
    "a product beyond DOUBLE": ("SELECT 1e300 * {2} * 1e300 AS x FROM {1}", ["too large or too small", "1e300"], True),
    "EXP beyond DOUBLE": ("SELECT EXP({2} * 10000) AS x FROM {1}", ["too large or too small", "EXP("], True),
    "SQRT of a negative number": ("SELECT SQRT(0 - {2}) AS x FROM {1}", ["square root", "SQRT("], True),
    "LOG of zero": ("SELECT LOG({0}) AS x FROM {1}", ["logarithm", "LOG("], True),
    "LOG10 of a negative number": ("SELECT LOG10(0 - {2}) AS x FROM {1}", ["logarithm", "LOG10("], True),
    "ACOS of 2": ("SELECT ACOS({2} * 2) AS x FROM {1}", ["ACOS(", "-1 to 1"], True),
    "zero to a negative power": ("SELECT POWER({0}, 0 - {2}) AS x FROM {1}", ["power", "POWER("], True),
    "a root of a negative number by POWER": ("SELECT POWER(0 - {2}, 0.5) AS x FROM {1}", ["power", "POWER("], True),
    "a text as INTEGER": ("SELECT CAST({3} AS INTEGER) AS x FROM {1}", ["can't be read", "CAST("], True),
    "a text as REAL": ("SELECT CAST({3} AS REAL) AS x FROM {1}", ["can't be read", "CAST("], True),
    "a text as TIMESTAMP": ("SELECT CAST({3} AS TIMESTAMP) AS x FROM {1}", ["timestamp", "CAST("], True),
    "a text as POINT": ("SELECT CAST({3} AS POINT) AS x FROM {1}", ["CAST("], True),
    "a subquery of many rows": ("SELECT (SELECT b.ra FROM {1} AS b) AS x FROM {1} AS a", ["more than one row", "TOP 1"], True),
    "a polygon whose sides cross": ("SELECT POLYGON({0}, 0, 10, 10, 10, 0, 0, 10) AS x FROM {1}", ["cross", "POLYGON("], True),
    "a circle that is too large": ("SELECT CIRCLE(ra, dec, 100 * {2}) AS x FROM {1}", ["CIRCLE("], True),
    "a pattern that is no regular expression": ("SELECT gavo_match('(' || {3}, {3}) AS x FROM {1}", ["regular expression", "gavo_match("], True),
    "a text that is no angle": ("SELECT ivo_hms_to_degrees({3}) AS x FROM {1}", ["hours, minutes and seconds", "ivo_hms_to_degrees("], True),
    "a HEALPix order that is none": ("SELECT ivo_healpix_index(CAST(99 * {2} AS INTEGER), ra, dec) AS x FROM {1}", ["ivo_healpix_index("], True),
}
#: What would show the machinery: SQL, names that only the translation has, PostgreSQL's own words.
LEAKS = ["almagest.", " t1", '"t1', " c1", "::", "float8", "int4", "int8", "spoint", "scircle", "spoly", "COPY", "syntax error", "SQLSTATE",
         "double precision", "invalid input syntax", "out of range for type", "value out of range", "PostgreSQL", "postgres", "ERROR:", "CONTEXT",
         "PL/pgSQL", "pg_", "relation"]


def message_of(document):
    """The text of the one error of a VOTable, which must be well-formed to its end."""
    root = ElementTree.fromstring(document)
    errors = [info for info in root.iter("{http://www.ivoa.net/xml/VOTable/v1.3}INFO") if info.get("name") == "QUERY_STATUS" and info.get("value") == "ERROR"]
    assert len(errors) == 1, document[-2000:]
    return errors[0].text


def assert_no_leak(message):
    assert not [leak for leak in LEAKS if leak in message], message


@pytest.mark.parametrize("name", EARLY)
def test_an_error_before_the_first_row_names_its_place(archive, name):
    query, words, _ = EARLY[name]
    answer = archive.query(query.format(ZERO, STARS, ONE, TEXT))
    assert answer.status_code == 400, answer.text[:500]
    assert answer.headers["Content-Type"].startswith("application/x-votable+xml")
    message = message_of(answer.content)
    for word in words:
        assert word in message, message
    assert "line 1, column" in message, message
    assert_no_leak(message)


LATE = "SELECT TOP 120000 a.source_id - a.source_id AS n, a.key_name AS k FROM {0} AS a, {0} AS b, {0} AS c".format(STARS)


def late(failing):
    """A query whose second half fails, after the rows of the first one are out."""
    return "SELECT n, 1. AS x FROM ({}) AS early UNION ALL SELECT n, {} AS x FROM ({}) AS late".format(LATE, failing, LATE)


LATE_ERRORS = {
    "division by zero": ("1. / n", "division by zero"),
    "LOG of zero": ("LOG(n)", "logarithm"),
    "a cast": ("CAST(k AS REAL)", "can't be read"),
}


@pytest.mark.parametrize("serialization", ["TABLEDATA", "BINARY2"])
@pytest.mark.parametrize("name", LATE_ERRORS)
def test_an_error_after_many_rows_ends_the_document_well(archive, name, serialization):
    failing, words = LATE_ERRORS[name]
    answer = archive.query(late(failing), RESPONSEFORMAT="application/x-votable+xml;serialization=" + serialization)
    assert answer.status_code == 200 and len(answer.content) > 1_000_000
    message = message_of(answer.content)
    assert words in message and "line 1, column" in message
    assert_no_leak(message)
    if serialization == "TABLEDATA":
        assert answer.content.count(b"<TR>") >= 100_000


@pytest.mark.parametrize("format", ["csv", "tsv"])
def test_formats_that_can_not_tell_break_the_connection(archive, format):
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        archive.query(late("1. / n"), RESPONSEFORMAT=format)


# What needs a server of its own

@pytest.fixture(scope="module")
def hurried(archive, database, workplace, servers):
    """Another server over the same database whose queries have two seconds, whatever they are expected to cost."""
    hurried = Archive(archive.folder, database.url, servers[1])
    hurried.settings |= {"ALMAGEST_TAP_TIME_LIMIT": "2", "ALMAGEST_TAP_SYNC_COST": "0"}
    hurried.start()
    yield hurried
    assert hurried.stop() == 0


@pytest.fixture
def narrow(archive, database, workplace, servers):
    """Another one, whose queries have a megabyte of temporary space."""
    limits = {"temp_file_limit": "1MB", "work_mem": "64kB"}
    for name, value in limits.items():
        run_psql(database.url, "ALTER DATABASE {} SET {} = '{}'".format(database.name, name, value))
    narrow = Archive(archive.folder, database.url, servers[1])
    narrow.start()
    yield narrow
    assert narrow.stop() == 0
    for name in limits:
        run_psql(database.url, "ALTER DATABASE {} RESET {}".format(database.name, name))


#: Takes hours.
ENDLESS = "SELECT COUNT(*) AS n FROM {0} AS a, {0} AS b, {0} AS c, {0} AS d, {0} AS e, {0} AS f".format(STARS)


def test_a_query_that_takes_too_long_is_a_time_out(hurried):
    answer = hurried.query(ENDLESS)
    assert answer.status_code == 408
    message = message_of(answer.content)
    assert "2 seconds" in message and "narrow" in message
    assert_no_leak(message)


def test_a_result_that_takes_too_long_ends_well(hurried):
    slow = " + ".join("DISTANCE(a.ra, a.dec, b.ra + {}, b.dec)".format(number) for number in range(20))
    answer = hurried.query("SELECT {2} AS x FROM {0} AS a, {0} AS b UNION ALL SELECT n AS x FROM ({1}) AS q".format(STARS, ENDLESS, slow))
    assert answer.status_code == 200
    assert "2 seconds" in message_of(answer.content)


def test_temporary_space_that_runs_out_is_told(narrow):
    answer = narrow.query("SELECT COUNT(*) AS n FROM (SELECT DISTINCT a.key_name || b.key_name AS k FROM {0} AS a, {0} AS b) AS d".format(STARS))
    assert answer.status_code == 400, answer.text[:500]
    message = message_of(answer.content)
    assert "temporary space" in message
    assert_no_leak(message)


def test_a_query_that_is_too_deep_is_refused(archive):
    answer = archive.query("SELECT {}ra{} FROM {}".format("(1+" * 5000, ")" * 5000, STARS))
    assert answer.status_code == 400
    assert_no_leak(message_of(answer.content))


def test_too_many_columns_are_refused(archive):
    answer = archive.query("SELECT {} FROM {}".format(", ".join("ra AS x{}".format(n) for n in range(1700)), STARS))
    assert answer.status_code == 400
    message = message_of(answer.content)
    assert "column" in message
    assert_no_leak(message)


def end_backends(database):
    """Ends every connection that runs a query now, as a restart of the database does."""
    return run_psql(
        database.url, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{}' AND application_name = 'almagest-tap' "
        "AND state = 'active'".format(database.name)).strip() != "0"


def test_a_connection_lost_before_the_first_row_may_be_tried_again(hurried, database):
    answers = []
    asking = threading.Thread(target=lambda: answers.append(hurried.query(ENDLESS)))
    asking.start()
    # A connection that breaks in the moment of its use is replaced in silence, so the query has to be under way.
    time.sleep(0.5)
    wait_until(lambda: end_backends(database), "the query runs", 20)
    asking.join(30)
    assert answers[0].status_code == 503 and int(answers[0].headers["Retry-After"]) > 0
    message = message_of(answers[0].content)
    assert "connection" in message and "try again" in message
    assert_no_leak(message)


def test_a_connection_lost_after_the_first_rows_ends_the_document_well(archive, database):
    query = "SELECT a.ra AS x FROM {0} AS a, {0} AS b, {0} AS c, {0} AS d".format(STARS)
    answer = requests.post(
        archive.base + "/tap/sync", data={"LANG": "ADQL", "QUERY": query, "RESPONSEFORMAT": "votable/td"}, stream=True, timeout=60)
    chunks = answer.iter_content(65536)
    parts = [next(chunks)]
    assert end_backends(database)
    parts += list(chunks)
    message = message_of(b"".join(parts))
    assert "connection" in message
    assert_no_leak(message)
