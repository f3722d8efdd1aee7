"""Cut & Merge as UWS jobs: for what is more than is cut at once."""

import concurrent.futures
import contextlib
import os
import pathlib
import re
import signal
import time
import uuid
import xml.etree.ElementTree as ElementTree

import pytest
import requests
from archive import Archive, wait_until
from links import HDF5, assert_holds, links_of, manifest, opened, this

UWS = "{http://www.ivoa.net/xml/UWS/v1.0}"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module")
def small(archive, database, servers):
    """A server over the same archive that cuts no more than 3 objects at once, and 4000 by a job."""
    small = Archive(archive.folder, database.url, servers[1])
    small.originals = archive.originals
    small.settings |= {"ALMAGEST_CUT_OBJECTS": "3", "ALMAGEST_CUT_JOB_OBJECTS": "4000"}
    small.start()
    yield small
    assert small.process.poll() is None
    assert small.stop() == 0


@pytest.fixture(scope="module")
def rows(tap):
    return list(tap.search("SELECT TOP 8 * FROM gaia.completesource ORDER BY source_id"))


def jobs(server):
    return server.base + "/datalink/cutmerge/async"


def create(server, **parameters):
    answer = requests.post(jobs(server), data=parameters, timeout=60, allow_redirects=False)
    assert answer.status_code == 303, answer.text[:500]
    return answer.headers["Location"]


def document(url, **parameters):
    answer = requests.get(url, params=parameters, timeout=70)
    assert answer.status_code == 200, answer.text[:300]
    return ElementTree.fromstring(answer.content)


def ended(url):
    phase = None
    for _ in range(20):
        job = document(url, WAIT=5)
        phase = job.findtext(UWS + "phase")
        if phase in ("COMPLETED", "ERROR", "ABORTED"):
            return job
    raise AssertionError("the job is still " + phase)


def result_url(job):
    return job.find("{0}results/{0}result".format(UWS)).get("{http://www.w3.org/1999/xlink}href")


def test_above_the_limit_programs_are_told_of_the_job(small, rows):
    ids = [row["id"] for row in rows]
    answer = requests.post(small.base + "/datalink/cutmerge", data={"ID": ids}, timeout=60)
    assert answer.status_code == 413
    assert jobs(small) in answer.text and "PHASE=RUN" in answer.text and "4000" in answer.text
    assert requests.post(small.base + "/datalink/cutmerge", data={"ID": ids[:3]}, timeout=60).status_code == 200


def test_a_job_makes_the_same_product(small, archive, rows):
    ids = [row["id"] for row in rows]
    url = create(small, ID=ids, PHASE="RUN")
    job = ended(url)
    assert job.findtext(UWS + "phase") == "COMPLETED", ElementTree.tostring(job)
    progress = job.find(UWS + "jobInfo/progress")
    assert progress.findtext("objectsDone") == progress.findtext("objects") == str(len(ids))
    answer = archive.get(result_url(job).replace(small.base, archive.base))
    assert answer.headers["Content-Type"] == HDF5
    assert re.search(r'attachment; *filename="gaia_cutmerge_[0-9a-f]+\.h5"', answer.headers["Content-Disposition"])
    assert_holds(small, opened(answer.content), rows)
    assert answer.content == requests.post(archive.base + "/datalink/cutmerge", data={"ID": ids}, timeout=60).content
    part = archive.get(result_url(job), headers={"Range": "bytes=8-15"})
    assert part.status_code == 206 and part.content == answer.content[8:16]
    assert archive.get(result_url(job), headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert document(url + "/parameters").findall(UWS + "parameter")[0].text == ids[0]


def test_a_selection_becomes_a_job_and_is_closed_by_it(small, rows):
    client = str(uuid.uuid4())
    for row in rows[:5]:
        links = links_of("{}/datalink?id={}&clientId={}".format(small.base, row["id"], client))
    link = this(links)
    answer = small.get(link.access_url)
    assert answer.status_code == 413
    url = create(small, selection=link.access_url.split("selection=")[1], PHASE="RUN")
    assert_holds(small, opened(small.get(result_url(ended(url))).content), rows[:5])
    assert len(links_of("{}/datalink?id={}&clientId={}".format(small.base, rows[6]["id"], client))) > 0
    assert "this row" in this(links_of("{}/datalink?id={}&clientId={}".format(small.base, rows[6]["id"], client))).description


def test_a_browser_is_led_to_the_job_and_follows_it(small, rows):
    made = requests.post(small.base + "/selections", data={"ID": [row["id"] for row in rows]}, timeout=60).json()
    assert "Cut &amp; Merge as a job" in small.get(made["page"], headers=BROWSER).text
    page = small.get(made["product"], headers=BROWSER)
    assert page.status_code == 413 and page.headers["Content-Type"].startswith("text/html")
    form = re.search(r'<form method="post" action="([^"]+)">(.*?)</form>', page.text, re.DOTALL)
    assert form.group(1) == jobs(small)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.group(2)))
    assert fields == {"selection": made["id"], "PHASE": "RUN"}
    job = requests.post(form.group(1), data=fields, headers=BROWSER, timeout=60)
    assert job.status_code == 200 and job.headers["Content-Type"].startswith("text/html")
    assert small.get(made["product"], headers=BROWSER).url == job.url
    told = small.get(made["product"])
    assert told.status_code == 413 and job.url in told.text
    ended(job.url)
    page = requests.get(job.url, headers=BROWSER, timeout=60)
    assert "Refresh" not in page.headers
    link = re.search(r'<a class="button primary" href="([^"]+)"', page.text).group(1)
    assert_holds(small, opened(small.get(link).content), rows)
    listed = requests.get(jobs(small), headers=BROWSER, timeout=60)
    assert job.url in listed.text
    requests.delete(job.url, timeout=60)
    assert "PHASE=RUN" in small.get(made["product"]).text


