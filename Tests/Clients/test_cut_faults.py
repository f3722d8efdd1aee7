"""Cut & Merge while things break: files, disks, workers, servers, clients and Redis. Right answers, nothing half-made, and all well afterwards."""

import concurrent.futures
import hashlib
import io
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import socket
import threading
import time

import h5py
import pytest
import requests
from archive import Archive, PrivateRedis, wait_until
from astropy.table import Table
from links import HDF5, manifest
from sameness import assert_same


@pytest.fixture(scope="module")
def place(servers, new_database, workplace, originals):
    """A database that is filled from copies of a few files, which may be damaged."""
    folder = workplace / "faults"
    (folder / "files").mkdir(parents=True)
    for path in originals.files("CompleteSource")[:4] + originals.files("AstroElementary")[:4]:
        shutil.copy(path, folder / "files")
        (folder / "files" / path.name).chmod(0o644)
    place = Place(folder, new_database().url, servers[1])
    filled = place.server().run("ingest", "gaia", folder / "files")
    assert filled.returncode == 0, filled.stdout
    return place


class Place:
    def __init__(self, folder, database_url, redis_url):
        self.folder, self.database_url, self.redis_url = folder, database_url, redis_url
        self.files = folder / "files"
        self.count = 0

    def server(self, **settings):
        """A server over the same database and files; with a folder of its own unless `state` names one."""
        self.count += 1
        folder = self.folder / settings.pop("state", "server{}".format(self.count))
        archive = Archive(folder, self.database_url, settings.pop("redis", self.redis_url))
        archive.settings |= {"ALMAGEST_" + name: str(value) for name, value in settings.items()}
        archive.products = folder / "state" / "products"
        return archive

    @property
    def sources(self):
        return sorted(self.files.glob("CompleteSource_*"))


@pytest.fixture
def server(place):
    server = place.server().start()
    yield server
    assert server.process.poll() is None, server.log.read_text()[-3000:]
    assert server.stop() == 0
    settled(server)


@pytest.fixture(scope="module")
def all_rows(place):
    server = place.server().start()
    text = server.query("SELECT id, file_name, key_name FROM gaia.completesource ORDER BY source_id", RESPONSEFORMAT="csv").text
    assert server.stop() == 0
    return list(Table.read(text, format="ascii.csv"))


def some(all_rows, count, seed, file=None):
    rows = [row for row in all_rows if file is None or row["file_name"] == file]
    return random.Random(seed).sample(rows, count)


def ask(server, rows, **options):
    return requests.post(server.base + "/datalink/cutmerge", data={"id": [row["id"] for row in rows]}, timeout=120, **options)


def records(answer):
    assert answer.status_code == 200, answer.text[:500]
    with h5py.File(io.BytesIO(answer.content)) as product:
        return manifest(product)


def assert_whole(place, answer, rows):
    """The product holds all these rows, and nothing is missing from it."""
    assert answer.status_code == 200, answer.text[:500]
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert answer.headers["ETag"].strip('"') == hashlib.sha256(answer.content).hexdigest()
    with h5py.File(io.BytesIO(answer.content)) as product:
        found = manifest(product)
        assert {record["id"] for record in found} == {row["id"] for row in rows}
        for record in found:
            assert record["status"] == "ok", record
        for record in random.Random(0).sample(found, min(20, len(found))):
            with h5py.File(place.files / record["source_file"]) as file:
                assert_same(product[record["path"]], file[record["key"]])


def settled(server):
    """Nothing unfinished lies about: only products with their facts."""
    names = {path.name for path in server.products.iterdir()}
    assert not [name for name in names if name.startswith(".") or name.endswith(".part")], names


def is_busy(server):
    return any(path.name.endswith(".part") for path in server.products.iterdir())


# MARK: files


