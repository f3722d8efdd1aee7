"""Looking at a query without running it: `almagest adql`, and `/tap/adql/check` for editors."""

import json
import subprocess

import pytest
import requests
from archive import PROGRAM

GOOD = "SELECT TOP 3 source_id AS s, ra, ra * 2 AS twice, POINT(ra, dec) AS place FROM gaia.completesource WHERE dec > 20"


def check(archive, adql, method="POST", **parameters):
    parameters = {"LANG": "ADQL", "QUERY": adql, **parameters}
    place = {"data": parameters} if method == "POST" else {"params": parameters}
    return requests.request(method, archive.base + "/tap/adql/check", timeout=60, **place)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_good_query_is_told_with_its_columns_and_estimate(archive, method):
    answer = check(archive, GOOD, method)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json"
    verdict = answer.json()
    assert verdict["valid"] and verdict["errors"] == [] and verdict["warnings"] == []
    assert verdict["tables"] == ["gaia.completesource"]
    columns = {column["name"]: column for column in verdict["columns"]}
    assert list(columns) == ["s", "ra", "twice", "place"]
    assert columns["s"]["datatype"] == "long" and (columns["s"]["table"], columns["s"]["column"]) == ("gaia.completesource", "source_id")
    assert columns["ra"]["unit"] == "deg" and columns["ra"]["ucd"].startswith("pos.eq.ra")
    assert columns["place"]["xtype"] == "point" and columns["place"]["arraysize"] == "2"
    assert "table" not in columns["twice"]
    assert 0 < verdict["rows"] <= 3 and verdict["cost"] > 0
    assert check(archive, verdict["adql"]).json()["adql"] == verdict["adql"]


def test_the_estimate_follows_the_query(archive):
    few, all_rows = (check(archive, "SELECT {} source_id FROM gaia.completesource".format(top)).json() for top in ("TOP 2", ""))
    assert few["rows"] == 2 < all_rows["rows"] and few["cost"] < all_rows["cost"]


def test_origins_are_followed_through_subqueries_and_common_tables(archive):
    query = "WITH w AS (SELECT ra AS a FROM gaia.completesource) SELECT x.b FROM (SELECT a AS b FROM w) AS x"
    column, = check(archive, query).json()["columns"]
    assert (column["name"], column["table"], column["column"]) == ("b", "gaia.completesource", "ra")


BAD = {
    "a syntax error": ("SELECT ra,, dec FROM gaia.completesource", 1),
    "two unknown names": ("SELECT nothing,\n  never FROM gaia.completesource", 2),
    "an unknown table": ("SELECT * FROM gaia.nowhere", 1),
    "a wrong argument": ("SELECT SQRT('a') FROM gaia.completesource", 1),
}


@pytest.mark.parametrize("name", BAD)
def test_errors_of_the_query_come_with_their_places(archive, name):
    query, count = BAD[name]
    answer = check(archive, query)
    assert answer.status_code == 200
    verdict = answer.json()
    assert not verdict["valid"] and len(verdict["errors"]) == count
    for error in verdict["errors"]:
        assert error["code"] and error["message"]
        marked = query[error["offset"]:error["offset"] + error["length"]]
        assert marked and marked == text_between(query, error)


def text_between(query, error):
    """What lies between the lines and columns of an error, counted the other way."""
    lines = query.split("\n")
    start = sum(len(line) + 1 for line in lines[:error["line"] - 1]) + error["column"] - 1
    end = sum(len(line) + 1 for line in lines[:error["endLine"] - 1]) + error["endColumn"] - 1
    return query[start:end]


def test_offsets_count_as_javascript_does(archive):
    query = "SELECT '\U0001f52d', nothing FROM gaia.completesource"
    error, = check(archive, query).json()["errors"]
    units = query.encode("utf-16-le")
    assert units[error["offset"] * 2:(error["offset"] + error["length"]) * 2].decode("utf-16-le") == "nothing"
    assert error["column"] == query.index("nothing") + 1


def test_what_the_planner_finds_out_is_an_error_of_the_query(archive):
    verdict = check(archive, "SELECT 1 / 0 AS x FROM gaia.completesource").json()
    assert not verdict["valid"] and verdict["errors"][0]["code"] == "division-by-zero" and '"1 / 0"' in verdict["errors"][0]["message"]


def test_warnings_are_told(archive):
    verdict = check(archive, "SELECT ra FROM gaia.completesource LIMIT 3").json()
    assert verdict["valid"] and "LIMIT" in verdict["warnings"][0]


@pytest.mark.parametrize("parameters", [{"QUERY": None}, {"LANG": "PQL"}, {"QUERY": ["SELECT 1", "SELECT 2"]}])
def test_a_request_that_asks_nothing_is_refused(archive, parameters):
    answer = check(archive, GOOD, **parameters)
    assert answer.status_code == 400 and answer.json()["valid"] is False and answer.json()["errors"][0]["message"]


def test_no_sql_shows(archive):
    for query in [GOOD] + [query for query, _ in BAD.values()]:
        text = check(archive, query).text
        assert "almagest." not in text and "spoint" not in text and '"plan"' not in text and '"sql"' not in text


def test_an_editor_of_another_host_may_ask(archive):
    preflight = requests.options(
        archive.base + "/tap/adql/check", timeout=60,
        headers={"Origin": "https://editor.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"})
    assert preflight.status_code == 204 and preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"] and "content-type" in preflight.headers["Access-Control-Allow-Headers"].lower()
    answer = requests.post(archive.base + "/tap/adql/check", data={"QUERY": GOOD}, headers={"Origin": "https://editor.example"}, timeout=60)
    assert answer.headers["Access-Control-Allow-Origin"] == "*" and answer.json()["valid"]


# The command

def test_the_command_shows_every_stage(archive):
    shown = archive.run("adql", GOOD)
    assert shown.returncode == 0, shown.stdout
    for heading in ("# Tree", "# ADQL", "# Columns", "# Tables", "# SQL", "# Plan"):
        assert heading in shown.stdout
    assert "gaia.completesource.source_id" in shown.stdout and "cost=" in shown.stdout and "spoint" in shown.stdout
    assert "[1:" in shown.stdout


def test_the_command_reads_standard_input_and_writes_json(archive):
    finished = subprocess.run([PROGRAM, "adql", "--json"], env=archive.settings, input=GOOD, capture_output=True, text=True, timeout=60)
    report = json.loads(finished.stdout)
    assert finished.returncode == 0 and report["valid"] and report["sql"].startswith("SELECT") and "cost=" in report["plan"] and report["tree"]


def test_the_command_marks_errors_and_fails(archive):
    shown = archive.run("adql", "SELECT nothing FROM gaia.completesource")
    assert shown.returncode == 1
    assert "# Error" in shown.stdout and "SELECT nothing FROM gaia.completesource\n       ^^^^^^^" in shown.stdout
    broken = archive.run("adql", "SELECT FROM")
    assert broken.returncode == 1 and "^" in broken.stdout
