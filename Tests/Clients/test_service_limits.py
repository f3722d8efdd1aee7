"""Limits are enforced, told beforehand, and told again when they are met."""

from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import pytest
import requests
from archive import Archive, PrivateRedis, wait_until

STARS = "gaia.completesource"
#: Rows for minutes, so that whoever reads slowly keeps the query under way.
LONG = "SELECT a.ra, b.dec, c.source_id FROM {0} AS a, {0} AS b, {0} AS c".format(STARS)
VOTABLE = "{http://www.ivoa.net/xml/VOTable/v1.3}"


def status_of(answer):
    """The last word of a result on itself."""
    infos = [info for info in ElementTree.fromstring(answer.content).iter(VOTABLE + "INFO") if info.get("name") == "QUERY_STATUS"]
    return infos[-1].get("value"), infos[-1].text


class Reader:
    """A client that has begun to read a long result and has not ended."""

    def __init__(self, archive, **headers):
        self.answer = requests.post(
            archive.base + "/tap/sync", data={"LANG": "ADQL", "QUERY": LONG, "MAXREC": "100000000"}, headers=headers, stream=True, timeout=60)

    def close(self):
        self.answer.close()


@pytest.fixture(scope="module")
def redis(workplace):
    folder = workplace / "limits-redis"
    folder.mkdir()
    redis = PrivateRedis(folder)
    redis.start()
    yield redis
    redis.stop()


@pytest.fixture(scope="module", params=["with Redis", "without Redis"])
def limited(request, archive, database, redis, workplace):
    """A server with small limits."""
    limited = Archive(archive.folder, database.url, redis.url if request.param == "with Redis" else "")
    limited.settings |= {
        "ALMAGEST_TAP_CLIENT_QUERIES": "2", "ALMAGEST_TAP_MAXREC": "5", "ALMAGEST_TAP_HARD_MAXREC": "100000000", "ALMAGEST_HTTP_TRUSTED_PROXIES": "127.0.0.1, ::1",
        "ALMAGEST_TAP_SYNC_COST": "1000000000000000",
    }
    limited.start()
    yield limited
    assert limited.stop() == 0


def test_a_client_has_its_share_of_queries_and_no_more(limited):
    readers = [Reader(limited) for _ in range(2)]
    try:
        assert [reader.answer.status_code for reader in readers] == [200, 200]
        refused = limited.query("SELECT TOP 1 ra FROM " + STARS)
        assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
        assert status_of(refused)[0] == "ERROR" and "2 queries" in status_of(refused)[1]
        # Nor is a table taken in for it.
        table = "n\n" + "\n".join(map(str, range(1000)))
        upload = requests.post(
            limited.base + "/tap/sync", data={"LANG": "ADQL", "QUERY": "SELECT * FROM TAP_UPLOAD.t", "UPLOAD": "t,param:t"}, files={"t": ("t.csv", table)},
            timeout=60)
        assert upload.status_code == 429
        # Another client behind a proxy that is trusted is not concerned.
        other = requests.get(
            limited.base + "/tap/sync", params={"LANG": "ADQL", "QUERY": "SELECT TOP 1 ra FROM " + STARS},
            headers={"X-Forwarded-For": "203.0.113.9"}, timeout=60)
        assert other.status_code == 200
    finally:
        for reader in readers:
            reader.close()
    wait_until(lambda: limited.query("SELECT TOP 1 ra FROM " + STARS).status_code == 200, "the share is free again", 20)


def test_a_forged_address_does_not_help(limited):
    forged = {"X-Forwarded-For": "198.51.100.7, 203.0.113.77"}
    readers = [Reader(limited, **{"X-Forwarded-For": "198.51.100.{}, 203.0.113.77".format(number)}) for number in range(2)]
    try:
        refused = requests.post(limited.base + "/tap/sync", data={"LANG": "ADQL", "QUERY": "SELECT TOP 1 ra FROM " + STARS}, headers=forged, timeout=60)
        assert refused.status_code == 429
    finally:
        for reader in readers:
            reader.close()


