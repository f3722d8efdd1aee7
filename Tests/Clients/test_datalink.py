"""Links in all their forms: identifiers of the whole VO, sizes, services, thousands of rows, and ways that lead on and on."""

import html
import re
import uuid

import pytest
import requests
from archive import run_psql
from astropy.table import Table
from judges import datalinklint_remarks
from links import HDF5, assert_holds, links_of, manifest, opened, product, read_links, this, with_semantics


@pytest.fixture(scope="module")
def rows(tap):
    return list(tap.search("SELECT TOP 8 * FROM gaia.completesource ORDER BY source_id"))


def publisher_id(row):
    return "ivo://localhost/gaia?completesource/{}".format(row["source_id"])


def length(link):
    """None for an empty cell, which pyvo takes for 0."""
    return link["content_length"] or None


def url_for(archive, *ids, **parameters):
    pairs = [("ID", one) for one in ids] + list(parameters.items())
    return requests.Request("GET", archive.base + "/datalink", params=pairs).prepare().url


# Identifiers


def test_a_publisher_identifier_names_the_same_row(archive, rows):
    name = publisher_id(rows[0])
    url = url_for(archive, name, clientId=str(uuid.uuid4()))
    links = links_of(url)
    assert {link["ID"] for link in links} == {name}
    assert_holds(archive, product(archive, this(links)), rows[:1])
    assert datalinklint_remarks(url) == []


def test_both_kinds_of_identifiers_go_together_and_a_row_counts_once(archive, rows):
    ids = [publisher_id(rows[0]), rows[1]["id"], rows[0]["id"], "IVO://LocalHost/GAIA?gaia.CompleteSource/{}".format(rows[2]["source_id"])]
    url = url_for(archive, *ids)
    links = links_of(url)
    assert list(dict.fromkeys(link["ID"] for link in links)) == ids
    assert_holds(archive, product(archive, this(links)), rows[:3])
    assert datalinklint_remarks(url) == []


@pytest.mark.parametrize(
    "name",
    [
        "ivo://elsewhere/gaia?completesource/{}", "ivo://localhost/other?completesource/{}", "ivo://localhost/gaia?nothing/{}", "ivo://localhost/gaia?completesource/0{}",
        "ivo://localhost/gaia?completesource/", "ivo://localhost/gaia", "ivo://localhost/gaia?crossmatch/{}", "ivo://localhost/gaia?completesource/1",
    ],
)
def test_publisher_identifiers_of_nothing_get_a_fault(archive, rows, name):
    name = name.format(rows[0]["source_id"])
    links = links_of(url_for(archive, name))
    assert [link["ID"] for link in links] == [name] and links[0]["error_message"].startswith("NotFoundFault: ")


def test_products_are_made_of_publisher_identifiers_too(archive, rows):
    answer = requests.post(archive.base + "/datalink/cutmerge", data={"ID": [publisher_id(row) for row in rows[:2]]}, timeout=60)
    assert answer.status_code == 200, answer.text[:300]
    assert_holds(archive, opened(answer.content), rows[:2])


# Sizes


def test_the_length_of_a_product_is_estimated_before_it_is_made_and_exact_after(archive, rows):
    ids = [row["id"] for row in rows[3:6]]
    url = url_for(archive, *ids, clientId=str(uuid.uuid4()))
    before = this(links_of(url))
    assert length(before) is None and "about" in before.description
    content = archive.get(before.access_url).content
    after = this(links_of(url))
    assert length(after) == len(content) and "about" not in after.description
    assert after.access_url == before.access_url
    assert datalinklint_remarks(url) == []


def test_the_length_of_a_row_alone_is_exact_once_it_is_made(archive, rows):
    client = str(uuid.uuid4())
    for row in rows[:2]:
        links = links_of(url_for(archive, row["id"], clientId=client))
    alone = next(link for link in links if link["local_semantics"] == "row")
    size = len(archive.get(alone.access_url).content)
    again = links_of(url_for(archive, rows[1]["id"], clientId=client))
    assert [length(link) for link in with_semantics(again, "#this")] == [None, size]
    grown = links_of(url_for(archive, rows[2]["id"], clientId=client))
    assert [length(link) for link in with_semantics(grown, "#this")] == [None, None]


def test_the_columns_of_links_say_who_may_follow_them(archive, rows):
    for link in links_of(url_for(archive, rows[0]["id"])):
        assert link["link_auth"] == "false" and link["link_authorized"]
        if link.semantics in ("#this", "#progenitor", "#counterpart"):
            assert link["content_qualifier"] == "#measurements"


# Services


def test_pyvo_processes_a_link_into_the_row_s_product(archive, rows):
    for ids in ([rows[0]["id"]], [row["id"] for row in rows[:3]]):
        links = links_of(url_for(archive, *ids))
        content = this(links).processed().read()
        assert_holds(archive, opened(content), rows[:1])


