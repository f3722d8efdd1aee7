"""STILTS reads everything that the server writes, and has nothing to say."""

import uuid

import pytest
import requests
from judges import datalinklint_remarks, stilts, taplint_remarks, votlint_remarks
from links import links_of, with_semantics

QUERY = "SELECT TOP 20 * FROM gaia.completesource ORDER BY source_id"
RESPONSES = {
    "BINARY2": {"RESPONSEFORMAT": "application/x-votable+xml;serialization=BINARY2"},
    "TABLEDATA": {"RESPONSEFORMAT": "votable/td"},
    "the default": {},
    "overflow": {"MAXREC": "3"},
    "overflow in TABLEDATA": {"MAXREC": "3", "RESPONSEFORMAT": "votable/td"},
    "MAXREC=0": {"MAXREC": "0"},
    "no rows": {"QUERY": "SELECT * FROM gaia.completesource WHERE 1 = 0"},
    "transits": {"QUERY": "SELECT TOP 20 * FROM gaia.astroelementary"},
    "transits in TABLEDATA": {"QUERY": "SELECT TOP 20 * FROM gaia.astroelementary", "RESPONSEFORMAT": "votable/td"},
    "expressions": {"QUERY": "SELECT TOP 5 ra * 2, COUNT(*), AVG(varpi) AS mean, POINT(ra, dec) AS place FROM gaia.completesource GROUP BY ra, dec"},
    "TAP_SCHEMA": {"QUERY": "SELECT * FROM tap_schema.columns"},
    "an error": {"QUERY": "SELECT nothing FROM gaia.completesource"},
    "a syntax error with markup": {"QUERY": "SELECT <b>&amp; FROM \"]]>\""},
}


@pytest.mark.parametrize("name", RESPONSES)
def test_votlint_finds_nothing_in_results(archive, name):
    assert votlint_remarks(archive.query(**{"adql": QUERY} | rename(RESPONSES[name])).content) == []


def rename(parameters):
    return {"adql" if name == "QUERY" else name: value for name, value in parameters.items()}


@pytest.fixture(scope="module")
def requests_for_links(archive, tap):
    """Queries of the links service: for one, many, unknown, no and mixed ids, of sources and of transits."""
    sources = list(tap.search("SELECT TOP 4 id FROM gaia.completesource ORDER BY source_id")["id"])
    transit = tap.search("SELECT TOP 1 id FROM gaia.astroelementary ORDER BY transit_id")["id"][0]
    made_up, client = str(uuid.uuid4()), str(uuid.uuid4())
    ids = {
        "one": sources[:1], "another of the same client": sources[1:2], "a transit": [transit], "many": sources, "both kinds": [sources[0], transit],
        "unknown": [made_up], "mixed": [sources[0], made_up, transit], "empty": [""], "none": [], "twice the same": [sources[0]] * 2,
    }
    query = {name: "&".join(["id=" + one for one in chosen] + ["clientId=" + client]) for name, chosen in ids.items()}
    return {name: "{}/datalink?{}".format(archive.base, query[name]) for name in ids}


LINKS = ["one", "another of the same client", "a transit", "many", "both kinds", "unknown", "mixed", "empty", "none", "twice the same"]


@pytest.mark.parametrize("name", LINKS)
def test_datalinklint_and_votlint_find_nothing_in_links(requests_for_links, archive, name):
    url = requests_for_links[name]
    answer = archive.get(url)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/x-votable+xml;content=datalink"
    assert datalinklint_remarks(url) == []
    assert votlint_remarks(answer.content) == []


@pytest.mark.parametrize("format", ["votable", "application/x-votable+xml", "application/x-votable+xml;content=datalink"])
def test_links_come_in_the_formats_that_datalink_asks_for(requests_for_links, archive, format):
    answer = archive.get(requests_for_links["one"], params={"RESPONSEFORMAT": format})
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("application/x-votable+xml") and b"<TABLEDATA>" in answer.content


def test_votlint_finds_nothing_in_the_transits_of_a_source(requests_for_links, archive):
    counterpart = with_semantics(links_of(requests_for_links["one"]), "#counterpart")[0]
    assert votlint_remarks(archive.get(counterpart.access_url).content) == []


@pytest.mark.parametrize("columns", ["source_id", "source_id, ra, access_url"])
def test_stilts_gets_the_rows_of_a_query(archive, tap, columns):
    expected = list(tap.search("SELECT TOP 30 source_id FROM gaia.completesource ORDER BY source_id")["source_id"])
    output = stilts(
        "tapquery", "tapurl={}/tap".format(archive.base), "sync=true", "maxrec=30", "ofmt=csv", "out=-",
        "adql=SELECT {} FROM gaia.completesource ORDER BY source_id".format(columns))
    numbers = [int(line.split(",")[0]) for line in output.splitlines() if line[:1].isdigit()]
    assert numbers == expected, output


#: Warnings that can't be avoided, each with its reason.
UNAVOIDABLE = {
    "W-CAP-CULF": "features that ADQL 2.1 has and the list built into this release of STILTS has not",
}


def test_taplint_finds_nothing(archive):
    errors, warnings = taplint_remarks(archive.base + "/tap", "TMV TME TMS TMC CPV CAP AVV QGE QPO QAS UWS MDQ UPL EXA")
    assert errors == []
    assert [warning for warning in warnings if warning.split()[0].rsplit("-", 1)[0] not in UNAVOIDABLE] == []


def test_the_metadata_documents_say_who_they_are(archive):
    for path in ("/tap/capabilities", "/tap/tables", "/tap/availability"):
        answer = archive.get(path)
        assert answer.status_code == 200 and answer.headers["Content-Type"].split(";")[0] in ("text/xml", "application/xml"), path
        assert "/" in answer.headers["Server"]
    assert requests.get(archive.base + "/tap/tables/gaia.completesource", timeout=60).status_code == 200
    assert requests.get(archive.base + "/tap/tables/gaia.nothing", timeout=60).status_code == 404
