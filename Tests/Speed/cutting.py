"""Measures Cut & Merge on a generated archive: each layout, and beside it what h5py takes for the same copies of the same files.

With VERIFY=1 nothing is measured: h5py compares 50,000 objects of each layout, one by one, with the originals.
The files are kept in the folder that ALMAGEST_BENCH_FILES names (else made anew each time). With SMALL=1 there are few and small ones, to try the script.
Each row is the median of fresh selections; "merge" is the work of the process that cuts, "whole" is the request from its sending to its last byte.
"""

import collections
import http.client
import io
import os
import pathlib
import random
import re
import shutil
import statistics
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Clients"))
os.environ.setdefault("ALMAGEST_PROGRAM", str(HERE.parents[1] / ".build" / "release" / "almagest"))

import cutting_files  # noqa: E402
import five  # noqa: E402
import h5py  # noqa: E402
import numpy as np  # noqa: E402
from archive import Archive, Database  # noqa: E402
from report import Report  # noqa: E402
from sameness import assert_same, assert_same_rows  # noqa: E402

SMALL = bool(os.environ.get("SMALL"))
ROUNDS = 5


def main():
    work = pathlib.Path(tempfile.mkdtemp(prefix="almagest-cutting-", dir="/tmp"))
    files = pathlib.Path(os.environ.get("ALMAGEST_BENCH_FILES", work / "files"))
    database = Database(os.environ["ALMAGEST_TEST_DATABASE_URL"])
    archive = Archive(work / "archive", database.url, os.environ["ALMAGEST_TEST_REDIS_URL"])
    try:
        paths = {layout: cutting_files.make(files, layout, SMALL) for layout in cutting_files.LAYOUTS}
        archive.folder.mkdir()
        print("files made" if SMALL else "200 files x 5,000 objects and others made", flush=True)
        filled = archive.run("ingest", HERE / "cutting.yaml", *{path.parent for group in paths.values() for path in group})
        assert filled.returncode == 0, filled.stdout
        print(filled.stdout.strip().splitlines()[-1], flush=True)
        archive.start()
        print("{:<44}{:>10}{:>10}{:>10}{:>8}".format("ms, medians", "merge", "whole", "h5py", "ratio"))
        table = []
        if os.environ.get("VERIFY"):
            for layout in paths:
                verify(archive, paths[layout], layout, 200 if SMALL else 50_000)
            return
        for layout, count, bar, least in BARS:
            table.append(layer(archive, work, paths[layout], layout, min(count, 200) if SMALL else count, bar, least))
        cached(archive)
        gaia(archive, work)
        if os.environ.get("RECORD"):
            record(pathlib.Path(os.environ["RECORD"]), table)
    finally:
        if archive.process:
            archive.stop()
        database.drop()
        shutil.rmtree(work, ignore_errors=True)


#: Layout, objects, milliseconds that the merge may take, and how many times faster than h5py it has to be.
BARS = [
    ("groups", 1000, 300, 3), ("compounds", 10_000, 400, 3), ("compounds", 50_000, 4000, None), ("records", 10_000, 40, None),
    ("columns", 10_000, 60, None),
]


