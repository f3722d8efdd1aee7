"""Measures queries as jobs: a hundred at once, polls, a million rows against the same query now, and a queue of 10,000."""

import concurrent.futures
import http.client
import statistics
import threading
import time
import urllib.parse

from archive import run_psql

ONE_ROW = "SELECT TOP 1 star_id FROM speed.stars"


class Client:
    """One connection that stays open, as a client's library has it."""

    def __init__(self, archive):
        self.port = archive.port
        self.connection = http.client.HTTPConnection("127.0.0.1", archive.port, timeout=120)

    def request(self, method, path, **form):
        body = urllib.parse.urlencode(form) if form else None
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            # A query that took a while costs its connection the next request.
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        return answer, answer.read()

    def submit(self, adql, **parameters):
        answer, text = self.request("POST", "/tap/async", LANG="ADQL", QUERY=adql, PHASE="RUN", **parameters)
        assert answer.status == 303, text
        return urllib.parse.urlsplit(answer.headers["Location"]).path

    def reach_end(self, job, wait=30):
        while True:
            phase = self.request("GET", job + "/phase")[1].decode()
            if phase not in ("QUEUED", "EXECUTING"):
                assert phase == "COMPLETED", phase
                return
            self.request("GET", "{}?WAIT={}&PHASE={}".format(job, wait, phase))


def measure(archive, database):
    hundred(archive)
    million(archive)
    long_queue(archive, database)


def hundred(archive):
    """A hundred jobs of one row at once, and each of them polled until it is done."""
    local, polls, totals = threading.local(), [], []

    def client():
        if not hasattr(local, "client"):
            local.client = Client(archive)
        return local.client

    def poll(job):
        while True:
            begin = time.perf_counter()
            phase = client().request("GET", job + "/phase")[1]
            polls.append(time.perf_counter() - begin)
            if phase == b"COMPLETED":
                return
            time.sleep(0.05)

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        for _ in range(3):
            begin = time.perf_counter()
            jobs = list(threads.map(lambda _: client().submit(ONE_ROW), range(100)))
            list(threads.map(poll, jobs))
            totals.append(time.perf_counter() - begin)
    polls.sort()
    print("\n100 one-row jobs at once: all completed after {:.2f} s (worst of 3)".format(max(totals)))
    print("polls meanwhile, over {}: median {:.1f} ms, p99 {:.1f} ms".format(
        len(polls), statistics.median(polls) * 1000, polls[int(len(polls) * 0.99)] * 1000))


def million(archive):
    """A million rows now, and as a job whose result is fetched when it is there."""
    adql, client, now, later = "SELECT TOP 1000000 star_id, ra, dec, d1, r1, i1, file_name FROM speed.stars", Client(archive), [], []
    for _ in range(5):
        begin = time.perf_counter()
        answer, direct = client.request("POST", "/tap/sync", LANG="ADQL", QUERY=adql)
        now.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        job = client.submit(adql)
        client.reach_end(job)
        answer, fetched = client.request("GET", job + "/results/result")
        later.append(time.perf_counter() - begin)
        # Which rows come first is PostgreSQL's choice, and their names differ in length.
        assert answer.status == 200 and abs(len(fetched) - len(direct)) < 1000 and len(direct) > 10_000_000, (len(fetched), len(direct), fetched[-300:])
        client.request("DELETE", job)
    print("1,000,000 rows, {} MB: now {:.2f} s, as a job and fetched {:.2f} s, {:.2f} times that".format(
        len(direct) // 1_000_000, statistics.median(now), statistics.median(later), statistics.median(later) / statistics.median(now)))


def long_queue(archive, database):
    """How long it takes to create a job, and another client's first one to be done, while 10,000 wait."""
    client = Client(archive)
    alone = creations(client)
    model = client.submit(ONE_ROW).rsplit("/", 1)[1]
    client.reach_end("/tap/async/" + model)
    run_psql(
        database.url,
        "INSERT INTO almagest.jobs (job_id, kind, client, parameters, phase, turn, destruction, execution_duration)"
        " SELECT '20260131-' || translate(lpad(n::text, 16, '0'), '0123456789', 'abcdefghij'), kind, 'filler', parameters, 'QUEUED', n,"
        " destruction, execution_duration FROM almagest.jobs, generate_series(1, 10000) n WHERE job_id = '{}'".format(model))
    begin = time.perf_counter()
    client.reach_end(client.submit(ONE_ROW))
    first = time.perf_counter() - begin
    crowded = creations(client)
    left = run_psql(database.url, "SELECT count(*) FROM almagest.jobs WHERE phase = 'QUEUED'").strip()
    run_psql(database.url, "DELETE FROM almagest.jobs WHERE phase = 'QUEUED'")
    print("creating a job: median {:.1f} ms, p99 {:.1f} ms; while {} to 10,000 wait: median {:.1f} ms, p99 {:.1f} ms".format(*alone, left, *crowded))
    print("another client's first job, done while 10,000 wait: {:.0f} ms".format(first * 1000))


def creations(client):
    times = []
    for _ in range(200):
        begin = time.perf_counter()
        client.submit(ONE_ROW)
        times.append(time.perf_counter() - begin)
    times.sort()
    return statistics.median(times) * 1000, times[198] * 1000
