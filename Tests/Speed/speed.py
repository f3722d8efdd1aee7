"""Measures the archive against raw COPY, side by side in one run, and one request for five sources with all their transits.

Everything runs on the same machine, so only the ratios mean something elsewhere. Medians of five rounds, the ways in turn.
"""

import http.client
import io
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Clients"))
os.environ.setdefault("ALMAGEST_PROGRAM", str(HERE.parents[1] / ".build" / "release" / "almagest"))

import h5py  # noqa: E402
import jobs  # noqa: E402
from archive import Archive, Database, run_psql  # noqa: E402

ROUNDS = 5
COLUMNS = "star_id, file_name, key_name, ra, dec, d1, d2, d3, r1, r2, r3, r4, r5, r6, r7, r8, i1, i2"


def main():
    database = Database(os.environ["ALMAGEST_TEST_DATABASE_URL"])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="almagest-speed-", dir="/tmp"))
    archive = Archive(folder / "archive", database.url, os.environ["ALMAGEST_TEST_REDIS_URL"])
    try:
        archive.folder.mkdir()
        (folder / "none").mkdir()
        data = os.environ.get("ALMAGEST_TEST_DATA")
        files = sorted(path for path in pathlib.Path(data).glob("*_*.h5") if path.name.startswith(("Complete", "Astro"))) if data else []
        filled = archive.run("ingest", "gaia", *files) if files else archive.run("demo", "--files", folder / "files")
        assert filled.returncode == 0, filled.stdout
        run_psql(database.url, (HERE / "stars.sql").read_text(), "VACUUM (ANALYZE) speed.stars")
        assert archive.run("ingest", HERE / "stars.yaml", folder / "none").returncode == 0
        archive.start()
        stream(archive, database)
        five_sources(archive, "the real files" if files else "the demo collection")
        jobs.measure(archive, database)
    finally:
        if archive.process:
            archive.stop()
        database.drop()
        shutil.rmtree(folder, ignore_errors=True)


def stream(archive, database):
    """A million rows in each format, against psql over the same socket."""
    ways = {
        "psql COPY binary": lambda: copy(database),
        "BINARY2": lambda: read(archive, COLUMNS, "votable"),
        "BINARY2 with access_url": lambda: read(archive, COLUMNS + ", access_url", "votable"),
        "TABLEDATA": lambda: read(archive, COLUMNS, "votable/td"),
        "CSV": lambda: read(archive, COLUMNS, "csv"),
    }
    for way in ways.values():
        way()
    before = memory(archive)
    times = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            times[name].append(timed(way))
    limit = statistics.median(times["psql COPY binary"])
    print("1,000,000 rows x 18 columns      median s   spread        rows/s against psql")
    for name, values in times.items():
        median = statistics.median(values)
        print("{:<32} {:>8.3f}   {:.3f}-{:.3f}   {:.2f}".format(name, median, min(values), max(values), limit / median))
    print("server memory: {} MB before, {} MB after\n".format(before, memory(archive)))


def copy(database):
    columns = COLUMNS.replace(" dec,", ' "dec",')
    command = ["psql", "-Xqd", database.url, "-c", "COPY (SELECT {} FROM speed.stars) TO STDOUT (FORMAT binary)".format(columns)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def read(archive, columns, form):
    query = urllib.parse.urlencode({"LANG": "ADQL", "QUERY": "SELECT {} FROM speed.stars".format(columns), "RESPONSEFORMAT": form})
    connection = http.client.HTTPConnection("127.0.0.1", archive.port)
    connection.request("GET", "/tap/sync?" + query)
    response = connection.getresponse()
    assert response.status == 200, response.read()
    buffer = bytearray(1 << 20)
    while response.readinto(buffer):
        pass
    connection.close()


def five_sources(archive, data, prepare=lambda: None):
    """Query, links, Cut & Merge and transfer of five sources and all their transits, each time others; `prepare` goes before each."""
    steps = {"query": [], "links": [], "Cut & Merge and transfer": [], "together": []}
    connection = http.client.HTTPConnection("127.0.0.1", archive.port)

    def ask(path, form=None):
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        connection.request("POST" if form else "GET", path, body=form, headers=headers)
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, body
        return body

    chance = random.Random(2016)
    for _ in range(40):
        query = (
            "SELECT s.id, t.id FROM (SELECT TOP 5 id, source_id FROM gaia.completesource ORDER BY source_id OFFSET {}) AS s "
            "JOIN gaia.astroelementary AS t ON s.source_id = t.source_id"
        ).format(chance.randrange(2000))
        prepare()
        marks = [time.perf_counter()]
        rows = ask("/tap/sync?" + urllib.parse.urlencode({"LANG": "ADQL", "QUERY": query, "RESPONSEFORMAT": "csv"}))
        marks.append(time.perf_counter())
        ids = sorted({cell for line in rows.decode().splitlines()[1:] for cell in line.split(",")})
        links = ask("/datalink", urllib.parse.urlencode([("id", id) for id in ids])).decode()
        marks.append(time.perf_counter())
        address = urllib.parse.urlsplit(re.search(r"<TD>(http[^<]*selection=[^<]*)</TD>", links)[1].replace("&amp;", "&"))
        product = ask(address.path + "?" + address.query)
        marks.append(time.perf_counter())
        with h5py.File(io.BytesIO(product)) as file:
            assert sorted(id.decode() for id in file["manifest"]["id"]) == ids
        for name, start, end in zip(steps, marks, marks[1:]):
            steps[name].append(1000 * (end - start))
        steps["together"].append(1000 * (marks[-1] - marks[0]))
    print("5 sources and all their transits, {}".format(data))
    for name, values in steps.items():
        print("{:<32} {:>8.1f} ms   {:.1f}-{:.1f}".format(name, statistics.median(values), min(values), max(values)))


def timed(way):
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


def memory(archive):
    status = pathlib.Path("/proc/{}/status".format(archive.process.pid)).read_text()
    return int(re.search(r"VmRSS:\s*(\d+)", status)[1]) // 1024


if __name__ == "__main__":
    main()