def test_pyvo_processes_with_the_transits(archive, tap):
    source = tap.search("SELECT TOP 1 c.* FROM gaia.completesource AS c JOIN gaia.astroelementary AS a ON c.source_id = a.source_id")[0]
    transits = tap.search("SELECT id FROM gaia.astroelementary WHERE source_id = {}".format(source["source_id"]))
    content = this(links_of(url_for(archive, source["id"]))).processed(WITH="transits").read()
    assert {record["id"] for record in manifest(opened(content))} == {source["id"], *transits["id"]}


@pytest.mark.parametrize("cut", ["CIRCLE=56.75 24.1 0.1", "POS=CIRCLE 1 2 3", "BAND=1e-7 2e-7", "TIME=50000 60000"])
def test_cuts_that_are_not_offered_are_refused(archive, rows, cut):
    name, value = cut.split("=")
    answer = archive.get("/datalink/cutmerge", params={"ID": rows[0]["id"], name: value})
    assert answer.status_code == 400 and name in answer.text and "UsageFault" in answer.text


def services_of(document, utype="adhoc:service"):
    return {resource.ID: resource for resource in document.resources if resource.utype == utype}


def inputs_of(service):
    return {parameter.name: parameter for parameter in service.groups[0].entries}


def test_link_tables_describe_cut_and_merge_with_its_parameters(archive, rows):
    links = links_of(url_for(archive, rows[0]["id"], clientId=str(uuid.uuid4())))
    services = services_of(links.votable)
    assert {"cutmerge_row", "cutmerge_selection"} <= set(services)
    assert inputs_of(services["cutmerge_row"])["ID"].value == rows[0]["id"]
    assert [value for _, value in inputs_of(services["cutmerge_row"])["WITH"].values.options] == ["transits"]
    processing = with_semantics(links, "#proc")
    assert [link["service_def"] for link in processing] == ["cutmerge_selection"] and "transits" in processing[0].description
    selection = inputs_of(services["cutmerge_selection"])["selection"].value
    assert selection in this(links).access_url


PROVENANCE = {
    "alias": "SELECT TOP 3 id AS star FROM gaia.completesource ORDER BY source_id",
    "quoted alias": 'SELECT TOP 3 id AS "A B" FROM gaia.completesource ORDER BY source_id',
    "join": "SELECT TOP 3 c.id AS star FROM gaia.crossmatch AS x JOIN gaia.completesource AS c ON x.source_id = c.source_id ORDER BY c.source_id",
    "subquery": "SELECT TOP 3 s.star FROM (SELECT id AS star, source_id FROM gaia.completesource) AS s ORDER BY s.source_id",
    "deeper": "SELECT TOP 3 t.x FROM (SELECT s.star AS x, s.source_id FROM (SELECT id AS star, source_id FROM gaia.completesource) AS s) AS t ORDER BY t.source_id",
    "with": "WITH bright AS (SELECT id AS star, source_id FROM gaia.completesource) SELECT TOP 3 star FROM bright ORDER BY source_id",
    "union": "SELECT id AS star FROM gaia.completesource WHERE ra < 56 UNION SELECT id FROM gaia.completesource WHERE ra > 57",
    "distinct": "SELECT DISTINCT TOP 3 id AS star FROM gaia.completesource",
}


@pytest.mark.parametrize("name", PROVENANCE)
def test_identifiers_keep_their_links_wherever_they_come_from(tap, name):
    found = tap.search(PROVENANCE[name], maxrec=5)
    column = found.fieldnames[0]
    assert len(found) > 0
    links = [link for results in found.iter_datalinks() for link in results]
    assert {link["ID"] for link in links} == set(found[column])
    assert not any(link["error_message"] for link in links)


def test_what_is_computed_of_identifiers_is_none(tap):
    found = tap.search("SELECT TOP 3 COUNT(id) AS n, MAX(source_id) AS m FROM gaia.completesource")
    assert services_of(found.votable) == {}


# The whole result


def whole_result(archive, found, **more):
    service = services_of(found.votable)["cutmerge_result"]
    url = next(parameter.value for parameter in service.params if parameter.name == "accessURL")
    inputs = {name: parameter.value for name, parameter in inputs_of(service).items() if parameter.value}
    return archive.get(url, params=inputs | more)


def test_the_whole_result_of_a_query_with_an_upload_is_one_product(archive, tap, rows):
    mine = Table({"number": [row["source_id"] for row in rows[:4]]})
    adql = "SELECT g.* FROM gaia.completesource AS g JOIN TAP_UPLOAD.mine AS m ON g.source_id = m.number"
    found = tap.run_sync(adql, uploads={"mine": mine})
    answer = whole_result(archive, found)
    assert answer.status_code == 200, answer.text[:500]
    assert_holds(archive, opened(answer.content), rows[:4])
    # Again, and from another process's point of view.
    assert whole_result(archive, found).content == answer.content