def damage(path, how):
    whole = path.read_bytes()
    if how == "truncated":
        path.write_bytes(whole[: len(whole) // 3])
    elif how == "missing":
        path.unlink()
    elif how == "replaced":
        path.write_bytes(whole + b"\0" * 8)
    elif how == "unreadable":
        path.unlink()
        path.mkdir()
    elif how == "another file":
        path.write_bytes(b"not HDF5".ljust(len(whole), b"."))
    elif how == "changed":
        # One number of one object, in a file that is as good as before to all who do not know its checksum.
        with h5py.File(path, "r+") as file:
            for name in file:
                file[name]["alpha"][...] = 0.5
                break
        assert path.stat().st_size == len(whole)
    return whole


@pytest.mark.parametrize("how", ["truncated", "missing", "replaced", "unreadable", "another file", "changed"])
def test_a_file_that_is_gone_wrong_fails_its_own_rows(place, server, all_rows, how):
    bad = place.sources[0]
    mixed = some(all_rows, 40, how) + some(all_rows, 5, how + "2", bad.name)
    mixed = list({row["id"]: row for row in mixed}.values())
    lost = some(all_rows, 5, how + "3", bad.name)
    whole = damage(bad, how)
    try:
        for record in records(ask(server, mixed)):
            assert record["status"] == ("unreadable" if record["source_file"] == bad.name else "ok"), record
            assert bool(record["reason"]) == (record["source_file"] == bad.name) and "/" not in record["reason"], record
        answer = ask(server, lost)
        assert answer.status_code == 404 and "could be cut" in answer.text and str(place.files) not in answer.text
    finally:
        if bad.is_dir():
            bad.rmdir()
        bad.write_bytes(whole)
    # What could not be read is read again.
    assert_whole(place, ask(server, mixed), mixed)
    assert_whole(place, ask(server, lost), lost)


def test_bits_that_flip_never_end_the_server(place, server, all_rows):
    bad = place.sources[1]
    whole = bad.read_bytes()
    statuses = set()
    try:
        for seed in range(8):
            flipped = bytearray(whole)
            chance = random.Random(seed)
            # The superblock stays, so that the file opens.
            for _ in range(len(flipped) // 400):
                flipped[chance.randrange(96, len(flipped))] ^= 1 << chance.randrange(8)
            bad.write_bytes(flipped)
            rows = some(all_rows, 30, seed, bad.name) + some(all_rows, 10, seed, place.sources[2].name)
            found = records(ask(server, rows))
            assert len(found) == 40
            for record in found:
                statuses.add(record["status"])
                assert record["status"] == "ok" or record["source_file"] == bad.name and record["reason"], record
            assert server.query("SELECT TOP 1 source_id FROM gaia.completesource").status_code == 200
    finally:
        bad.write_bytes(whole)
    assert "unreadable" in statuses
    rows = some(all_rows, 30, 99, bad.name)
    assert_whole(place, ask(server, rows), rows)


def test_ingest_takes_what_is_whole_among_damaged_files(place, servers, new_database, workplace):
    folder = workplace / "flipped"
    folder.mkdir()
    good = place.sources[2]
    shutil.copy(good, folder)
    whole = place.sources[3].read_bytes()
    for number in range(24):
        flipped = bytearray(whole)
        chance = random.Random(number)
        for _ in range(len(flipped) // 400):
            flipped[chance.randrange(96, len(flipped))] ^= 1 << chance.randrange(8)
        (folder / "CompleteSource_{:06d}_0001.h5".format(number)).write_bytes(flipped)
    archive = Archive(workplace / "flipped-archive", new_database().url, servers[1])
    filled = archive.run("ingest", "gaia", folder)
    assert filled.returncode == 1, filled.stdout
    assert "25 files: " in filled.stdout and "24 failed" in filled.stdout, filled.stdout
    assert "1 ingested" in filled.stdout and "200 rows" in filled.stdout


# MARK: disk, workers, servers


def test_a_full_disk_is_told_and_leaves_nothing(place, all_rows):
    server = place.server()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The server and its workers may write no larger file.
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, limit[1]))
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        server.start()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    many, few = some(all_rows, 300, 1), some(all_rows, 3, 2)
    answer = ask(server, many)
    assert answer.status_code == 503 and answer.headers["Retry-After"], answer.text[:500]
    assert "can't be written" in answer.text and str(place.folder) not in answer.text
    settled(server)
    assert_whole(place, ask(server, few), few)
    assert server.stop() == 0
    settled(server)


def test_a_worker_that_is_killed_is_replaced(place, server, all_rows):
    """Whenever a product is under way its worker is killed, again and again; others wait a little longer, and nobody gets half a file."""
    ask(server, some(all_rows, 1, 0))
    over = threading.Event()
    killed = []

    def kill():
        while not over.is_set():
            if len(killed) < 3 and is_busy(server):
                for worker in server.workers():
                    os.kill(worker, signal.SIGKILL)
                    killed.append(worker)
                time.sleep(0.5)
            time.sleep(0.002)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        for seed in range(6):
            rows = some(all_rows, 500, seed)
            answer = ask(server, rows)
            # Killed twice in one product, it is given up with a word; no file is blamed that is well.
            if answer.status_code == 200:
                assert_whole(place, answer, rows)
            else:
                assert answer.status_code == 500 and "broken off twice" in answer.text, answer.text[:500]
    finally:
        over.set()
        thread.join()
    assert killed
    rows = some(all_rows, 500, 77)
    assert_whole(place, ask(server, rows), rows)


def test_a_server_that_is_killed_leaves_nothing_to_its_successor(place, all_rows):
    server = place.server(state="mortal").start()
    rows = all_rows
    with concurrent.futures.ThreadPoolExecutor() as pool:
        lost = pool.submit(ask, server, rows)
        wait_until(lambda: is_busy(server), "a product is under way", 20)
        cutters = server.workers()
        server.kill()
        with pytest.raises(requests.ConnectionError):
            lost.result()
    wait_until(lambda: not any(pathlib.Path("/proc/{}/cwd".format(worker)).exists() for worker in cutters), "the workers have ended", 20)
    assert not [path for path in server.products.iterdir() if path.suffix == ".h5" and not path.name.startswith(".")]
    again = place.server(state="mortal").start()
    settled(again)
    assert_whole(place, ask(again, rows), rows)
    assert again.stop() == 0


# MARK: clients


def made(server):
    return len(re.findall(r"a product was made", server.log.read_text()))


def test_a_hundred_who_ask_for_the_same_get_it_from_one_making_in_two_servers(place, all_rows):
    servers = [place.server(state="shared") for _ in range(2)]
    for server in servers:
        server.start()
    rows = some(all_rows, 400, 5)
    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda number: ask(servers[number % 2], rows if number % 3 else rows[::-1]), range(100)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert_whole(place, answers[0], rows)
    assert sum(made(server) for server in servers) == 1
    for server in servers:
        assert server.stop() == 0
    settled(servers[0])


def test_a_hundred_with_their_own_all_get_theirs_and_tap_answers_meanwhile(place, server, all_rows):
    over = threading.Event()
    answered = []

    def query():
        while not over.is_set():
            answered.append(server.query("SELECT TOP 3 source_id FROM gaia.completesource").status_code)

    with concurrent.futures.ThreadPoolExecutor(101) as pool:
        watch = pool.submit(query)
        rows = [some(all_rows, 20, 1000 + number) for number in range(100)]
        answers = list(pool.map(lambda wanted: ask(server, wanted), rows))
        over.set()
        watch.result()
    for answer, wanted in zip(answers[::10], rows[::10]):
        assert_whole(place, answer, wanted)
    assert {answer.status_code for answer in answers} == {200}
    assert answered and set(answered) == {200}


def test_more_than_may_wait_are_told_to_come_again(place, all_rows):
    server = place.server(CUT_WORKERS=1, CUT_QUEUE=2).start()
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda seed: ask(server, some(all_rows, 300, 2000 + seed)), range(12)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 503} and statuses.count(200) >= 3
    for answer in answers:
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0 and "products wait" in answer.text
    rows = some(all_rows, 3, 3)
    assert_whole(place, ask(server, rows), rows)
    assert server.stop() == 0


def test_a_product_above_the_limit_of_bytes_is_refused(place, all_rows):
    server = place.server(CUT_BYTES=1_000_000).start()
    answer = ask(server, some(all_rows, 600, 4))
    assert answer.status_code == 413 and "1000000 bytes" in answer.text
    rows = some(all_rows, 30, 4)
    assert_whole(place, ask(server, rows), rows)
    settled(server)
    assert server.stop() == 0


def test_a_client_that_hangs_up_ends_the_making(place, server, all_rows):
    ask(server, some(all_rows, 1, 0))
    body = "&".join("id=" + row["id"] for row in all_rows).encode()
    head = "POST /datalink/cutmerge HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall(head.format(len(body)).encode() + body)
        wait_until(lambda: is_busy(server), "the product is under way", 20)
    wait_until(lambda: not is_busy(server), "the making has ended", 20)
    assert not [path for path in server.products.iterdir() if path.suffix == ".h5" and path.stat().st_size > 500_000]
    rows = some(all_rows, 5, 8)
    assert_whole(place, ask(server, rows), rows)


def test_products_of_named_rows_are_made_without_redis_and_those_of_selections_when_it_is_back(place, all_rows, workplace):
    folder = workplace / "cut-redis"
    folder.mkdir()
    redis = PrivateRedis(folder)
    redis.start()
    server = place.server(redis=redis.url).start()
    rows = some(all_rows, 6, 9)
    assert_whole(place, ask(server, rows[:2]), rows[:2])
    redis.stop()
    answers = [ask(server, [row]) for row in rows[2:5]]
    for answer, row in zip(answers, rows[2:5]):
        assert_whole(place, answer, [row])
    assert server.query("SELECT TOP 1 source_id FROM gaia.completesource").status_code == 200
    redis.start()
    assert_whole(place, ask(server, rows), rows)
    assert ask(server, rows).headers["Content-Type"] == HDF5
    assert server.stop() == 0
    redis.stop()
