"""No job that was acknowledged is ever lost: servers are killed, PostgreSQL is restarted, Redis is away.

`ALMAGEST_CRASH_TEST=full` makes it long: 200 jobs, 20 kills, two restarts of PostgreSQL, Redis stopped once.
"""

import csv
import io
import os
import random
import re
import signal
import threading
import time

import pytest
import requests
from archive import Archive, Database, PrivatePostgres, PrivateRedis, run_psql, wait_until
from lxml import etree

FULL = os.environ.get("ALMAGEST_CRASH_TEST") == "full"
JOBS, KILLS, RESTARTS = (200, 20, ["fast", "immediate"]) if FULL else (40, 4, ["fast"])
UWS = {"uws": "http://www.ivoa.net/xml/UWS/v1.0"}
# Reasons that can be true here, and nothing else.
LOST = re.compile(
    r"the job was begun (\d+) times and could not be finished; the last time because "
    r"(the server process that ran it had ended|the connection to the database was lost or refused)$")
# Computes for hours and sends nothing.
ENDLESS = (
    "SELECT COUNT(*) FROM gaia.astroelementary AS a, gaia.astroelementary AS b, gaia.astroelementary AS c WHERE a.transit_time < b.transit_time"
    " AND b.ac_win_coord IS NOT NULL AND c.transit_id > a.transit_id")


@pytest.fixture(scope="module")
def place(workplace, originals):
    """A PostgreSQL and a Redis that may be taken away, and a database in it that is filled."""
    folder = workplace / "crash"
    folder.mkdir()
    postgres, redis = PrivatePostgres(), PrivateRedis(folder)
    postgres.start()
    redis.start()
    place = Place(folder, postgres, redis)
    filled = place.server().run("ingest", "gaia", *originals.files("CompleteSource")[:3], *originals.files("AstroElementary")[:3])
    assert filled.returncode == 0, filled.stdout
    yield place
    redis.stop()
    postgres.remove()


class Place:
    def __init__(self, folder, postgres, redis):
        self.folder, self.postgres, self.redis = folder, postgres, redis
        self.database = Database(postgres.url)

    def server(self):
        """One of the processes over the same database and folder."""
        (self.folder / "archive").mkdir(exist_ok=True)
        return Archive(self.folder / "archive", self.database.url, self.redis.url)

    def sql(self, statement):
        return run_psql(self.database.url, statement).strip()

    def backends(self):
        return int(self.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'almagest-job' AND state = 'active'"))

    def results(self):
        return sorted(path.name for path in (self.folder / "archive" / "state" / "results").iterdir() if path.name != ".archive")


def submit(server, adql, **parameters):
    answer = requests.post(
        server.base + "/tap/async", data={"LANG": "ADQL", "QUERY": adql, "PHASE": "RUN", **parameters}, allow_redirects=False, timeout=30)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].rsplit("/", 1)[1]


def phase(server, job):
    return requests.get("{}/tap/async/{}/phase".format(server.base, job), timeout=30).text


def test_a_server_that_is_told_to_end_stops_its_sql_and_leaves_its_jobs_to_the_next(place):
    server = place.server().start()
    job = submit(server, ENDLESS)
    wait_until(lambda: place.backends() == 1, "PostgreSQL is at work", 20)
    waiting = threading.Thread(target=lambda: requests.get("{}/tap/async/{}?WAIT=60".format(server.base, job), timeout=90))
    waiting.start()
    time.sleep(0.3)
    begin = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    wait_until(lambda: place.backends() == 0, "PostgreSQL has stopped", 1)
    assert server.process.wait(10) == 0 and time.monotonic() - begin < 5
    waiting.join()
    assert place.sql("SELECT phase, losses FROM almagest.jobs WHERE job_id = '{}'".format(job)) == "QUEUED|0"
    server.start()
    wait_until(lambda: phase(server, job) == "EXECUTING", "it runs again", 10)
    requests.delete("{}/tap/async/{}".format(server.base, job), timeout=30)
    assert server.stop() == 0


def test_a_server_that_is_killed_leaves_no_backend_and_its_job_is_taken_over(place):
    first, second = place.server().start(), place.server().start()
    job = submit(first, ENDLESS)
    wait_until(lambda: phase(first, job) == "EXECUTING", "it runs", 10)
    executing = int(place.sql("SELECT server FROM almagest.jobs WHERE job_id = '{}'".format(job)))
    # Either of them may have taken it.
    victim, other = (first, second) if executing in numbers(first) else (second, first)
    assert executing in numbers(victim)
    victim.kill()
    wait_until(lambda: place.sql("SELECT attempt FROM almagest.jobs WHERE job_id = '{}'".format(job)) == "2", "it was taken over", 10)
    wait_until(lambda: place.backends() == 1, "the dead one's backend has gone", 5)
    assert phase(other, job) == "EXECUTING"
    requests.delete("{}/tap/async/{}".format(other.base, job), timeout=30)
    wait_until(lambda: place.backends() == 0, "nothing is left at work", 2)
    assert other.stop() == 0


