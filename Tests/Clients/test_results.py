"""TAP's answers: every format says what PostgreSQL says, cell by cell; what went wrong is told with its place."""

import csv
import io
import math
import re

import numpy as np
import pytest
from archive import run_psql
from astropy.io.votable import parse

QUERIES = {
    "sources": "gaia.completesource ORDER BY source_id",
    "transits": "gaia.astroelementary ORDER BY transit_id",
    "matches": "gaia.crossmatch ORDER BY source_id, transit_id",
    "columns": "tap_schema.columns ORDER BY table_name, column_name",
}
VOTABLE = "application/x-votable+xml;serialization="


@pytest.fixture(scope="module", params=QUERIES)
def asked(request, archive, database):
    """One query in ADQL, and its rows from PostgreSQL. What the server computes (id, access_url) has no column there."""
    table = QUERIES[request.param].split()[0]
    listed = database.copy(
        "SELECT column_name, datatype FROM tap_schema.columns WHERE table_name = '{}' ORDER BY column_index, column_name".format(table))
    columns = [(name, datatype) for name, datatype in listed if name not in ("id", "access_url")]
    query = "SELECT {} FROM {}".format(", ".join(name for name, _ in columns), QUERIES[request.param])
    rows = database.copy(query)
    assert rows
    datatypes = [datatype for _, datatype in columns]
    return query, [[plain(cell, datatype) for cell, datatype in zip(row, datatypes)] for row in rows], datatypes


def plain(text, datatype):
    """A cell's text as a value that is the same from every format: numbers as numbers, arrays as tuples; NULL, NaN and no text as None."""
    if not text:
        return None
    if datatype in ("char", "unicodeChar"):
        return timestamp(text)
    numbers = [float(part) if datatype in ("float", "double") else int(part) for part in re.split(r"[\s,{}()]+", text) if part]
    numbers = tuple(None if isinstance(number, float) and math.isnan(number) else number for number in numbers)
    return numbers[0] if len(numbers) == 1 else numbers


