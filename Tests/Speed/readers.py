"""Slow readers: hundreds of clients that take 10 KB/s of a large result, and what becomes of small queries, memory and backends meanwhile."""

import multiprocessing
import re
import subprocess
import time

from subject import Peak, quantile

PIECE = 2500


def measure_readers(subject, report, count, seconds=60, most_memory=None, budget=None):
    """count readers for so many seconds; the server must have a place for each of them."""
    report.part(
        "{} readers at 10 KB/s".format(count), "each of the whole table in BINARY2, for {} s; small queries are one row by key".format(seconds))
    keys = some_keys(subject)
    alone = probe(subject, keys, 3)
    with Peak(subject) as peak:
        crowd = Crowd(subject, count)
        assert crowd.statuses == {200: count}, crowd.statuses
        meanwhile = crowd.read(seconds, subject, keys)
        held = backends(subject)
    # Beyond the budget: told, and when to come again.
    refused = None
    if budget == count:
        begin = time.perf_counter()
        with subject.open(subject.select()) as link:
            head = link.recv(4096).decode("latin-1")
        refused = (time.perf_counter() - begin, head)
    begin = time.perf_counter()
    crowd.hang_up()
    while backends(subject):
        assert time.perf_counter() - begin < 30, "backends live on"
        time.sleep(0.02)
    gone = time.perf_counter() - begin
    report.add("memory", [peak.growth], "MB", bar="+{} MB".format(most_memory), most=most_memory, digits=1)
    report.add("bytes read by each, a second", [crowd.rate / 1000], "KB", digits=1)
    report.add("backends that work for them", [held], "", digits=0)
    report.add("small queries before: p50", [1000 * quantile(alone, 0.5)], "ms", digits=2)
    report.add("small queries before: p99", [1000 * quantile(alone, 0.99)], "ms", digits=2)
    report.add("small queries meanwhile: p50 of {}".format(len(meanwhile)), [1000 * quantile(meanwhile, 0.5)], "ms", digits=2)
    report.add("small queries meanwhile: p99", [1000 * quantile(meanwhile, 0.99)], "ms", bar="< 20 ms", most=20, digits=2)
    report.add("backends gone after the hang-up", [gone], "s", bar="1 s", most=1, digits=2)
    if refused:
        status, wait = re.match(r"HTTP/1.1 (\d+)", refused[1])[1], re.search(r"(?i)retry-after: (\d+)", refused[1])
        assert status == "503" and wait, refused[1]
        report.add("one more reader is told 503, Retry-After {}".format(wait[1]), [refused[0]], "s", digits=2)


class Crowd:
    """Clients that have sent a query and read its answer slowly, all in one thread."""

    def __init__(self, subject, count):
        self.links = []
        for _ in range(count):
            self.links.append(subject.open(subject.select()))
        self.statuses = {}
        for link in self.links:
            head = link.recv(PIECE)
            status = int(head.split()[1])
            self.statuses[status] = self.statuses.get(status, 0) + 1
        self.rate = 0

    def read(self, seconds, subject, keys):
        """Reads for so long; the times of small queries meanwhile, which another process asks."""
        ours, theirs = multiprocessing.Pipe()
        prober = multiprocessing.Process(target=lambda: theirs.send(probe(subject, keys, seconds, pause=0.005)), daemon=True)
        prober.start()
        begin, total, turn = time.perf_counter(), 0, 0
        while time.perf_counter() - begin < seconds:
            turn += 1
            for index, link in enumerate(self.links):
                total += len(link.recv(PIECE))
                # The turn of a quarter of a second is spread over all of them.
                due = begin + 0.25 * (turn - 1 + (index + 1) / len(self.links))
                time.sleep(max(0, due - time.perf_counter()))
        self.rate = total / (time.perf_counter() - begin) / len(self.links)
        times = ours.recv()
        prober.join()
        return times

    def hang_up(self):
        for link in self.links:
            link.close()


def probe(subject, keys, seconds, pause=0.0):
    """Small queries one after the other on one connection: their seconds."""
    connection, times, begin = subject.connect(), [], time.perf_counter()
    while time.perf_counter() - begin < seconds:
        key = keys[len(times) % len(keys)]
        start = time.perf_counter()
        answer, body = subject.ask(connection, "SELECT TOP 1 {0} FROM {1} WHERE {0} = {2}".format(subject.key, subject.table, key), "csv")
        times.append(time.perf_counter() - start)
        assert answer.status == 200 and key.encode() in body, (answer.status, body[:500])
        if pause:
            time.sleep(pause)
    return times


def some_keys(subject, count=5000):
    answer, body = subject.ask(subject.connect(), "SELECT TOP {} {} FROM {}".format(count, subject.key, subject.table), "csv")
    assert answer.status == 200, body
    return [line.decode() for line in body.split()[1:]]


def backends(subject):
    """Connections on which PostgreSQL works for results."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'almagest-tap' AND state <> 'idle' AND datname = current_database()"
    command = ["psql", "-XqAtd", subject.database, "-c", query]
    return int(subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout)
