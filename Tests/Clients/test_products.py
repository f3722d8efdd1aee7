"""Products of Cut & Merge: the manifest, the same bytes for the same selection, and how they are sent."""

import re
import uuid

import requests
from links import HDF5, links_of, manifest, opened, product, this


def select(archive, rows):
    """Activates the rows for a new client and gives the link to the product."""
    client = str(uuid.uuid4())
    for row in rows:
        links = links_of(archive.base + "/datalink?id={}&clientId={}".format(row["id"], client))
    return this(links)


def test_the_manifest_has_a_record_for_each_requested_row(few_sources, archive):
    merged = product(archive, select(archive, few_sources))
    records = manifest(merged)
    assert len(records) == 5
    for record in records:
        assert set(record) >= {"id", "table", "source_file", "key", "checksum", "status", "reason"}
        assert record["table"].lower() == "gaia.completesource" and record["status"] == "ok"
        assert record["path"].strip("/") in merged
    assert {"software", "collection"} <= set(merged.attrs)


def test_the_product_of_a_selection_tells_whose_query_it_is(tap, archive):
    query = "SELECT TOP 3 * FROM gaia.completesource ORDER BY source_id"
    for row in tap.search(query):
        links = links_of(row["access_url"])
    merged = product(archive, this(links))
    assert merged.attrs["query"] == query
    assert len(manifest(merged)) == 3


def test_rows_that_do_not_exist_stand_in_the_manifest_too(few_sources, archive):
    made_up = str(uuid.uuid4())
    answer = requests.post(archive.base + "/datalink/cutmerge", data={"id": [few_sources[0]["id"], made_up]}, timeout=60)
    assert answer.status_code == 200, answer.text[:500]
    records = {record["id"]: record for record in manifest(opened(answer.content))}
    assert records[few_sources[0]["id"]]["status"] == "ok"
    assert records[made_up]["status"] == "not found" and records[made_up]["reason"]


def test_nothing_to_cut_is_an_error_and_no_empty_file(archive):
    answer = archive.get("/datalink/cutmerge", params={"id": str(uuid.uuid4())})
    assert 400 <= answer.status_code < 500
    assert answer.headers["Content-Type"] != HDF5 and answer.text


def test_the_same_selection_gives_the_same_bytes(few_sources, archive):
    rows = list(few_sources)
    answers = [archive.get(select(archive, order).access_url) for order in (rows, rows[::-1])]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]


def test_the_same_query_asked_again_gives_the_same_bytes(tap, archive):
    contents = []
    for _ in range(2):
        for row in tap.search("SELECT TOP 3 * FROM gaia.completesource ORDER BY source_id"):
            links = links_of(row["access_url"])
        contents.append(archive.get(this(links).access_url).content)
    assert contents[0] == contents[1]


def test_a_product_is_sent_with_name_length_and_tag(few_sources, archive):
    link = select(archive, few_sources)
    answer = archive.get(link.access_url)
    assert answer.headers["Content-Type"] == HDF5
    assert re.search(r'attachment; *filename="?gaia_cutmerge_[0-9a-f]+\.h5', answer.headers["Content-Disposition"])
    assert int(answer.headers["Content-Length"]) == len(answer.content)

    part = archive.get(link.access_url, headers={"Range": "bytes=8-15"})
    assert part.status_code == 206 and part.content == answer.content[8:16]
    assert part.headers["Content-Range"] == "bytes 8-15/{}".format(len(answer.content))
    same = archive.get(link.access_url, headers={"If-None-Match": answer.headers["ETag"]})
    assert same.status_code == 304 and not same.content


def test_an_unknown_selection_is_told(few_sources, archive):
    url = select(archive, few_sources).access_url
    selection = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", url)[-1]
    answer = archive.get(url.replace(selection, str(uuid.uuid4())))
    assert answer.status_code in (400, 404, 410) and answer.text


def test_identifiers_are_the_same_in_every_query(tap):
    rows = tap.search("SELECT TOP 20 id, source_id FROM gaia.completesource ORDER BY source_id")
    for row in rows:
        found = tap.search("SELECT id, access_url FROM gaia.completesource WHERE source_id = {}".format(row["source_id"]))
        assert found["id"][0] == row["id"] and "id={}&".format(row["id"]) in found["access_url"][0]
