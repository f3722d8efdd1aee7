"""The surface of the TAP service: its documents, methods, and what a browser may do."""

from xml.etree import ElementTree

import pytest
import pyvo
import requests
from archive import Archive, PrivateRedis, run_psql, wait_until

VOTABLE = "{http://www.ivoa.net/xml/VOTable/v1.3}"
DOCUMENTS = ["/tap/capabilities", "/tap/tables", "/tap/tables?detail=min", "/tap/tables/gaia.completesource", "/tap/examples"]


# Documents

@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_that_is_known_is_not_sent_again(archive, path):
    first = archive.get(path)
    assert first.status_code == 200 and first.content and first.headers["ETag"].startswith('"')
    again = archive.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and again.content == b"" and again.headers["ETag"] == first.headers["ETag"]
    other = archive.get(path, headers={"If-None-Match": '"something else"'})
    assert other.status_code == 200 and other.content == first.content


def test_every_server_has_the_same_tags(archive, database, servers, workplace):
    second = Archive(archive.folder, database.url, servers[1])
    second.settings["ALMAGEST_BASE_URL"] = archive.base
    second.start()
    try:
        for path in DOCUMENTS:
            assert second.get(path).headers["ETag"] == archive.get(path).headers["ETag"], path
    finally:
        assert second.stop() == 0


def test_tables_come_with_and_without_their_columns(archive):
    full, short = (ElementTree.fromstring(archive.get("/tap/tables?detail=" + detail).content) for detail in ("max", "min"))
    names = [table.findtext("name") for table in full.iter("table")]
    assert names == [table.findtext("name") for table in short.iter("table")] and "gaia.completesource" in names
    assert list(full.iter("column")) and not list(short.iter("column"))
    for name in names:
        one = ElementTree.fromstring(archive.get("/tap/tables/" + name).content)
        assert one.findtext("name") == name and len(list(one.iter("column"))) > 0
    assert archive.get("/tap/tables?detail=some").status_code == 400


def test_every_example_runs(archive):
    page = archive.get("/tap/examples")
    assert page.headers["Content-Type"].startswith("application/xhtml+xml")
    root = ElementTree.fromstring(page.content)
    vocabularies = [element for element in root.iter() if element.get("vocab")]
    assert len(vocabularies) == 1 and vocabularies[0].get("vocab") == "http://www.ivoa.net/rdf/examples#"
    examples = [element for element in vocabularies[0].iter() if element.get("typeof") == "example"]
    assert len(examples) >= 5 and len({example.get("id") for example in examples}) == len(examples)
    rows = {}
    for example in examples:
        assert example.get("resource") == "#" + example.get("id")
        properties = {element.get("property"): "".join(element.itertext()) for element in example.iter() if element.get("property")}
        assert properties["name"] and properties["table"]
        result = pyvo.dal.TAPService(archive.base + "/tap").search(properties["query"], maxrec=200)
        rows[example.get("id")] = len(result)
    assert all(count > 0 for name, count in rows.items() if not name.startswith("cone")), rows


def test_pyvo_reads_the_examples(tap):
    assert all(example["QUERY"] for example in tap.examples)


# Metadata in results

def test_every_column_is_declared_alike_in_results_in_tap_schema_and_in_tables(archive, tap):
    schema = {}
    for row in tap.search("SELECT * FROM tap_schema.columns", maxrec=100000):
        schema[row["table_name"], row["column_name"]] = row
    listed = {}
    for table in ElementTree.fromstring(archive.get("/tap/tables").content).iter("table"):
        for column in table.iter("column"):
            listed[table.findtext("name"), column.findtext("name")] = column
    assert set(schema) == set(listed)
    seen = 0
    for name in sorted({table for table, _ in schema}):
        answer = archive.query("SELECT * FROM " + name, MAXREC=0)
        fields = list(ElementTree.fromstring(answer.content).iter(VOTABLE + "FIELD"))
        assert [quoted(field.get("name")) for field in fields] == [column for table, column in listed if table == name]
        for field in fields:
            row, column = schema[name, quoted(field.get("name"))], listed[name, quoted(field.get("name"))]
            declared = {key: field.get(key) for key in ("datatype", "arraysize", "xtype", "unit", "ucd", "utype")}
            declared["description"] = field.findtext(VOTABLE + "DESCRIPTION")
            type_element = column.find("dataType")
            told = {
                "datatype": type_element.text, "arraysize": type_element.get("arraysize"), "xtype": type_element.get("extendedType"),
                "unit": column.findtext("unit"), "ucd": column.findtext("ucd"), "utype": column.findtext("utype"),
                "description": column.findtext("description"),
            }
            stored = {key: text_of(row[key]) for key in declared}
            assert normal(declared) == normal(told) == normal(stored), (name, field.attrib)
            seen += 1
    assert seen == len(schema) > 50


