"""Queries as jobs: a million rows against the same query now, a hundred at once, polls, and a queue of 10,000."""

import concurrent.futures
import http.client
import statistics
import threading
import time
import urllib.parse

from archive import run_psql
from subject import quantile


class Client:
    """One connection that stays open, as a client's library has it."""

    def __init__(self, subject):
        self.subject = subject
        self.connection = subject.connect()

    def request(self, method, path, **form):
        body = urllib.parse.urlencode(form) if form else None
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            # A query that took a while costs its connection the next request.
            self.connection = self.subject.connect()
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        return answer, answer.read()

    def submit(self, adql, **parameters):
        form = {"REQUEST": "doQuery", "LANG": "ADQL", "QUERY": adql, "PHASE": "RUN", "MAXREC": "50000000", **parameters}
        answer, text = self.request("POST", self.subject.address[2] + "/async", **form)
        assert answer.status == 303, text
        return urllib.parse.urlsplit(answer.headers["Location"]).path

    def reach_end(self, job, wait=30):
        while True:
            phase = self.request("GET", job + "/phase")[1].decode().strip()
            if phase not in ("PENDING", "QUEUED", "EXECUTING"):
                assert phase == "COMPLETED", phase
                return
            self.request("GET", "{}?WAIT={}&PHASE={}".format(job, wait, phase))


def measure(subject, report, rounds, peer=None):
    report.part("Jobs", "with their results fetched; polls go on meanwhile")
    million(subject, report, rounds)
    if peer:
        million(peer, report, rounds, "peer: ")
    hundred(subject, report)
    if subject.database:
        long_queue(subject, report)


def one_row(subject):
    return "SELECT TOP 1 {} FROM {}".format(subject.key, subject.table)


def million(subject, report, rounds, prefix=""):
    """A million rows now, and as a job whose result is fetched when it is there."""
    adql, now, later = subject.select(rows=1_000_000), [], []
    for _ in range(rounds + 1):
        now.append(subject.drain(adql)[1])
        client, begin = Client(subject), time.perf_counter()
        job = client.submit(adql)
        client.reach_end(job)
        later.append(time.perf_counter() - begin)
        size = subject.fetch(job + "/results/result")
        later[-1] = time.perf_counter() - begin
        assert size > 10_000_000, size
        client.request("DELETE", job)
    report.add(prefix + "1,000,000 rows now", now[1:], "s")
    report.add(prefix + "the same as a job, fetched", later[1:], "s", now[1:], least=None if prefix else 1 / 1.3, bar="" if prefix else "≤ 1.3 times that")


def hundred(subject, report):
    """A hundred jobs of one row at once, and each of them polled until it is done."""
    local, polls, totals = threading.local(), [], []

    def client():
        if not hasattr(local, "client"):
            local.client = Client(subject)
        return local.client

    def poll(job):
        while True:
            begin = time.perf_counter()
            phase = client().request("GET", job + "/phase")[1]
            polls.append(1000 * (time.perf_counter() - begin))
            if phase == b"COMPLETED":
                return
            time.sleep(0.05)

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        for _ in range(3):
            begin = time.perf_counter()
            jobs = list(threads.map(lambda _: client().submit(one_row(subject)), range(100)))
            list(threads.map(poll, jobs))
            totals.append(time.perf_counter() - begin)
    report.add("100 of one row at once, all completed", totals, "s", digits=2)
    report.add("polls meanwhile: p50", [statistics.median(polls)], "ms", digits=1)
    report.add("polls meanwhile: p99", [quantile(polls, 0.99)], "ms", digits=1)


def long_queue(subject, report):
    """How long it takes to create a job, and another client's first one to be done, while 10,000 wait."""
    client = Client(subject)
    alone = creations(client)
    model = client.submit(one_row(subject)).rsplit("/", 1)[1]
    client.reach_end(subject.address[2] + "/async/" + model)
    run_psql(
        subject.database,
        "INSERT INTO almagest.jobs (job_id, kind, client, parameters, phase, turn, destruction, execution_duration)"
        " SELECT '20260131-' || translate(lpad(n::text, 16, '0'), '0123456789', 'abcdefghij'), kind, 'filler', parameters, 'QUEUED', n,"
        " destruction, execution_duration FROM almagest.jobs, generate_series(1, 10000) n WHERE job_id = '{}'".format(model))
    begin = time.perf_counter()
    client.reach_end(client.submit(one_row(subject)))
    first = time.perf_counter() - begin
    crowded = creations(client)
    run_psql(subject.database, "DELETE FROM almagest.jobs WHERE client = 'filler'")
    report.add("creating one: p50", [statistics.median(alone)], "ms", digits=1)
    report.add("creating one while 10,000 wait: p50", [statistics.median(crowded)], "ms", digits=1)
    report.add("another client's first, done while 10,000 wait", [1000 * first], "ms", digits=0)


def creations(client):
    times = []
    for _ in range(200):
        begin = time.perf_counter()
        client.submit(one_row(client.subject))
        times.append(1000 * (time.perf_counter() - begin))
    return times
