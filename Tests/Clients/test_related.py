"""Sources and transits in one product: what belongs to nothing selected is dropped with a word, and what belongs to it comes along on request."""

import io
import random

import h5py
import pytest
import requests
from astropy.table import Table
from links import manifest, objects
from sameness import assert_same


def table(archive, query):
    answer = archive.query(query, RESPONSEFORMAT="csv")
    assert answer.status_code == 200, answer.text[:500]
    return list(Table.read(answer.text, format="ascii.csv"))


@pytest.fixture(scope="module")
def sources(archive):
    return random.Random(4).sample(table(archive, "SELECT TOP 200 id, source_id, file_name, key_name FROM gaia.completesource ORDER BY source_id"), 5)


@pytest.fixture(scope="module")
def transits(archive, sources):
    """All transits of the five sources."""
    numbers = ",".join(str(source["source_id"]) for source in sources)
    query = "SELECT id, source_id, file_name, key_name FROM gaia.astroelementary WHERE source_id IN ({}) ORDER BY transit_id".format(numbers)
    found = table(archive, query)
    assert len(found) > 5
    return found


@pytest.fixture
def cut(archive):
    """Cuts rows out, and compares every object of the product with its original; gives the manifest's records by id."""

    def cut(rows, **parameters):
        answer = requests.post(archive.base + "/datalink/cutmerge", data={"id": [row["id"] for row in rows], **parameters}, timeout=60)
        assert answer.status_code == 200, answer.text[:500]
        with h5py.File(io.BytesIO(answer.content)) as product:
            records = {record["id"]: record for record in manifest(product)}
            held = [record for record in records.values() if record["status"] == "ok"]
            assert objects(product) == {record["path"].strip("/") for record in held}
            for record in held:
                with h5py.File(archive.originals.path(record["source_file"])) as original:
                    assert_same(product[record["path"]], original[record["key"]])
        return records

    return cut


def ids(rows):
    return {row["id"] for row in rows}


def test_the_transits_of_sources_come_along_on_request(cut, sources, transits):
    assert set(cut(sources)) == ids(sources)
    for name in ("transits", "transit", "TRANSITS"):
        records = cut(sources, WITH=name)
        assert set(records) == ids(sources) | ids(transits)
        assert {record["status"] for record in records.values()} == {"ok"}


def test_the_sources_of_transits_come_along_on_request(cut, sources, transits):
    some = transits[::2]
    owners = {transit["source_id"] for transit in some}
    assert set(cut(some)) == ids(some)
    records = cut(some, WITH="sources")
    assert set(records) == ids(some) | ids(source for source in sources if source["source_id"] in owners)
    assert {record["status"] for record in records.values()} == {"ok"}


def test_transits_without_their_source_are_dropped_with_a_word_when_sources_are_selected(cut, sources, transits):
    records = cut(sources[:2] + transits)
    kept = {source["source_id"] for source in sources[:2]}
    assert set(records) == ids(sources[:2]) | ids(transits)
    for transit in transits:
        record = records[transit["id"]]
        if transit["source_id"] in kept:
            assert record["status"] == "ok"
        else:
            assert record["status"] == "dropped" and record["path"] == ""
            assert record["reason"] == "its row of gaia.completesource is not selected, and rows of both tables are"
            assert record["key"] and record["source_file"] == transit["file_name"]
    # With their sources nothing has to go.
    records = cut(sources[:2] + transits, WITH="sources")
    assert {record["status"] for record in records.values()} == {"ok"} and set(records) == ids(sources) | ids(transits)


def test_an_unknown_relation_is_told_with_those_that_there_are(archive, sources):
    answer = requests.post(archive.base + "/datalink/cutmerge", data={"id": sources[0]["id"], "WITH": "planets"}, timeout=60)
    assert answer.status_code == 400 and 'unknown relation "planets"' in answer.text and "transits" in answer.text
