"""Queries as jobs: what pyvo, STILTS and plain HTTP clients see of UWS 1.1."""

import hashlib
import re
import subprocess
import time
import zipfile

import numpy as np
import pytest
import pyvo
import requests
from archive import run_psql, wait_until
from judges import stilts, taplint_remarks, votlint_remarks
from lxml import etree

UWS = {"uws": "http://www.ivoa.net/xml/UWS/v1.0"}
ROWS = "SELECT TOP 100 source_id, ra, dec FROM gaia.completesource ORDER BY source_id"
# Computes for hours and sends nothing.
ENDLESS = (
    "SELECT COUNT(*) FROM gaia.astroelementary AS a, gaia.astroelementary AS b, gaia.astroelementary AS c WHERE a.transit_time < b.transit_time"
    " AND b.ac_win_coord IS NOT NULL AND c.transit_id > a.transit_id")


class Job:
    """A job by plain requests."""

    def __init__(self, archive, adql=ROWS, **parameters):
        self.list = archive.base + "/tap/async"
        answer = requests.post(self.list, data={"LANG": "ADQL", "QUERY": adql, **parameters}, allow_redirects=False, timeout=30)
        assert answer.status_code == 303, answer.text
        self.url = answer.headers["Location"]

    def get(self, path="", **options):
        return requests.get(self.url + path, timeout=90, **options)

    def post(self, path="", **data):
        return requests.post(self.url + path, data=data, allow_redirects=False, timeout=30)

    def phase(self):
        return self.get("/phase").text

    def document(self, **parameters):
        return etree.fromstring(self.get(params=parameters).content)

    def value(self, name):
        return self.document().findtext("uws:" + name, namespaces=UWS)

    def reach(self, *phases):
        wait_until(lambda: self.phase() in phases, "the job is " + " or ".join(phases), 30)
        return self


@pytest.fixture
def endless(archive):
    """A job that does not end by itself, and runs."""
    jobs = []

    def start(**parameters):
        jobs.append(Job(archive, ENDLESS, PHASE="RUN", **parameters).reach("EXECUTING"))
        wait_until(lambda: backends(archive) > 0, "PostgreSQL is at work", 10)
        return jobs[-1]

    yield start
    for job in jobs:
        requests.delete(job.url, timeout=30)


