"""Large results against raw COPY: each format, four clients at once, the first byte, and the memory of it."""

import os
import threading
import time

from subject import Peak, in_turn

#: Format, the yardstick, and the ratio to it that is asked for.
FORMATS = {
    "BINARY2": ("votable", "psql COPY binary", 1.10),
    "BINARY2 with access_url": ("votable", "BINARY2", 0.85),
    "BINARY": ("votable/b", "psql COPY binary", None),
    "TABLEDATA": ("votable/td", "psql COPY binary", 0.85),
    "CSV": ("csv", "psql COPY csv", 1.1),
    "TSV": ("tsv", "psql COPY csv", 1.1),
    "JSON": ("json", "psql COPY csv", 0.9),
    "FITS": ("fits", "psql COPY binary", 0.7),
    "Parquet": ("parquet", "psql COPY binary", 0.4),
}


def measure_formats(subject, report, rounds, peer=None):
    rows = int(subject_rows(subject))
    report.part("Large results", "{:,} rows of {} columns, one client".format(rows, len(subject.columns)))
    wanted = [name.strip() for name in os.environ.get("FORMATS", ",".join(FORMATS)).split(",")]
    ways = {"psql COPY binary": subject.copy, "psql COPY csv": lambda: subject.copy(form="csv")}

    def way(whom, name):
        columns = whom.columns + (["access_url"] if "access_url" in name else [])
        return lambda: whom.drain(whom.select(columns), FORMATS[name][0])

    for name in wanted:
        ways[name] = way(subject, name)
        if peer and "access_url" not in name:
            ways["peer: " + name] = way(peer, name)
    times = in_turn(ways, rounds)
    for name in ways:
        form, yardstick, least = FORMATS.get(name.removeprefix("peer: "), ("", None, None))
        report.add(
            name, times[name], "s", times.get(yardstick), least=None if name.startswith("peer") else least,
            bar="{} x of {}".format(least, yardstick) if least and not name.startswith("peer") else "")


def measure_clients(subject, report, rounds, clients=4, peer=None):
    report.part("{} clients at once, BINARY2".format(clients))
    wide = subject.select()

    def all_at_once(way):
        threads = [threading.Thread(target=way) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    names = ["{} psql".format(clients), "{} clients".format(clients)]
    ways = {names[0]: lambda: all_at_once(subject.copy), names[1]: lambda: all_at_once(lambda: subject.drain(wide))}
    times = in_turn(ways, rounds)
    report.add(names[0], times[names[0]], "s")
    report.add(names[1], times[names[1]], "s", times[names[0]], bar="0.80 x of {}".format(names[0]), least=0.8)


def measure_first_byte(subject, report, rounds, peer=None):
    report.part("The first byte", "of the whole table in BINARY2, on a connection of its own")
    for name, whom in (("first byte", subject), ("peer: first byte", peer)):
        if whom:
            times = [first_byte(whom) for _ in range(rounds * 4 + 1)][1:]
            report.add(name, [1000 * time for time in times], "ms", bar="< 15 ms" if whom is subject else "", most=15 if whom is subject else None, digits=1)


def first_byte(whom):
    begin = time.perf_counter()
    with whom.open(whom.select()) as link:
        assert link.recv(4096).startswith(b"HTTP/1.1 200")
        return time.perf_counter() - begin


def measure_memory(subject, report, peer=None):
    """The whole table, then ten times the whole table."""
    report.part("Memory of a large result", "the server's own, at its highest, above that before")
    one = "SELECT {} FROM {}".format(", ".join(subject.columns), subject.table)
    for name, adql in (("once the table", one), ("ten times the table", " UNION ALL ".join([one] * 10))):
        with Peak(subject) as peak:
            subject.drain(adql)
        report.add(name, [peak.growth], "MB", bar="< 30 MB", most=30, digits=1)


def subject_rows(subject):
    connection = subject.connect()
    answer, body = subject.ask(connection, "SELECT COUNT(*) AS n FROM {}".format(subject.table), "csv")
    assert answer.status == 200, body
    return body.split()[1]