def test_many_short_queries_leave_no_token_behind(limited):
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda number: limited.query("SELECT TOP 1 ra FROM {} WHERE dec > {}".format(STARS, -number)).status_code, range(60)))
    # A token is given back a moment after the last byte, so a few may find theirs not there yet.
    assert set(answers) <= {200, 429} and answers.count(200) > 30
    wait_until(lambda: all(limited.query("SELECT TOP 1 ra FROM " + STARS).status_code == 200 for _ in range(2)), "no token is left", 20)


def test_overflow_names_the_limit_that_caused_it(limited):
    for maxrec, words in ((3, "MAXREC of the request"), (None, "no MAXREC")):
        status, text = status_of(limited.query("SELECT ra FROM " + STARS, **({"MAXREC": maxrec} if maxrec else {})))
        assert status == "OVERFLOW" and words in text and str(maxrec or 5) in text


def test_the_hard_limit_is_named_too(archive, database, servers, workplace):
    hard = Archive(archive.folder, database.url, servers[1])
    hard.settings |= {"ALMAGEST_TAP_MAXREC": "4", "ALMAGEST_TAP_HARD_MAXREC": "7", "ALMAGEST_JOBS_RETENTION": "1234", "ALMAGEST_JOBS_MAXREC": "6"}
    hard.start()
    try:
        status, text = status_of(hard.query("SELECT ra FROM " + STARS, MAXREC=1000))
        assert status == "OVERFLOW" and "7 rows, the most" in text
        limits = ElementTree.fromstring(hard.get("/tap/capabilities").content).find(".//outputLimit")
        assert (limits.findtext("default"), limits.findtext("hard")) == ("4", "7")
        told = hard.get("/tap/limits").json()
        assert told["sync"]["outputLimit"] == {"default": 4, "hard": 7}
        assert told["async"]["outputLimit"]["default"] == 6 and told["async"]["retentionPeriod"]["default"] == 1234
    finally:
        assert hard.stop() == 0


def test_a_query_that_would_run_for_hours_is_refused_before_it_runs(archive):
    answer = archive.query("SELECT COUNT(*) AS n FROM {0} AS a, {0} AS b, {0} AS c, {0} AS d, {0} AS e".format(STARS))
    assert answer.status_code == 400
    status, text = status_of(answer)
    assert status == "ERROR" and "1E9" in text.upper().replace(".0", "") and archive.base + "/tap/async" in text and "narrow" in text


def test_times_are_told_for_both_ways_of_asking(archive):
    limits = archive.get("/tap/limits").json()
    assert limits["sync"]["executionDuration"] == {"default": 600, "hard": 600}
    capabilities = ElementTree.fromstring(archive.get("/tap/capabilities").content)
    # What the standard has one element for is the jobs', which can ask for other times.
    for name in ("executionDuration", "retentionPeriod"):
        assert limits["upload"]["rows"] == int(capabilities.findtext(".//uploadLimit/hard"))
        assert limits["async"][name] == {bound: int(capabilities.findtext(".//{}/{}".format(name, bound))) for bound in ("default", "hard")}


def test_a_form_that_is_too_large_is_refused(archive):
    answer = requests.post(archive.base + "/tap/sync", data={"LANG": "ADQL", "QUERY": "SELECT " + "1" * (33 * 1024 * 1024)}, timeout=60)
    assert answer.status_code == 413 and "33554432 bytes" in answer.text


def test_limits_are_told_for_each_way_of_asking(limited):
    sync = limited.get("/tap/limits").json()["sync"]
    assert sync["outputLimit"] == {"default": 5, "hard": 100000000} and sync["concurrentQueries"] == 2 and sync["cost"] == 1e15
    capabilities = ElementTree.fromstring(limited.get("/tap/capabilities").content)
    assert [capabilities.findtext(".//outputLimit/" + bound) for bound in ("default", "hard")] == ["5", "100000000"]