def test_rows_may_be_named_after_the_job_is_made(small, rows):
    url = create(small)
    assert document(url).findtext(UWS + "phase") == "PENDING"
    requests.post(url + "/parameters", data={"ID": [row["id"] for row in rows[:2]]}, timeout=60).raise_for_status()
    requests.post(url + "/phase", data={"PHASE": "RUN"}, timeout=60).raise_for_status()
    assert_holds(small, opened(small.get(result_url(ended(url))).content), rows[:2])


def test_the_rows_are_those_of_the_moment_when_the_job_was_made(small, rows):
    made = requests.post(small.base + "/selections", data={"ID": [row["id"] for row in rows[:4]]}, timeout=60).json()
    url = create(small, selection=made["id"])
    assert requests.post(made["page"], data={"remove": rows[0]["id"]}, timeout=60).status_code == 409
    requests.post(url + "/phase", data={"PHASE": "RUN"}, timeout=60).raise_for_status()
    assert_holds(small, opened(small.get(result_url(ended(url))).content), rows[:4])


def test_a_job_of_nothing_fails_with_the_reason(small):
    for parameters, says in (({}, "no row was asked for"), ({"ID": str(uuid.uuid4())}, "could not be cut")):
        url = create(small, PHASE="RUN", **parameters)
        job = ended(url)
        assert job.findtext(UWS + "phase") == "ERROR"
        assert says in job.findtext("{0}errorSummary/{0}message".format(UWS))
        assert says in small.get(url + "/error").text


def test_what_no_job_can_make_is_refused_at_once(small):
    answer = requests.post(jobs(small), data={"ID": [str(uuid.uuid4()) for _ in range(4001)]}, timeout=60, allow_redirects=False)
    assert answer.status_code == 413 and "4000" in answer.text
    unknown = requests.post(jobs(small), data={"selection": str(uuid.uuid4())}, timeout=60, allow_redirects=False)
    assert unknown.status_code == 404


def test_jobs_are_listed_stopped_and_deleted_as_those_of_tap(small, database, rows):
    url = create(small, ID=rows[0]["id"], RUNID="mine")
    table = database.copy("SELECT payload::json -> 'rows' ->> 'sqlName' FROM almagest.jobs WHERE job_id = '{}'".format(url.split("/")[-1]))[0][0]
    listed = document(jobs(small), LAST=1)
    assert [reference.findtext(UWS + "runId") for reference in listed] == ["mine"]
    assert url.split("/")[-1] not in requests.get(small.base + "/tap/async", timeout=60).text
    assert requests.get(small.base + "/tap/async/" + url.split("/")[-1], timeout=60).status_code == 404
    requests.post(url + "/phase", data={"PHASE": "ABORT"}, timeout=60).raise_for_status()
    assert document(url).findtext(UWS + "phase") == "ABORTED"
    requests.post(url + "/destruction", data={"DESTRUCTION": "2030-01-01T00:00:00Z"}, timeout=60).raise_for_status()
    assert requests.delete(url, timeout=60, allow_redirects=False).status_code == 303
    assert requests.get(url, timeout=60).status_code == 404
    assert database.copy("SELECT 1 FROM almagest.uploads WHERE table_name = '{}'".format(table)) == []
    assert database.copy("SELECT to_regclass('almagest_upload.{}')".format(table)) == [[None]]


