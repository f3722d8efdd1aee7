"""Selections that are made at once: of a query, a table, a job's result; what they look like, and what they would come to."""

import io
import uuid

import pytest
import requests
from astropy.io.votable import from_table, writeto
from astropy.table import Table
from links import assert_holds, links_of, opened, this

QUERY = "SELECT TOP 5 * FROM gaia.completesource ORDER BY source_id"


@pytest.fixture(scope="module")
def rows(tap):
    return list(tap.search(QUERY))


def make(archive, status=201, **options):
    answer = requests.post(archive.base + "/selections", timeout=60, **options)
    assert answer.status_code == status, answer.text[:500]
    return answer.json() if status == 201 else answer


def votable(**columns):
    buffer = io.BytesIO()
    writeto(from_table(Table(columns)), buffer)
    return buffer.getvalue()


def product_of(archive, selection):
    answer = archive.get(selection["product"])
    assert answer.status_code == 200, answer.text[:500]
    return opened(answer.content)


def test_a_query_makes_a_selection(archive, rows):
    answer = requests.post(archive.base + "/selections", data={"QUERY": QUERY}, timeout=60)
    made = answer.json()
    assert answer.status_code == 201 and answer.headers["Location"] == made["page"]
    assert made["rowCount"] == 5 and made["state"] == "open" and made["notFound"] == 0 and made["bytes"] > 0
    merged = product_of(archive, made)
    assert_holds(archive, merged, rows)
    assert merged.attrs["query"] == QUERY


def test_maxrec_holds_for_a_selection_too(archive):
    assert make(archive, data={"QUERY": "SELECT * FROM gaia.completesource ORDER BY source_id", "MAXREC": "3"})["rowCount"] == 3


@pytest.mark.parametrize("column", ["id", "access_url", "whatever", "publisher"])
def test_an_uploaded_votable_of_ids_makes_a_selection(archive, rows, column):
    values = {
        "id": [row["id"] for row in rows], "access_url": [row["access_url"] for row in rows], "whatever": [row["id"].upper() for row in rows],
        "publisher": ["ivo://localhost/gaia?completesource/{}".format(row["source_id"]) for row in rows],
    }[column]
    table = votable(n=range(5), **{column: values})
    assert_holds(archive, product_of(archive, make(archive, files={"table": ("ids.vot", table)})), rows)


def test_tables_in_other_forms_and_with_unknown_rows(archive, rows):
    csv = "name,id\n" + "".join("{},{}\n".format(number, row["id"]) for number, row in enumerate(rows)) + "lost,{}\n".format(uuid.uuid4())
    made = make(archive, data={"UPLOAD": "mine,param:t"}, files={"t": ("ids.csv", csv)})
    assert made["rowCount"] == 5 and made["notFound"] == 1
    assert_holds(archive, product_of(archive, made), rows)


def test_a_query_with_an_upload_makes_a_selection(archive, rows):
    table = votable(number=[row["source_id"] for row in rows[:3]])
    adql = "SELECT g.id FROM gaia.completesource AS g JOIN TAP_UPLOAD.mine AS m ON m.number = g.source_id"
    made = make(archive, data={"QUERY": adql, "UPLOAD": "mine,param:t"}, files={"t": ("t.vot", table)})
    assert_holds(archive, product_of(archive, made), rows[:3])


@pytest.mark.parametrize("format", ["votable", "votable/td", "fits", "csv", "json", "parquet"])
def test_the_result_of_a_finished_job_makes_a_selection(archive, tap, rows, format):
    job = tap.submit_job(QUERY, RESPONSEFORMAT=format)
    early = requests.post(archive.base + "/selections", data={"JOB": job.job_id}, timeout=60)
    assert early.status_code == 404 and "PENDING" in early.text
    job.run().wait(timeout=60)
    made = make(archive, data={"JOB": job.job_id})
    job.delete()
    merged = product_of(archive, made)
    assert_holds(archive, merged, rows)
    assert merged.attrs["query"] == QUERY


def test_ids_and_the_rows_of_a_client_s_query_make_one_too(archive, tap, rows):
    ids = [row["id"] for row in rows]
    assert make(archive, data={"ID": ids + ids[:2]})["rowCount"] == 5
    found = tap.search(QUERY)
    client = found["access_url"][0].split("clientId=")[1]
    assert make(archive, data={"clientId": client})["rowCount"] == 5


