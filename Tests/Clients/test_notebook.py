"""From a query to a merged HDF5 file and on to the transits, with pyvo and h5py as in a notebook."""

import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
from links import assert_holds, links_of, manifest, objects, opened, product, this, with_semantics

PYVO_LINES = pathlib.Path(__file__).resolve().parents[2] / "setup" / "notebook.py"


@pytest.fixture(scope="module")
def field(tap, originals):
    """Sources of a small box on the sky: the centre of the Pleiades, or around a star of the demo collection."""
    alpha, delta, half = np.radians(56.75), np.radians(24.12), np.radians(0.1)
    if not originals.are_real:
        star = tap.search("SELECT TOP 1 alpha, delta FROM gaia.completesource ORDER BY phot_g_mean_mag")[0]
        alpha, delta, half = star["alpha"], star["delta"], np.radians(2)
    return tap.search(
        "SELECT * FROM gaia.completesource WHERE alpha < {} AND alpha > {} AND delta < {} AND delta > {}".format(
            alpha + half, alpha - half, delta + half, delta - half))


def test_the_tables_are_listed_with_their_columns(tap):
    tables = {table.name.lower(): table for table in tap.tables}
    assert {"gaia.completesource", "gaia.astroelementary", "gaia.crossmatch", "tap_schema.tables"} <= set(tables)
    columns = {column.name: column for column in tables["gaia.completesource"].columns}
    assert {"source_id", "alpha", "delta", "ra", "dec", "access_url", "key_name", "checksum"} <= set(columns)
    assert columns["alpha"].unit == "rad" and columns["ra"].ucd == "pos.eq.ra;meta.main"
    schemas = {row["schema_name"].lower() for row in tap.search("SELECT schema_name FROM tap_schema.schemas")}
    assert {"gaia", "tap_schema"} <= schemas


def test_a_search_finds_sources_with_links(field, archive):
    assert len(field) > 0
    for url in field["access_url"]:
        assert re.fullmatch(re.escape(archive.base) + r"/datalink\?id=[0-9a-f-]{36}&clientId=[0-9a-f-]{36}", url)
    assert len(set(field["id"])) == len(field)
    assert len({url.split("clientId=")[1] for url in field["access_url"]}) == 1


def test_a_source_offers_this_its_progenitor_and_its_transits(field, archive, originals):
    links = links_of(field[0]["access_url"])
    assert {"#this", "#progenitor", "#counterpart"} <= {link.semantics for link in links}
    progenitor = with_semantics(links, "#progenitor")[0]
    assert progenitor.content_type == "application/x-hdf5"
    original = originals.path(field[0]["file_name"]).read_bytes()
    assert progenitor.content_length == len(original)
    assert archive.get(progenitor.access_url).content == original
    assert all(link.description for link in links)


def test_the_merged_file_holds_each_object_as_in_its_original(field, archive):
    rows = list(field)[:20]
    for row in rows:
        links = links_of(row["access_url"])
    assert_holds(archive, product(archive, this(links)), rows)


def test_the_way_leads_on_from_sources_to_transits_and_back(tap, archive):
    source = tap.search("SELECT TOP 1 c.* FROM gaia.completesource AS c JOIN gaia.astroelementary AS a ON c.source_id = a.source_id")[0]
    counterpart = with_semantics(links_of(source["access_url"]), "#counterpart")[0]
    assert counterpart.content_type.startswith("application/x-votable+xml")
    answer = archive.get(counterpart.access_url)
    assert answer.status_code == 200
    transits = links_of(counterpart.access_url)
    expected = tap.search("SELECT transit_id FROM gaia.astroelementary WHERE source_id = {}".format(source["source_id"]))
    assert sorted(transits["transit_id"]) == sorted(expected["transit_id"])

    for transit in transits:
        links = links_of(transit["access_url"])
    assert {"#this", "#progenitor", "#counterpart"} <= {link.semantics for link in links}
    merged = product(archive, this(links))
    cut = {record["id"] for record in manifest(merged) if record["status"] == "ok"}
    assert {str(transit["id"]) for transit in transits} <= cut

    back = links_of(with_semantics(links, "#counterpart")[0].access_url)
    assert set(back["source_id"]) == {source["source_id"]}
    assert links_of(back[0]["access_url"])[0]["ID"]


def test_the_lines_that_make_demo_prints_work_as_printed(archive, tmp_path):
    lines = PYVO_LINES.read_text().replace("http://localhost:3000", archive.base)
    assert len(lines.splitlines()) == 6
    run = subprocess.run([sys.executable, "-c", lines], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    merged = opened((tmp_path / "stars.h5").read_bytes())
    assert len(objects(merged)) == 5
    assert run.stdout.split() == list(merged)


def test_links_come_from_a_descriptor_where_the_query_left_access_url_out(tap):
    found = tap.search("SELECT TOP 3 id, source_id FROM gaia.completesource ORDER BY source_id")
    links = list(found.iter_datalinks())
    assert len(links) == 3
    assert {link["ID"] for results in links for link in results} == set(found["id"])


def whole_result(archive, found):
    """The product that the service descriptor of a result stands for."""
    services = [resource for resource in found.votable.resources if resource.type == "meta" and resource.utype == "adhoc:service"]
    service = next(resource for resource in services if "all rows" in (resource.description or resource.name or "").lower())
    url = next(parameter.value for parameter in service.params if parameter.name == "accessURL")
    inputs = {parameter.name: parameter.value for parameter in service.groups[0].entries if parameter.value}
    answer = archive.get(url, params=inputs)
    assert answer.status_code == 200, answer.text[:500]
    return opened(answer.content)


def test_all_rows_of_a_result_are_one_service_call_away(tap, archive):
    found = tap.search("SELECT TOP 7 * FROM gaia.completesource ORDER BY source_id")
    assert_holds(archive, whole_result(archive, found), list(found))


def test_all_rows_are_those_that_the_client_was_given(tap, archive):
    found = tap.search("SELECT * FROM gaia.completesource ORDER BY source_id", maxrec=5)
    assert_holds(archive, whole_result(archive, found), list(found))


def test_all_rows_are_those_of_every_column(tap, archive):
    found = tap.search(
        "SELECT TOP 3 a.id AS one, b.id AS other FROM gaia.completesource AS a JOIN gaia.completesource AS b"
        " ON b.source_id > a.source_id WHERE b.source_id < a.source_id + 100000000000000 ORDER BY a.source_id, b.source_id DESC")
    asked = set(found["one"]) | set(found["other"])
    assert {record["id"] for record in manifest(whole_result(archive, found))} == asked


@pytest.mark.parametrize(
    "adql",
    [
        "SELECT TOP 2 access_url AS link, source_id FROM gaia.completesource ORDER BY source_id",
        "SELECT TOP 2 s.access_url AS link FROM (SELECT * FROM gaia.completesource) AS s",
        "SELECT TOP 2 c.access_url AS link FROM gaia.crossmatch AS x JOIN gaia.completesource AS c ON x.source_id = c.source_id",
        "SELECT TOP 2 a.access_url AS link, c.ra FROM gaia.astroelementary AS a JOIN gaia.completesource AS c ON a.source_id = c.source_id",
        "WITH bright AS (SELECT access_url AS link, phot_g_mean_mag FROM gaia.completesource) SELECT TOP 2 link FROM bright",
    ],
    ids=["alias", "subquery", "join", "transits", "with"],
)
def test_any_query_that_returns_the_column_works(tap, adql):
    for url in tap.search(adql)["link"]:
        assert "#this" in {link.semantics for link in links_of(url)}