def test_a_job_that_runs_is_stopped_at_once_and_leaves_nothing(small, archive, tap):
    """Its worker is held up, as by a disk that does not answer, so that the job runs for as long as it takes to look."""
    ids = list(tap.search("SELECT TOP 200 id FROM gaia.completesource ORDER BY source_id DESC")["id"])
    # Products that nobody has asked for, so that each server has a worker.
    for server, some in ((small, ids[11:13]), (archive, ids[13:15])):
        requests.get(server.base + "/datalink/cutmerge", params={"id": some}, timeout=60).raise_for_status()
        assert server.workers()
    # Either server may take the job.
    held = small.workers() + archive.workers()
    try:
        for worker in held:
            tell(worker, signal.SIGSTOP)
        url = create(small, ID=ids, PHASE="RUN")
        wait_until(lambda: document(url).findtext(UWS + "phase") == "EXECUTING", "the job runs", 10)
        page = requests.get(url, headers=BROWSER, timeout=60).text
        assert "<progress" in page and ">Stop<" in page, page
        # Its rows are looked up, and the worker has got them; of that nothing is to be seen.
        time.sleep(1)
        requests.post(url + "/phase", data={"PHASE": "ABORT"}, timeout=60).raise_for_status()
        assert document(url).findtext(UWS + "phase") == "ABORTED"
        # It heard no request to stop, so it is ended.
        wait_until(lambda: len([worker for worker in held if is_there(worker)]) == len(held) - 1, "its worker is gone", 20)
    finally:
        for worker in held:
            tell(worker, signal.SIGCONT)
    assert document(url).find("{0}results/{0}result".format(UWS)) is None
    assert not [path for path in (small.folder / "state" / "products").iterdir() if path.name.endswith(".part")]
    assert ended(create(small, ID=ids, PHASE="RUN")).findtext(UWS + "phase") == "COMPLETED"


def tell(process, number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


def is_there(process):
    try:
        return pathlib.Path("/proc/{}/stat".format(process)).read_text().split()[2] != "Z"
    except OSError:
        return False


def test_the_same_rows_asked_by_many_are_made_once(small, archive, rows):
    ids = [row["id"] for row in rows[2:8]]

    def one(number):
        url = create(small, ID=ids if number % 2 else ids[::-1], PHASE="RUN")
        return small.get(result_url(ended(url)))

    with concurrent.futures.ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(one, range(6)))
    assert len({answer.headers["ETag"] for answer in answers}) == 1
    assert len(set(re.search(r"gaia_cutmerge_\w+", answer.headers["Content-Disposition"]).group() for answer in answers)) == 1


def test_thousands_of_ids_make_a_job_whose_document_stays_small(small, tap):
    ids = list(tap.search("SELECT id FROM gaia.completesource", maxrec=2500)["id"]) + ["nonsense", str(uuid.uuid4())]
    url = create(small, ID=ids, PHASE="RUN")
    job = ended(url)
    assert job.findtext(UWS + "phase") == "COMPLETED", ElementTree.tostring(job)
    assert len(requests.get(url, timeout=60).content) < 4000
    records = {record["id"]: record["status"] for record in manifest(opened(small.get(result_url(job)).content))}
    assert set(records) == set(ids) and records["nonsense"] == "not found"


def test_servers_grow_one_selection_together(small, archive, rows):
    client = str(uuid.uuid4())
    for number, row in enumerate(rows[:6]):
        server = small if number % 2 else archive
        links = links_of("{}/datalink?id={}&clientId={}".format(server.base, row["id"], client))
    assert "6 selected rows" in this(links).description
    assert_holds(archive, opened(archive.get(this(links).access_url.replace(small.base, archive.base)).content), rows[:6])
    # Closed on one server, it is closed on all.
    assert "this row" in this(links_of("{}/datalink?id={}&clientId={}".format(small.base, rows[0]["id"], client))).description


def test_with_adds_related_rows_in_jobs_too(small, tap):
    source = tap.search("SELECT TOP 1 c.* FROM gaia.completesource AS c JOIN gaia.astroelementary AS a ON c.source_id = a.source_id")[0]
    transits = tap.search("SELECT id FROM gaia.astroelementary WHERE source_id = {}".format(source["source_id"]))
    job = ended(create(small, ID=source["id"], WITH="transits", PHASE="RUN"))
    assert {record["id"] for record in manifest(opened(small.get(result_url(job)).content))} == {source["id"], *transits["id"]}