def test_rows_can_join_a_made_selection_and_be_taken_out(archive, tap, rows):
    made = make(archive, data={"ID": [row["id"] for row in rows[:2]]})
    links = links_of("{}/datalink?ID={}&clientId={}".format(archive.base, rows[2]["id"], made["clientId"]))
    assert made["id"] in this(links).access_url
    requests.post(made["page"], data={"remove": [rows[0]["id"]], "add": [rows[3]["id"], rows[4]["id"]]}, timeout=60).raise_for_status()
    shown = archive.get(made["page"]).json()
    assert [row["id"] for row in shown["rows"]] == [row["id"] for row in rows[1:]]
    assert shown["rows"][0]["publisherID"] == "ivo://localhost/gaia?completesource/{}".format(rows[1]["source_id"])
    assert_holds(archive, product_of(archive, made), rows[1:])
    closed = requests.post(made["page"], data={"remove": rows[1]["id"]}, timeout=60)
    assert closed.status_code == 409 and "closed" in closed.text


def test_a_selection_tells_its_state_and_the_time_left(archive, rows):
    made = make(archive, data={"ID": [row["id"] for row in rows]})
    shown = archive.get(made["page"]).json()
    assert shown["state"] == "open" and 0 < shown["secondsOpen"] <= 900 and 80_000 < shown["secondsLeft"] <= 86_400
    assert shown["files"] == len({row["file_name"] for row in rows}) and shown["isMade"] is False
    size = len(archive.get(shown["product"]).content)
    shown = archive.get(made["page"]).json()
    assert shown["state"] == "closed" and "secondsOpen" not in shown and shown["isMade"] is True and shown["bytes"] == size


def test_a_selection_can_be_closed_without_a_product(archive, rows):
    made = make(archive, data={"ID": [rows[0]["id"]]})
    assert requests.post(made["page"], data={"close": "true"}, timeout=60).json()["state"] == "closed"


def test_a_browser_is_shown_the_page(archive, rows):
    browser = {"Accept": "text/html,application/xhtml+xml"}
    answer = requests.post(archive.base + "/selections", data={"ID": [row["id"] for row in rows]}, headers=browser, timeout=60)
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html") and "/selections/" in answer.url
    assert all(row["key_name"] in answer.text for row in rows) and "Take out" in answer.text


@pytest.mark.parametrize(
    "data, status, says",
    [
        ({}, 400, "nothing is asked for"),
        ({"QUERY": "SELECT nothing FROM gaia.completesource"}, 400, "nothing"),
        ({"QUERY": "SELECT ra FROM gaia.completesource"}, 400, "id"),
        ({"QUERY": "SELECT id FROM gaia.completesource WHERE 1 = 0"}, 404, "no rows"),
        ({"ID": "00000000-0000-4000-8000-000000000000"}, 404, "1 identifiers"),
        ({"JOB": "20260101-aaaaaaaaaaaaaaaa"}, 404, "no job"),
        ({"clientId": "00000000-0000-4000-8000-000000000000"}, 404, "no longer kept"),
    ],
)
def test_what_makes_no_selection_is_told_why(archive, data, status, says):
    assert says in make(archive, status, data=data).text


def test_a_table_without_identifiers_is_refused(archive):
    answer = make(archive, 400, files={"table": ("t.csv", "a,b\n1,x\n2,y\n")})
    assert "no column that names rows" in answer.text


# Quotes


def quote(archive, **parameters):
    answer = requests.post(archive.base + "/datalink/cutmerge/quote", data=parameters, timeout=60)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json", answer.text[:300]
    return answer.json()


def test_a_quote_says_what_a_product_would_come_to_and_makes_nothing(archive, tap):
    rows = list(tap.search("SELECT TOP 5 * FROM gaia.completesource ORDER BY dec"))
    made = make(archive, data={"ID": [row["id"] for row in rows]})
    told = archive.get(made["quote"]).json()
    assert told["rows"] == 5 and told["notFound"] == 0 and told["files"] == len({row["file_name"] for row in rows}) and told["way"] == "now"
    assert told["bytes"] > 0 and told["seconds"] > 0 and not told["isMade"]
    assert archive.get(made["page"]).json()["state"] == "open" and not archive.get(made["page"]).json()["isMade"]
    size = len(archive.get(made["product"]).content)
    assert 0.2 < told["bytes"] / size < 5
    told = archive.get(made["quote"]).json()
    assert told["isMade"] and told["bytes"] == size and told["seconds"] == 0


def test_a_quote_counts_what_is_not_there_and_what_comes_along(archive, tap, rows):
    told = quote(archive, ID=[rows[0]["id"], str(uuid.uuid4()), "nonsense"])
    assert told["rows"] == 1 and told["notFound"] == 2
    source = tap.search("SELECT TOP 1 c.* FROM gaia.completesource AS c JOIN gaia.astroelementary AS a ON c.source_id = a.source_id")[0]
    transits = tap.search("SELECT id FROM gaia.astroelementary WHERE source_id = {}".format(source["source_id"]))
    assert quote(archive, ID=source["id"], WITH="transits")["rows"] == 1 + len(transits)


def test_a_quote_of_a_whole_result(archive, tap):
    found = tap.search("SELECT TOP 7 * FROM gaia.completesource")
    assert quote(archive, clientId=found["access_url"][0].split("clientId=")[1])["rows"] == 7