def timestamp(text):
    """PostgreSQL writes a blank for the T, and either may leave out zeros at the end."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d*?)0*)?Z?", text)
    return "{}T{}.{}".format(found[1], found[2], found[3] or "") if found else text


def votable_rows(content):
    table = parse(io.BytesIO(content), verify="exception").get_first_table()
    rows = []
    for record, mask in zip(table.array.data, table.array.mask):
        rows.append([votable_cell(cell, hidden, field.datatype) for cell, hidden, field in zip(record, mask, table.fields)])
    return rows


def votable_cell(cell, hidden, datatype):
    if datatype in ("char", "unicodeChar"):
        return timestamp(str(cell)) if str(cell) and not hidden else None
    if getattr(cell, "shape", ()):
        return tuple(cell.tolist()) if not (hidden.all() if hasattr(hidden, "all") else hidden) else None
    value = cell.item()
    return None if hidden or value != value else value


def single_precision(rows, datatypes):
    """What a float column loses in text it loses everywhere."""
    return [[float(np.float32(cell)) if datatype == "float" and isinstance(cell, float) else cell
             for cell, datatype in zip(row, datatypes)] for row in rows]


@pytest.mark.parametrize("serialization", ["BINARY2", "TABLEDATA"])
def test_votable_says_what_postgresql_says(archive, asked, serialization):
    query, expected, datatypes = asked
    answer = archive.query(query, RESPONSEFORMAT=VOTABLE + serialization, MAXREC=1000000)
    assert answer.status_code == 200, answer.text[:500]
    assert "<{}>".format(serialization).encode() in answer.content
    assert votable_rows(answer.content) == single_precision(expected, datatypes)


def test_csv_says_what_postgresql_says(archive, asked):
    query, expected, datatypes = asked
    answer = archive.query(query, RESPONSEFORMAT="csv", MAXREC=1000000)
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/csv")
    head, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    assert head == [name.strip() for name in re.match("SELECT (.*) FROM", query)[1].replace('"', "").split(",")]
    found = [[plain(cell, datatype) for cell, datatype in zip(row, datatypes)] for row in rows]
    assert single_precision(found, datatypes) == single_precision(expected, datatypes)


def test_overflow_is_told_exactly_when_rows_are_missing(archive):
    total = int(archive.query("SELECT COUNT(*) FROM gaia.completesource", FORMAT="csv").text.split()[1])
    for maxrec, overflow in ((total - 1, True), (total, False), (total + 1, False), (0, True)):
        answer = archive.query("SELECT source_id FROM gaia.completesource", MAXREC=maxrec)
        resource = parse(io.BytesIO(answer.content)).resources[0]
        assert any(info.name == "QUERY_STATUS" and info.value == "OVERFLOW" for info in resource.infos + resource.tables[0].infos) == overflow, maxrec
        assert len(resource.tables[0].array) == min(maxrec, total)
    answer = archive.query("SELECT TOP 3 source_id FROM gaia.completesource", MAXREC=3)
    assert b"OVERFLOW" not in answer.content


MISTAKES = {
    "unknown column": ("SELECT ra2000 FROM gaia.completesource", ["line 1, column 8", "ra2000", "gaia.completesource", '"ra"']),
    "two unknown columns": ("SELECT ra2000,\n  dec2000 FROM gaia.completesource", ["line 1, column 8", "line 2, column 3", "ra2000", "dec2000"]),
    "unknown table": ("SELECT *\nFROM gaia.completesources", ["line 2, column 6", "completesources", "gaia.completesource"]),
    "unknown function": ("SELECT nosuch(ra) FROM gaia.completesource", ["line 1, column 8", "nosuch"]),
    "no select list": ("SELECT FROM gaia.completesource", ["line 1, column 8"]),
    "unbalanced": ("SELECT TOP 1 (ra FROM gaia.completesource", ["line 1, column 14"]),
    "negative TOP": ("SELECT TOP -10 ra FROM gaia.completesource", ["line 1, column 12"]),
    "nothing": ("", []),
    "not ADQL": ("DUFF QUERY", ["line 1, column 1"]),
    "not a query": ("DROP TABLE gaia.completesource", ["line 1, column 1"]),
    "two statements": ("SELECT 1 FROM gaia.completesource; DROP TABLE gaia.files", ["line 1, column 36"]),
    "the database's own tables": ("SELECT * FROM pg_catalog.pg_authid", ["line 1, column 15"]),
    "deep nesting": ("SELECT " + "(" * 20000 + "1" + ")" * 20000 + " FROM gaia.completesource", ["line 1, column"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_place(archive, name):
    query, words = MISTAKES[name]
    answer = archive.query(query)
    message = error_of(answer)
    for word in words:
        assert word in message, message
    for internal in ("postgres", "sqlstate", "at or near", "relation ", ".swift"):
        assert internal not in message.lower(), message


@pytest.mark.parametrize(
    "parameters, word",
    [
        ({"LANG": None}, "LANG"), ({"LANG": "PQL"}, "PQL"), ({"RESPONSEFORMAT": "application/x-nonsense"}, "nonsense"), ({"MAXREC": "-1"}, "MAXREC"),
        ({"MAXREC": "many"}, "MAXREC"), ({"QUERY": None}, "QUERY"), ({"MAXREC": ["1", "2"]}, "MAXREC"),
    ],
)
def test_a_wrong_parameter_is_named(archive, parameters, word):
    assert word in error_of(archive.query("SELECT TOP 1 ra FROM gaia.completesource", **parameters))


def error_of(answer):
    """The text of an error document, after checks that it is one as TAP asks for it."""
    assert answer.status_code == 400, (answer.status_code, answer.text[:300])
    assert answer.headers["Content-Type"].startswith("application/x-votable+xml")
    document = parse(io.BytesIO(answer.content))
    assert len(document.resources) == 1 and document.resources[0].type == "results" and not document.resources[0].tables
    status = next(info for info in document.resources[0].infos if info.name == "QUERY_STATUS")
    assert status.value == "ERROR" and status.content
    return status.content


def test_errors_of_csv_requests_are_votables_too(archive):
    assert error_of(archive.query("SELECT nothing FROM gaia.completesource", RESPONSEFORMAT="csv"))


def test_parameters_by_get_and_in_any_case_do_the_same(archive):
    query = "SELECT TOP 3 source_id FROM gaia.completesource ORDER BY source_id"
    expected = archive.query(query, FORMAT="csv").text
    for names in (("lang", "query", "format"), ("Lang", "QUERY", "responseFormat")):
        answer = archive.get("/tap/sync", params=dict(zip(names, ("ADQL", query, "csv"))) | {"spurious": "x", "REQUEST": "doQuery"})
        assert answer.text == expected


def test_availability_says_yes(tap):
    assert tap.available and tap.up_since is not None


def test_the_cone_around_a_star_finds_it(tap):
    star = tap.search("SELECT TOP 1 source_id, ra, dec FROM gaia.completesource ORDER BY phot_g_mean_mag")[0]
    cone = "1 = CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', {}, {}, 0.01))".format(star["ra"], star["dec"])
    found = tap.search("SELECT source_id, DISTANCE(POINT(ra, dec), POINT({}, {})) AS far FROM gaia.completesource WHERE {}".format(
        star["ra"], star["dec"], cone))
    assert star["source_id"] in set(found["source_id"]) and max(found["far"]) <= 0.01


def test_no_text_can_leave_its_quotes(archive):
    """A quote with a combining mark behind it is one character to some, and a quote to every parser."""
    text = "x'\u0301) TO STDOUT; SELECT 1 --"
    answer = archive.query("SELECT TOP 1 '{}' AS t FROM gaia.completesource".format(text.replace("'", "''")), RESPONSEFORMAT="csv")
    assert answer.status_code == 200, answer.text
    assert answer.content.decode().splitlines()[1].strip('"') == text


def test_queries_run_under_a_role_that_reads_what_is_published_and_nothing_else(archive, database):
    """What ADQL can't say, PostgreSQL does not allow either."""
    readable = {"gaia.completesource": "t", "gaia.crossmatch": "t", "tap_schema.columns": "t", "almagest.files": "f", "gaia_rows.completesource": "f"}
    for table, may in readable.items():
        assert database.copy("SELECT has_table_privilege('almagest_reader', '{}', 'SELECT')".format(table)) == [[may]]
    assert database.copy("SELECT rolsuper, rolcanlogin FROM pg_roles WHERE rolname = 'almagest_reader'") == [["f", "f"]]
    query = "SELECT TOP 1 * FROM gaia.crossmatch"
    run_psql(database.url, "REVOKE SELECT ON gaia.crossmatch FROM almagest_reader")
    try:
        assert archive.query(query).status_code == 500
    finally:
        run_psql(database.url, "GRANT SELECT ON gaia.crossmatch TO almagest_reader")
    assert archive.query(query).status_code == 200
