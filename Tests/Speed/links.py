"""Measures links on a served archive of the Gaia collection: `links.py http://localhost:3000`. Medians in milliseconds, each with its bar."""

import http.client
import statistics
import sys
import time
import uuid
from urllib.parse import urlencode, urlsplit

import pyvo

base = sys.argv[1]
place = urlsplit(base)
connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
tap = pyvo.dal.TAPService(base + "/tap")


def timed(work, times):
    """The median of so many runs, and the last answer."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        answer = work()
        spent.append(time.perf_counter() - start)
    return 1000 * statistics.median(spent), answer


def request(method, path, form=None):
    body = urlencode(form, doseq=True) if form else None
    connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded"} if body else {})
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status == 200, content[:300]
    return content


def report(what, measured, bar):
    print("{:60s} {:8.1f} ms   bar {:6.0f} ms   {}".format(what, measured, bar, "ok" if measured < bar else "MISSED"), flush=True)


sources = list(tap.search("SELECT TOP 10000 id FROM gaia.completesource ORDER BY source_id")["id"])
transits = list(tap.search("SELECT TOP {} id FROM gaia.astroelementary ORDER BY transit_id".format(10_000 - len(sources)))["id"]) if len(sources) < 10_000 else []
ids = sources + transits

rows = iter(sources * 3)
timed(lambda: request("GET", "/datalink?id=" + next(rows)), 50)
measured, _ = timed(lambda: request("GET", "/datalink?id=" + next(rows)), 500)
report("one link table, nobody's", measured, 2)
client = str(uuid.uuid4())
measured, _ = timed(lambda: request("GET", "/datalink?id={}&clientId={}".format(next(rows), client)), 500)
report("one link table of a growing selection", measured, 2)

form = {"ID": ids}
timed(lambda: request("POST", "/datalink", form), 2)
measured, answer = timed(lambda: request("POST", "/datalink", form), 7)
report("POST of {} ids ({:.1f} MB)".format(len(ids), len(answer) / 1e6), measured, 400)

groups = iter([sources[first : first + 40] for first in range(0, 2400, 40)])


def activated():
    client = str(uuid.uuid4())
    for row in next(groups):
        table = request("GET", "/datalink?id={}&clientId={}".format(row, client))
    start = table.index(b"/datalink/cutmerge?selection=")
    return request("GET", table[start : table.index(b"<", start)].decode())


timed(activated, 3)
measured, answer = timed(activated, 15)
report("40 rows activated one after the other, then #this", measured, 150)

found = tap.search("SELECT TOP {} id FROM gaia.astroelementary".format(sys.argv[2] if len(sys.argv) > 2 else 10_000))
start = time.perf_counter()
count = sum(1 for _ in found.iter_datalinks())
print("{:60s} {:8.1f} s".format("pyvo's iter_datalinks over {} rows".format(count), time.perf_counter() - start))