def layer(archive, work, paths, layout, count, bar, least):
    """One layout: our way and h5py's in turn."""
    rounds = ROUNDS if count < 50_000 else 3
    first, each = numbers(paths, layout)
    chance = random.Random(count)
    merge, whole, peer, memory = [], [], [], 0
    for number in range(rounds + 1):
        keys = sorted(first + index for index in chance.sample(range(each * len(paths)), count))
        ids = identifiers(archive, layout, keys)
        watch = Memory(archive)
        start = time.perf_counter()
        body = fetch(archive, ids)
        took = time.perf_counter() - start
        memory = max(memory, watch.end())
        if number == 0:
            # The first round warms up, and is looked at.
            with h5py.File(io.BytesIO(body)) as product:
                assert len(product["manifest"]) == count and set(product["manifest"]["status"]) == {b"ok"}
            continue
        whole.append(took)
        merge.append(made(archive))
        wanted = collections.defaultdict(list)
        for key in keys:
            wanted[paths[(key - first) // each]].append(key)
        start = time.perf_counter()
        PEERS[layout](wanted, work / "peer.h5", first, each)
        peer.append(time.perf_counter() - start)
    values = [1000 * statistics.median(times) for times in (merge, whole, peer)]
    name = "{:,} {} from {} files".format(count, {"groups": "groups of 21 datasets", "compounds": "compound objects"}.get(layout, layout), len(paths))
    is_reached = values[0] < bar and (not least or values[2] >= least * values[0])
    print(
        "{:<44}{:>10.1f}{:>10.1f}{:>10.1f}{:>8.1f}   bar {} ms{}: {}; worker's memory {} MB".format(
            name, *values, values[2] / values[0], bar, ", {} x".format(least) if least else "", "ok" if is_reached else "MISSED", memory), flush=True)
    return "| {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {} MB | < {} ms{} | {} |".format(
        name, *values, values[2] / values[0], memory, bar, ", ≥ {} x".format(least) if least else "", "ok" if is_reached else "missed")


HEADING = "## Cut & Merge"


def record(path, table):
    """Puts the table at the end of the report."""
    head = path.read_text().split(HEADING)[0].rstrip() if path.exists() else "# Speed"
    lines = [
        head, "", HEADING, "",
        "Fresh selections from generated files. The merge is the work of the process that cuts, the whole goes from the request to its last byte;",
        "h5py makes the same copies of the same files, and the ratio is its time by the merge's. Memory is the worker's.", "",
        "| objects | merge, ms | whole, ms | h5py, ms | ratio | memory | bar | |", "|---|---|---|---|---|---|---|---|", *table]
    path.write_text("\n".join(lines) + "\n")


def numbers(paths, layout):
    """The first object's number and the objects of each file."""
    with h5py.File(paths[0]) as file:
        each = file["objects"].shape[0] if layout == "records" else file["object_id"].shape[0] if layout == "columns" else len(file)
    return 10_000_000 * (1 + list(cutting_files.LAYOUTS).index(layout)), each


def verify(archive, paths, layout, count):
    first, each = numbers(paths, layout)
    keys = random.Random(7).sample(range(first, first + each * len(paths)), min(count, each * len(paths)))
    ids = identifiers(archive, layout, keys)
    bodies = [fetch(archive, order) for order in (ids, ids[::-1])]
    assert bodies[0] == bodies[1]
    files = {path.name: h5py.File(path, "r") for path in paths}
    with h5py.File(io.BytesIO(bodies[0])) as product:
        records = product["manifest"][()]
        assert len(records) == len(keys) and set(records["id"]) == {id.encode() for id in ids} and set(records["status"]) == {b"ok"}
        rows = collections.defaultdict(list)
        for record in records:
            file = files[record["source_file"].decode()]
            if layout in ("groups", "compounds"):
                assert_same(product[record["path"]], file[record["key"]])
            else:
                rows[file].append((int(record["row"]), int(record["key"])))
        for file, pairs in rows.items():
            for name in file:
                assert_same_rows(product[name], file[name], pairs, name)
    for file in files.values():
        file.close()
    print("{}: {:,} objects are the same, and so are the bytes of two products".format(layout, len(keys)), flush=True)


def identifiers(archive, layout, keys):
    """The rows' ids, as a query would give them."""
    query = "SELECT id FROM cutting.{} WHERE object_id IN ({})"
    found = []
    for start in range(0, len(keys), 5000):
        part = ",".join(map(str, keys[start:start + 5000]))
        answer = archive.query(query.format(layout, part), RESPONSEFORMAT="csv")
        assert answer.status_code == 200, answer.text[:500]
        found += answer.text.split()[1:]
    assert len(found) == len(keys)
    return found


def fetch(archive, ids):
    connection = http.client.HTTPConnection("127.0.0.1", archive.port, timeout=300)
    body = "&".join("id=" + id for id in ids)
    connection.request("POST", "/datalink/cutmerge", body, {"Content-Type": "application/x-www-form-urlencoded"})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    assert response.status == 200, content[:1000]
    return content


def made(archive):
    """Seconds that the last product took to make, as the server's log has it."""
    lines = re.findall(r"cut_ms=([0-9.]+)", archive.log.read_text())
    return float(lines[-1]) / 1000


class Memory:
    """The largest resident memory of a process that cuts, looked at while it works."""

    def __init__(self, archive):
        self.server, self.most, self.over = archive.process.pid, 0, False
        self.thread = threading.Thread(target=self.look)
        self.thread.start()

    def look(self):
        while not self.over:
            for task in pathlib.Path("/proc/{0}/task".format(self.server)).glob("*/children"):
                try:
                    children = task.read_text().split()
                except OSError:
                    continue
                for child in children:
                    try:
                        status = pathlib.Path("/proc/{}/status".format(child)).read_text()
                    except OSError:
                        continue
                    peak = re.search(r"VmHWM:\s*(\d+)", status)
                    self.most = max(self.most, int(peak[1]) // 1024 if peak else 0)
            time.sleep(0.02)

    def end(self):
        self.over = True
        self.thread.join()
        return self.most


def copies(wanted, target, first, each):
    with h5py.File(target, "w") as product:
        for path, keys in wanted.items():
            with h5py.File(path, "r") as file:
                for key in keys:
                    file.copy("Object_{}".format(key), product)


def records(wanted, target, first, each):
    """As fast as it goes with h5py: whole datasets, then the rows."""
    with h5py.File(target, "w") as product:
        parts = []
        for path, keys in wanted.items():
            with h5py.File(path, "r") as file:
                parts.append(file["objects"][()][[(key - first) % each for key in keys]])
        product.create_dataset("objects", data=np.concatenate(parts), chunks=(128,), maxshape=(None,))


def columns(wanted, target, first, each):
    parts = collections.defaultdict(list)
    with h5py.File(target, "w") as product:
        for path, keys in wanted.items():
            rows = [(key - first) % each for key in keys]
            with h5py.File(path, "r") as file:
                for name in file:
                    parts[name].append(file[name][()][rows])
        for name, arrays in parts.items():
            product.create_dataset(name, data=np.concatenate(arrays))


PEERS = {"groups": copies, "compounds": copies, "records": records, "columns": columns}


def cached(archive):
    """A product that is there already: time to the first byte, on a connection that is open."""
    keys = [10_000_000 + 3 * index for index in range(50)]
    ids = identifiers(archive, "groups", keys)
    connection = http.client.HTTPConnection("127.0.0.1", archive.port)
    body = "&".join("id=" + id for id in ids)
    times = []
    for _ in range(100):
        start = time.perf_counter()
        connection.request("POST", "/datalink/cutmerge", body, {"Content-Type": "application/x-www-form-urlencoded"})
        response = connection.getresponse()
        response.read(1)
        times.append(1000 * (time.perf_counter() - start))
        response.read()
    times.sort()
    print("{:<44}{:>10}{:>10.2f}   p90 {:.2f}".format("a product of 50 groups that is kept, first byte", "", times[50], times[90]))


def gaia(archive, work):
    """Five sources and all their transits, from the question to the last byte: first warm, then with the data files dropped from memory."""
    data = os.environ.get("ALMAGEST_TEST_DATA")
    files = sorted(path for path in pathlib.Path(data).glob("*_*.h5") if path.name.startswith(("Complete", "Astro"))) if data else []
    filled = archive.run("ingest", "gaia", *files) if files else archive.run("demo", "--files", work / "demo")
    assert filled.returncode == 0, filled.stdout
    files = files or list((work / "demo").rglob("*.h5"))

    def drop():
        for path in files:
            with open(path, "rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    report = Report()
    five.measure(archive, report, "warm; bar 20 ms")
    five.measure(archive, report, "the data files dropped from memory; bar 60 ms", drop, seed=2017)


if __name__ == "__main__":
    main()
