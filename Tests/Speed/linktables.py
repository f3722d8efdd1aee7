"""Links, selections and pyvo's way through thousands of rows, on an archive of the Gaia collection.

By itself: `linktables.py http://localhost:3000`.
"""

import http.client
import sys
import time
import urllib.parse
import uuid

import pyvo
from report import Report

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def measure(base, report, data="", rows_of_pyvo=1000):
    place = urllib.parse.urlsplit(base)
    connection = http.client.HTTPConnection(place.hostname, place.port or 80, timeout=60)
    tap = pyvo.dal.TAPService(base + "/tap")

    def ask(path, form=None):
        body = urllib.parse.urlencode(form, doseq=True) if form else None
        connection.request("POST" if form else "GET", path, body, FORM if form else {})
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content[:300]
        return content

    def timed(work, times, before=0):
        """Milliseconds of so many runs, after some that don't count; and the last answer."""
        for _ in range(before):
            work()
        spent = []
        for _ in range(times):
            start = time.perf_counter()
            answer = work()
            spent.append(1000 * (time.perf_counter() - start))
        return spent, answer

    def identifiers(table, key, count):
        return list(tap.search("SELECT TOP {} id FROM gaia.{} ORDER BY {}".format(count, table, key))["id"]) if count > 0 else []

    sources = identifiers("completesource", "source_id", 10_000)
    ids = sources + identifiers("astroelementary", "transit_id", 10_000 - len(sources))
    report.part("Links", data)
    rows = iter(sources * 10)
    spent, _ = timed(lambda: ask("/datalink?id=" + next(rows)), 500, before=50)
    report.add("one link table", spent, "ms", bar="< 2 ms", most=2)
    client = uuid.uuid4()
    spent, _ = timed(lambda: ask("/datalink?id={}&clientId={}".format(next(rows), client)), 500)
    report.add("one link table of a growing selection", spent, "ms", bar="< 2 ms", most=2)
    spent, answer = timed(lambda: ask("/datalink", {"ID": ids}), 7, before=2)
    report.add("POST of {} ids, {:.0f} MB".format(len(ids), len(answer) / 1e6), spent, "ms", bar="< 400 ms", most=400, digits=0)

    groups = iter([sources[first : first + 40] for first in range(0, len(sources), 40)])

    def activated():
        client = uuid.uuid4()
        for row in next(groups):
            table = ask("/datalink?id={}&clientId={}".format(row, client))
        start = table.index(b"/datalink/cutmerge?selection=")
        return ask(table[start : table.index(b"<", start)].decode())

    spent, _ = timed(activated, 15, before=3)
    report.add("40 rows activated one by one, then #this", spent, "ms", bar="< 150 ms", most=150, digits=1)

    found = tap.search("SELECT TOP {} id FROM gaia.astroelementary".format(rows_of_pyvo))
    spent, count = timed(lambda: sum(1 for _ in found.iter_datalinks()), 1)
    report.add("pyvo's iter_datalinks() over {} rows".format(count), [spent[0] / 1000], "s", digits=1)


if __name__ == "__main__":
    measure(sys.argv[1], Report(), rows_of_pyvo=10_000)