def test_the_whole_result_of_a_job_with_an_upload_outlives_the_job(archive, tap, rows):
    mine = Table({"number": [row["source_id"] for row in rows[:3]]})
    adql = "SELECT g.* FROM gaia.completesource AS g JOIN TAP_UPLOAD.mine AS m ON g.source_id = m.number"
    job = tap.submit_job(adql, uploads={"mine": mine})
    job.run().wait(timeout=60)
    found = job.fetch_result()
    job.delete()
    answer = whole_result(archive, found)
    assert answer.status_code == 200, answer.text[:500]
    assert_holds(archive, opened(answer.content), rows[:3])


def test_an_uploaded_table_that_has_gone_is_told(archive, tap, database, rows):
    mine = Table({"number": [row["source_id"] for row in rows[:2]]})
    found = tap.run_sync("SELECT g.id FROM gaia.completesource AS g JOIN TAP_UPLOAD.mine AS m ON g.source_id = m.number", uploads={"mine": mine})
    kept = database.copy("SELECT table_name FROM almagest.uploads WHERE kept_until > now() ORDER BY created_at DESC LIMIT 1")
    # As after a crash of PostgreSQL, which empties such tables.
    run_psql(database.url, "TRUNCATE almagest_upload.{}".format(kept[0][0]))
    answer = whole_result(archive, found)
    assert answer.status_code == 404 and "no longer kept" in answer.text
    run_psql(database.url, "DROP TABLE almagest_upload.{}".format(kept[0][0]))
    assert whole_result(archive, found).status_code == 404


# Many rows


def test_pyvo_gets_the_links_of_many_rows_by_one_post(archive, tap, monkeypatch):
    found = tap.search("SELECT id FROM gaia.completesource", maxrec=400)
    posts = []
    original = requests.Session.post

    def counted(self, url, **options):
        posts.append(url)
        return original(self, url, **options)

    monkeypatch.setattr(requests.Session, "post", counted)
    assert {results[0]["ID"] for results in found.iter_datalinks()} == set(found["id"])
    assert len(posts) == 1


def related(archive, ids, relation):
    answer = requests.post(archive.base + "/datalink/related", data={"ID": list(ids), "relation": relation}, timeout=120)
    assert answer.status_code == 200, answer.text[:300]
    return read_links(answer.content)


def related_url(archive, ids, relation):
    """The link to all related rows, found in a link table that is too long to be read as one."""
    answer = requests.post(archive.base + "/datalink", data={"ID": ids}, timeout=120)
    assert answer.status_code == 200
    return html.unescape(re.search(r"<TD>([^<]*/related\?selection=[^<]*relation={})</TD>".format(relation), answer.text).group(1))


def test_the_way_leads_on_from_thousands_of_rows_to_any_depth(archive, tap):
    """Sources to their transits, from these to their sources, and on to the transits again."""
    ids = list(tap.search("SELECT TOP 1100 id FROM gaia.completesource ORDER BY source_id")["id"])
    expected = set(tap.search(
        "SELECT a.transit_id FROM gaia.astroelementary AS a JOIN"
        " (SELECT TOP 1100 source_id FROM gaia.completesource ORDER BY source_id) AS c ON a.source_id = c.source_id")["transit_id"])
    assert len(ids) > 1000 and len(expected) > 1000
    transits = links_of(related_url(archive, ids, "transits"))
    assert set(transits["transit_id"]) == expected and len(transits) == len(expected)
    # The result is one like any other: all of it is one product.
    client = inputs_of(services_of(transits.votable)["cutmerge_result"])["clientId"].value
    quote = requests.post(archive.base + "/datalink/cutmerge/quote", data={"clientId": client}, timeout=120)
    assert quote.json()["rows"] == len(expected)
    back = related(archive, transits["id"], "source")
    assert set(back["source_id"]) == set(transits["source_id"]) and len(back) > 1000
    again = related(archive, back["id"], "transits")
    assert set(again["transit_id"]) == expected


@pytest.mark.parametrize("format", ["csv", "application/x-votable+xml;serialization=TABLEDATA"])
def test_related_rows_come_in_every_format(archive, rows, format):
    answer = archive.get("/datalink/related", params={"ID": rows[0]["id"], "relation": "transits", "RESPONSEFORMAT": format})
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith({"csv": "text/csv"}.get(format, "application/x-votable+xml"))


def test_a_relation_that_nobody_has_is_refused(archive, rows):
    answer = archive.get("/datalink/related", params={"ID": rows[0]["id"], "relation": "planets"})
    assert answer.status_code == 400 and "planets" in answer.text
