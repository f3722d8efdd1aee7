"""How a selection grows: row by row as in TOPCAT, all at once as in pyvo, and from several requests at the same time."""

import concurrent.futures
import re
import uuid

import pytest
import requests
from links import HDF5, assert_holds, links_of, manifest, objects, product, read_links, this, with_semantics


def number_in(description):
    if "this row" in description:
        return 1
    return int(re.search(r"(\d[\d,]*)\D*\brows?\b", description).group(1).replace(",", ""))


def test_five_rows_activated_one_after_the_other_make_one_file(few_sources, archive):
    for count, row in enumerate(few_sources, 1):
        links = links_of(row["access_url"])
        assert number_in(this(links).description) == count
    assert_holds(archive, product(archive, this(links)), list(few_sources))


def test_a_row_activated_twice_counts_once(few_sources, archive):
    for row in [few_sources[0], few_sources[1], few_sources[0]]:
        links = links_of(row["access_url"])
    assert_holds(archive, product(archive, this(links)), [few_sources[0], few_sources[1]])


def test_beside_the_selection_stands_the_row_alone(few_sources, archive):
    for row in few_sources:
        links = links_of(row["access_url"])
    files = [link for link in with_semantics(links, "#this") if link.content_type == HDF5]
    assert len(files) == 2
    assert len({link["local_semantics"] for link in files}) == 2 and len({link.description for link in files}) == 2
    assert_holds(archive, product(archive, files[1]), [few_sources[-1]])


def test_the_next_row_after_the_download_begins_a_new_selection(few_sources, archive):
    for row in list(few_sources)[:2]:
        old = this(links_of(row["access_url"]))
    first = archive.get(old.access_url).content
    new = this(links_of(few_sources[2]["access_url"]))
    assert_holds(archive, product(archive, new), [few_sources[2]])
    assert archive.get(old.access_url).content == first


def test_a_new_selection_can_begin_with_a_row(few_sources, archive):
    for row in few_sources:
        links = links_of(row["access_url"])
    fresh = next(link for link in links if link.content_type == "application/x-votable+xml;content=datalink")
    assert_holds(archive, product(archive, this(links_of(fresh.access_url))), [few_sources[-1]])


def test_the_selection_has_a_page_where_rows_can_be_taken_out(few_sources, archive):
    links = links_of(few_sources[0]["access_url"])
    page = archive.get(with_semantics(links, "#documentation")[0].access_url, headers={"Accept": "text/html"})
    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
    assert few_sources[0]["key_name"] in page.text or few_sources[0]["id"] in page.text


def test_several_ids_in_one_request_are_exactly_the_selection(few_sources, archive):
    client = str(uuid.uuid4())
    links_of(archive.base + "/datalink?id={}&clientId={}".format(few_sources[4]["id"], client))
    ids = [row["id"] for row in list(few_sources)[:3]]
    for answer in (
        requests.post(archive.base + "/datalink", data={"ID": ids, "clientId": client}, timeout=60),
        archive.get("/datalink", params={"id": ids, "clientId": client}),
    ):
        links = read_links(answer.content)
        order = [link["ID"] for link in links]
        assert list(dict.fromkeys(order)) == ids and order == sorted(order, key=ids.index)
        assert_holds(archive, product(archive, this(links)), list(few_sources)[:3])


def test_two_requests_at_once_lose_nothing(tap, archive):
    rows = list(tap.search("SELECT TOP 40 * FROM gaia.completesource ORDER BY source_id"))
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda row: archive.get(row["access_url"]).raise_for_status(), rows))
    assert_holds(archive, product(archive, this(links_of(rows[0]["access_url"]))), rows)


def test_thousands_of_ids_in_one_post_are_answered_all(tap, archive):
    ids = list(tap.search("SELECT TOP 2000 id FROM gaia.completesource")["id"])
    answer = requests.post(archive.base + "/datalink", data={"ID": ids}, timeout=120)
    assert answer.status_code == 200
    assert {link["ID"] for link in read_links(answer.content)} == set(ids)


def test_a_made_up_id_gets_a_not_found_fault(archive, few_sources):
    made_up = str(uuid.uuid4())
    links = links_of(archive.base + "/datalink?id={}&id={}".format(few_sources[0]["id"], made_up))
    fault = [link for link in links if link["ID"] == made_up]
    assert len(fault) == 1 and fault[0]["error_message"].startswith("NotFoundFault") and fault[0].semantics == "#this"
    assert this([link for link in links if link["ID"] != made_up])


@pytest.mark.parametrize("nonsense", ["", "x", "' OR 1=1 --", "%00", "é" * 2000, "../../etc/passwd"])
def test_nonsense_for_an_id_is_echoed_with_a_fault(archive, nonsense):
    answer = archive.get("/datalink", params={"id": nonsense})
    assert answer.status_code == 200, answer.text[:300]
    links = read_links(answer.content)
    assert all(re.match("NotFoundFault|UsageFault", link["error_message"]) for link in links)
    assert nonsense == "" or [link["ID"] for link in links] == [nonsense]


def test_sources_and_transits_together_drop_the_transits_of_others(tap, archive):
    pairs = tap.search("SELECT TOP 200 source_id, transit_id FROM gaia.crossmatch ORDER BY source_id, transit_id")
    first, other = list(dict.fromkeys(pairs["source_id"]))[:2]
    source = tap.search("SELECT id FROM gaia.completesource WHERE source_id = {}".format(first))[0]["id"]
    transits = {
        owner: set(tap.search("SELECT id FROM gaia.astroelementary WHERE source_id = {}".format(owner))["id"]) for owner in (first, other)}
    ids = [source, *transits[first], *transits[other]]
    links = read_links(requests.post(archive.base + "/datalink", data={"ID": ids, "clientId": str(uuid.uuid4())}, timeout=60).content)
    merged = product(archive, this(links))
    records = {record["id"]: record for record in manifest(merged)}
    assert set(records) == set(ids)
    assert {name for name, record in records.items() if record["status"] == "ok"} == {source} | transits[first]
    assert all(records[name]["status"] == "dropped" and records[name]["reason"] for name in transits[other])
    assert len(objects(merged)) == 1 + len(transits[first])