def quoted(name):
    """As TAP_SCHEMA writes it: `size` is a reserved word."""
    return '"size"' if name == "size" else name


def text_of(value):
    return None if value is None or str(value) in ("", "--") else str(value)


def normal(facts):
    return {key: value or None for key, value in facts.items()}


# Methods and browsers

RESOURCES = {
    "/": "GET", "/tap": "GET", "/tap/sync": "GET, POST", "/tap/capabilities": "GET", "/tap/availability": "GET", "/tap/tables": "GET",
    "/tap/tables/gaia.completesource": "GET", "/tap/examples": "GET", "/tap/adql/check": "GET, POST", "/datalink": "GET, POST",
    "/datalink/cutmerge": "GET, POST", "/files/nothing": "GET", "/tap/limits": "GET", "/tap/async": "GET, POST",
}


@pytest.mark.parametrize("path", RESOURCES)
def test_every_address_knows_its_methods(archive, path):
    options = requests.options(archive.base + path, timeout=60)
    allowed = set(options.headers["Allow"].split(", "))
    assert options.status_code == 204 and {"OPTIONS", "HEAD", *RESOURCES[path].split(", ")} <= allowed
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        if method in allowed:
            continue
        answer = requests.request(method, archive.base + path, timeout=60)
        assert answer.status_code == 405 and set(answer.headers["Allow"].split(", ")) == allowed, method
        assert method in answer.text


@pytest.mark.parametrize("path", [path for path in RESOURCES if path not in ("/datalink/cutmerge", "/files/nothing")])
def test_head_says_what_get_would(archive, path):
    parameters = {"LANG": "ADQL", "QUERY": "SELECT TOP 2 ra FROM gaia.completesource"}
    get, head = (requests.request(method, archive.base + path, params=parameters, timeout=60) for method in ("GET", "HEAD"))
    assert head.status_code == get.status_code and head.content == b""
    assert head.headers["Content-Type"] == get.headers["Content-Type"] and head.headers.get("ETag") == get.headers.get("ETag")


@pytest.mark.parametrize("path", ["/tap/sync?LANG=ADQL&QUERY=SELECT+TOP+1+ra+FROM+gaia.completesource", "/tap/capabilities", "/tap/sync", "/nothing"])
def test_a_page_of_another_host_reads_answers_and_errors(archive, path):
    answer = archive.get(path, headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


# Availability

def available(archive):
    answer = archive.get("/tap/availability")
    assert answer.status_code == 200
    root = ElementTree.fromstring(answer.content)
    space = "{http://www.ivoa.net/xml/VOSIAvailability/v1.0}"
    return root.findtext(space + "available"), [note.text for note in root.iter(space + "note")]


def test_availability_tells_the_truth_about_redis(archive, database, workplace):
    folder = workplace / "availability"
    folder.mkdir()
    redis = PrivateRedis(folder)
    redis.start()
    second = Archive(archive.folder, database.url, redis.url).start()
    try:
        assert available(second) == ("true", [])
        redis.stop()
        wait_until(lambda: available(second)[1], "Redis is missed", 10)
        assert available(second)[0] == "true" and "selections" in available(second)[1][0]
        redis.start()
        wait_until(lambda: available(second) == ("true", []), "Redis is back", 20)
    finally:
        redis.stop()
        assert second.stop() == 0


def test_availability_tells_the_truth_about_the_database(archive, new_database, workplace):
    lost = new_database()
    second = Archive(workplace / "lost", lost.url, "").start()
    try:
        assert available(second)[0] == "true"
        open_to_all(lost, False)
        assert available(second)[0] == "false" and "database" in available(second)[1][0]
        answer = second.query("SELECT * FROM tap_schema.tables")
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0 and "try again" in answer.text
        assert second.get("/tap/capabilities").status_code == 200
        open_to_all(lost, True)
        assert available(second) == ("true", [])
        assert second.query("SELECT * FROM tap_schema.tables").status_code == 200
    finally:
        assert second.stop() == 0


def open_to_all(database, is_open):
    """Takes a database away from everyone, or gives it back."""
    run_psql(
        database.server_url, "ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}".format(database.name, str(is_open).lower()),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'".format(database.name) if not is_open else "SELECT 1")