def backends(archive):
    """Backends that work for jobs."""
    return int(run_psql(
        archive.settings["ALMAGEST_DATABASE_URL"],
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'almagest-job' AND state = 'active' AND datname = current_database()"))


def assert_stops_within_a_second(archive, since):
    while backends(archive) > 0:
        assert time.monotonic() - since < 1, "PostgreSQL is still at work"
        time.sleep(0.01)


# Clients


def test_pyvo_runs_a_job_and_reads_its_rows(tap):
    expected = tap.search(ROWS).to_table()
    job = tap.submit_job(ROWS, runid="a name")
    assert job.phase == "PENDING"
    job.run().wait(timeout=60)
    assert job.phase == "COMPLETED"
    table = job.fetch_result().to_table()
    for name in expected.colnames:
        assert np.array_equal(table[name], expected[name])
    job.delete()
    with pytest.raises(Exception):
        tap.get_job(job.job_id)


def test_pyvo_lists_jobs(tap):
    jobs = [tap.submit_job(ROWS) for _ in range(3)]
    jobs[2].run().wait(timeout=60)
    ids = [job.job_id for job in jobs]
    assert [job.jobid for job in tap.get_job_list(last=3)] == ids[::-1]
    assert [job.jobid for job in tap.get_job_list(phases=["PENDING"], last=2)] == ids[1::-1]
    after = tap.get_job_list(last=3, short_description=False)[1].creationtime
    assert ids[0] not in [job.jobid for job in tap.get_job_list(after=after.datetime)]
    for job in jobs:
        job.delete()
    assert not set(ids) & {job.jobid for job in tap.get_job_list()}


def test_pyvo_gets_the_message_of_a_job_that_failed(tap):
    job = tap.submit_job("SELECT nothing FROM gaia.completesource").run()
    with pytest.raises(pyvo.DALQueryError, match="nothing"):
        job.wait(timeout=60)
        job.raise_if_error()
    assert job.phase == "ERROR"


def test_pyvo_runs_and_fetches_in_one_call(tap):
    assert len(tap.run_async(ROWS)) == 100


def test_stilts_gets_the_rows_of_a_job(archive, tap):
    expected = list(tap.search(ROWS)["source_id"])
    output = stilts("tapquery", "tapurl={}/tap".format(archive.base), "sync=false", "poll=100", "ofmt=csv", "out=-", "delete=finished", "adql=" + ROWS)
    assert [int(line.split(",")[0]) for line in output.splitlines() if line[:1].isdigit()] == expected, output


def test_taplint_finds_nothing_in_jobs(archive):
    errors, warnings = taplint_remarks(archive.base + "/tap", "CPV QAS UWS")
    assert errors == [] and warnings == []


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    """UWS's schema, as STILTS brings it along."""
    folder = tmp_path_factory.mktemp("schema")
    with zipfile.ZipFile("/usr/share/java/starlink-ttools.jar") as content:
        text = content.read("uk/ac/starlink/ttools/taplint/UWS-v1.1.xsd").decode()
    (folder / "UWS.xsd").write_text(text.replace("http://www.ivoa.net/xml/Xlink/xlink.xsd", "xlink.xsd"))
    (folder / "xlink.xsd").write_text(XLINK)
    return etree.XMLSchema(etree.parse(str(folder / "UWS.xsd")))


# What UWS takes of XLink; libxml2 does not read the whole schema, which has an import of its own.
XLINK = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/1999/xlink">
<xs:attribute name="type" type="xs:string"/><xs:attribute name="href" type="xs:anyURI"/></xs:schema>"""


def test_documents_are_valid(archive, schema, endless):
    done, failed, pending = Job(archive, PHASE="RUN", RUNID="é & <x>"), Job(archive, "NONSENSE", PHASE="RUN"), Job(archive)
    done.reach("COMPLETED"), failed.reach("ERROR")
    running = endless()
    for job in (done, failed, pending, running):
        schema.assertValid(job.document())
        for part in ("/parameters", "/results"):
            schema.assertValid(etree.fromstring(job.get(part).content))
    schema.assertValid(etree.fromstring(requests.get(done.list, timeout=30).content))
    assert done.value("runId") == "é & <x>"


# Resources


def test_every_resource_says_what_the_document_says(archive):
    job = Job(archive)
    document = job.document()
    for path, name in (("phase", "phase"), ("executionduration", "executionDuration"), ("destruction", "destruction"), ("quote", "quote"), ("owner", "ownerId")):
        answer = job.get("/" + path)
        assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/plain"), path
        assert answer.text == (document.findtext("uws:" + name, namespaces=UWS) or ""), path
    assert job.get("/results/result").status_code == 404 and job.get("/error").status_code == 404
    head = requests.head(job.url, timeout=30)
    assert head.status_code == 200 and head.text == ""


def test_parameters_change_while_the_job_is_pending(archive):
    job = Job(archive, "SELECT 1 AS n FROM tap_schema.schemas", RUNID="first")
    assert job.post("/parameters", QUERY="SELECT TOP 2 table_name FROM tap_schema.tables", RUNID="second").status_code == 303
    names = [parameter.get("id") for parameter in job.document().iterfind(".//uws:parameter", UWS)]
    assert sorted(names) == ["LANG", "QUERY", "RUNID"] and job.value("runId") == "second"
    assert job.post("/executionduration", EXECUTIONDURATION="17").status_code == 303
    assert job.post("/destruction", DESTRUCTION="2999-01-01T00:00:00Z").status_code == 303
    assert job.value("executionDuration") == "17" and job.value("destruction") < "2999"
    assert job.post("/phase", PHASE="RUN").headers["Location"] == job.url
    job.reach("COMPLETED")
    assert b"table_name" in job.get("/results/result").content
    assert job.post("/parameters", QUERY="x").status_code == 403


def test_a_multipart_form_makes_a_job_too(archive):
    form = {name: (None, value) for name, value in {"LANG": "ADQL", "QUERY": ROWS, "PHASE": "RUN", "RUNID": "a form"}.items()}
    answer = requests.post(archive.base + "/tap/async", files=form, allow_redirects=False, timeout=30)
    assert answer.status_code == 303
    document = etree.fromstring(requests.get(answer.headers["Location"], params={"WAIT": "30", "PHASE": "QUEUED"}, timeout=60).content)
    assert document.findtext("uws:runId", namespaces=UWS) == "a form"
    assert [parameter.get("id") for parameter in document.iterfind(".//uws:parameter", UWS)] == ["LANG", "QUERY", "RUNID"]


def test_wrong_requests_get_their_status(archive):
    job = Job(archive, PHASE="RUN").reach("COMPLETED")
    unknown = job.list + "/20260131-aaaaaaaaaaaaaaaa"
    for path in ("", "/phase", "/results/result", "/error", "/parameters"):
        assert requests.get(unknown + path, timeout=30).status_code == 404, path
    assert requests.delete(unknown, timeout=30).status_code == 404
    assert [job.post("/phase", PHASE=phase).status_code for phase in ("RUN", "ABORT", "FLY", "")] == [403, 403, 400, 400]
    assert job.post(ACTION="FLY").status_code == 400
    assert requests.get(job.list, params={"PHASE": "FLYING"}, timeout=30).status_code == 400
    for method, path in (("PUT", ""), ("DELETE", "/phase"), ("POST", "/quote"), ("PATCH", "/parameters"), ("POST", "/results/result")):
        answer = requests.request(method, job.url + path, timeout=30)
        assert answer.status_code == 405 and "GET" in answer.headers["Allow"], (method, path)
    assert requests.delete(job.list, timeout=30).status_code == 405


@pytest.mark.parametrize("how", ["DELETE", "ACTION"])
def test_a_deleted_job_is_gone_with_its_file(archive, how):
    job = Job(archive, PHASE="RUN").reach("COMPLETED")
    results = archive.folder / "state" / "results"
    name = job.url.rsplit("/", 1)[1]
    assert list(results.glob(name + "*"))
    answer = requests.delete(job.url, allow_redirects=False, timeout=30) if how == "DELETE" else job.post(ACTION="DELETE")
    assert answer.status_code == 303 and answer.headers["Location"] == job.list
    assert job.get().status_code == 404 and not list(results.glob(name + "*"))


def test_the_result_is_a_file_with_ranges_and_a_tag(archive):
    job = Job(archive, PHASE="RUN", RESPONSEFORMAT="csv").reach("COMPLETED")
    whole = job.get("/results/result")
    assert whole.headers["Content-Type"].startswith("text/csv")
    tag = whole.headers["ETag"]
    assert tag == '"{}"'.format(hashlib.sha256(whole.content).hexdigest())
    assert int(job.document().find(".//uws:result", UWS).get("size")) == len(whole.content)
    part = job.get("/results/result", headers={"Range": "bytes=10-19"})
    assert part.status_code == 206 and part.content == whole.content[10:20]
    assert job.get("/results/result", headers={"If-None-Match": tag}).status_code == 304
    head = requests.head(job.url + "/results/result", timeout=30)
    assert int(head.headers["Content-Length"]) == len(whole.content) and head.content == b""


def test_errors_are_votables(archive):
    job = Job(archive, "SELECT nothing FROM gaia.completesource", PHASE="RUN").reach("ERROR")
    error = job.get("/error")
    assert error.status_code == 200 and b"nothing" in error.content and votlint_remarks(error.content) == []
    assert "nothing" in job.document().findtext("uws:errorSummary/uws:message", namespaces=UWS)
    assert job.get("/results/result").status_code == 404 and job.document().find(".//uws:result", UWS) is None


@pytest.mark.parametrize("format", ["votable", "votable/td", "csv"])
def test_a_job_that_fails_after_many_rows_ends_in_error(archive, format):
    late = "SELECT n.source_id, 1 / (n.source_id - m.most) AS x FROM gaia.completesource AS n, (SELECT MAX(source_id) AS most FROM gaia.completesource) AS m"
    job = Job(archive, late, PHASE="RUN", RESPONSEFORMAT=format).reach("ERROR", "COMPLETED")
    assert job.phase() == "ERROR" and b"division by zero" in job.get("/error").content
    assert job.get("/results/result").status_code == 404


def test_overflow_is_told(archive):
    job = Job(archive, PHASE="RUN", MAXREC="7").reach("COMPLETED")
    assert b'value="OVERFLOW"' in job.get("/results/result").content
    info = job.document().find("uws:jobInfo/progress", UWS)
    assert info.findtext("rows") == "7" and info.findtext("rowLimit") == "7" and "MAXREC" in info.findtext("overflow")


def test_wait_comes_back_when_the_phase_changes(archive, endless):
    pending = Job(archive)
    begin = time.monotonic()
    pending.document(WAIT="1")
    assert 0.9 < time.monotonic() - begin < 5
    begin = time.monotonic()
    pending.document(WAIT="30", PHASE="QUEUED")
    assert time.monotonic() - begin < 5
    running = endless()
    begin = time.monotonic()
    subprocess.Popen(["sh", "-c", "sleep 0.5; curl -s -o /dev/null -d PHASE=ABORT {}/phase".format(running.url)])
    assert running.document(WAIT="30").findtext("uws:phase", namespaces=UWS) == "ABORTED"
    assert time.monotonic() - begin < 5


# The end of the SQL


@pytest.mark.parametrize("how", ["abort", "delete", "destruction"])
def test_postgresql_stops_within_a_second(archive, endless, how):
    job = endless()
    since = time.monotonic()
    if how == "abort":
        assert job.post("/phase", PHASE="ABORT").status_code == 303
    elif how == "delete":
        requests.delete(job.url, timeout=30)
    else:
        assert job.post("/destruction", DESTRUCTION="2026-01-01T00:00:00Z").status_code == 303
    assert_stops_within_a_second(archive, since)
    if how == "abort":
        assert job.phase() == "ABORTED" and b"aborted" in job.get("/error").content
    else:
        assert job.get().status_code == 404


def test_postgresql_stops_when_the_execution_duration_is_over(archive, endless):
    job = endless(EXECUTIONDURATION="2")
    job.reach("ABORTED")
    assert_stops_within_a_second(archive, time.monotonic())
    assert re.search("stopped after 2 seconds", job.get("/error").text)
    start, end = (np.datetime64(job.value(name)[:-1]) for name in ("startTime", "endTime"))
    assert np.timedelta64(1900, "ms") < end - start < np.timedelta64(3000, "ms")