def numbers(server):
    """The numbers under which a server process takes each kind of jobs, as its log tells."""
    return {int(number) for number in re.findall(r"number=(\d+)", server.log.read_text())}


# The long one


# So much to compute before the first row: a third of a second or so.
WORK = "(SELECT COUNT(*) AS n FROM tap_schema.columns AS a, tap_schema.columns AS b, tap_schema.columns AS c WHERE a.column_name <> b.column_name AND b.column_name <> c.column_name) AS w"


class Query:
    """A query whose rows are known."""

    def __init__(self, number, sources, tables):
        self.number = number
        select = "{} AS job, s.source_id FROM gaia.completesource AS s, ".format(number)
        if number % 3 == 0:
            self.adql, self.rows = "SELECT TOP 7 " + select + WORK + " ORDER BY s.source_id", sources[:7]
        elif number % 3 == 1:
            self.adql, self.rows = "SELECT " + select + WORK, sources
        else:
            # Long at sending.
            self.adql, self.rows = "SELECT " + select + "tap_schema.columns AS t", sorted(sources * tables)

    def assert_answered_by(self, text):
        rows = list(csv.reader(io.StringIO(text)))[1:]
        assert {row[0] for row in rows} == {str(self.number)}
        assert sorted(int(row[1]) for row in rows) == self.rows


def test_no_acknowledged_job_is_lost_whatever_dies(place):
    chance = random.Random(20260131)
    sources = sorted(int(row) for row in place.sql("SELECT source_id FROM gaia.completesource").splitlines())
    tables = int(place.sql("SELECT count(*) FROM tap_schema.columns"))
    before = int(place.sql("SELECT count(*) FROM almagest.jobs"))
    servers = [place.server().start() for _ in range(2)]
    acknowledged, unanswered = {}, []

    def client(numbers):
        for number in numbers:
            query = Query(number, sources, tables)
            while True:
                try:
                    acknowledged[submit(chance.choice(servers), query.adql, RESPONSEFORMAT="csv")] = query
                    break
                except (requests.RequestException, AssertionError) as error:
                    unanswered.append(error)
                    time.sleep(0.1)

    # Half of them at once, the other half while servers die.
    client(range(JOBS // 2))
    submitting = threading.Thread(target=client, args=[range(JOBS // 2, JOBS)])
    submitting.start()
    events = ["kill"] * KILLS + ["restart " + mode for mode in RESTARTS] + (["redis"] if FULL else [])
    chance.shuffle(events)
    for event in events:
        time.sleep(chance.uniform(0.2, 1.5))
        if event == "kill":
            server = chance.choice(servers)
            server.kill()
            time.sleep(chance.choice([0, 0, 1]))
            server.start()
        elif event == "redis":
            place.redis.stop()
            time.sleep(2)
            place.redis.start()
        else:
            place.postgres.restart(event.split()[1])
    submitting.join()
    busy = int(place.sql("SELECT count(*) FROM almagest.jobs WHERE phase NOT IN ('COMPLETED', 'ERROR')"))

    def are_all_at_their_end():
        return place.sql("SELECT count(*) FROM almagest.jobs WHERE phase NOT IN ('COMPLETED', 'ERROR')") == "0"

    wait_until(are_all_at_their_end, "all jobs are at their end", 300)
    errors = verify(place, servers[0], acknowledged)
    # A request without an answer may have made a job, or not; nothing else did.
    made = int(place.sql("SELECT count(*) FROM almagest.jobs")) - before
    assert len(acknowledged) == JOBS <= made <= JOBS + len(unanswered)
    for server in servers:
        assert server.stop() == 0
    wait_until(lambda: place.backends() == 0, "no backend is left", 5)
    assert int(place.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'almagest-%'")) == 0
    print("{} jobs, {} requests without an answer, {} jobs left after the last blow, {} lost too often; executions: {}".format(
        made, len(unanswered), busy, errors, place.sql("SELECT string_agg(attempt || 'x' || n, ' ') FROM (SELECT attempt, count(*) n FROM almagest.jobs GROUP BY 1 ORDER BY 1) a")))


def verify(place, server, acknowledged):
    """Every job has its rows, or a reason that is true; the folder holds one file for each that has."""
    errors = 0
    for job, query in acknowledged.items():
        url = "{}/tap/async/{}".format(server.base, job)
        document = etree.fromstring(requests.get(url, timeout=30).content)
        if document.findtext("uws:phase", namespaces=UWS) == "COMPLETED":
            query.assert_answered_by(requests.get(url + "/results/result", timeout=60).text)
            continue
        errors += 1
        told = LOST.match(document.findtext("uws:errorSummary/uws:message", namespaces=UWS))
        assert told and int(told[1]) == int(document.findtext("uws:jobInfo/progress/attempt", namespaces=UWS)), etree.tostring(document)
        assert requests.get(url + "/results/result", timeout=30).status_code == 404
    files = place.sql("SELECT job_id || '.' || attempt FROM almagest.jobs WHERE phase = 'COMPLETED' ORDER BY 1").splitlines()
    # Whatever a killed process had begun to write, the next start cleared away.
    wait_until(lambda: place.results() == sorted(files), "the folder holds what it must", 10)
    return errors
