"""/files: data files as they are, in whole and in part, and nothing else of the server's disk."""

import base64
import concurrent.futures
import hashlib
import http.client
import os
import pathlib
import re
import secrets
import shutil
import socket
import subprocess
import time

import pytest
import requests
from archive import run_psql


@pytest.fixture(scope="module")
def file(archive, originals):
    path = originals.files("CompleteSource")[0]
    return archive.base + "/files/" + path.name, path.read_bytes()


def test_a_file_comes_as_it_is(file, database):
    url, original = file
    answer = requests.get(url, timeout=60)
    assert answer.status_code == 200 and answer.content == original
    assert answer.headers["Content-Type"] == "application/x-hdf5"
    assert int(answer.headers["Content-Length"]) == len(original)
    assert answer.headers["Accept-Ranges"] == "bytes" and answer.headers["ETag"]
    recorded = database.copy("SELECT checksum FROM gaia.completesource WHERE file_name = '{}' LIMIT 1".format(url.rsplit("/", 1)[1]))
    assert recorded == [[hashlib.sha256(original).hexdigest()]]


def test_head_tells_the_same_without_the_bytes(file):
    url, original = file
    get, head = requests.get(url, timeout=60), requests.head(url, timeout=60)
    assert head.status_code == 200 and not head.content
    for name in ("Content-Length", "Content-Type", "ETag", "Accept-Ranges"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize(
    "asked, first, last", [("0-0", 0, 0), ("100-199", 100, 199), ("100-", 100, -1), ("-100", -100, -1), ("0-99999999999", 0, -1)])
def test_a_range_gives_that_part(file, asked, first, last):
    url, original = file
    size = len(original)
    first, last = first % size, last % size
    answer = requests.get(url, headers={"Range": "bytes=" + asked}, timeout=60)
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == "bytes {}-{}/{}".format(first, last, size)
    assert answer.content == original[first:last + 1] and int(answer.headers["Content-Length"]) == last - first + 1


def test_a_range_beyond_the_end_is_refused_with_the_size(file):
    url, original = file
    answer = requests.get(url, headers={"Range": "bytes={}-".format(len(original))}, timeout=60)
    assert answer.status_code == 416 and answer.headers["Content-Range"] == "bytes */{}".format(len(original))


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=x-y", "lines=1-2", "bytes="])
def test_a_range_that_is_none_is_ignored_or_refused(file, asked):
    url, original = file
    answer = requests.get(url, headers={"Range": asked}, timeout=60)
    assert answer.status_code == 416 or (answer.status_code == 200 and answer.content == original)


def test_a_tag_that_is_known_saves_the_transfer(file):
    url, original = file
    tag = requests.head(url, timeout=60).headers["ETag"]
    for known in (tag, "*", '"other", ' + tag, "W/" + tag.removeprefix("W/")):
        answer = requests.get(url, headers={"If-None-Match": known}, timeout=60)
        assert answer.status_code == 304 and not answer.content, known
    assert requests.get(url, headers={"If-None-Match": '"other"'}, timeout=60).content == original
    fitting = requests.get(url, headers={"Range": "bytes=0-9", "If-Range": tag}, timeout=60)
    assert fitting.status_code == 206
    changed = requests.get(url, headers={"Range": "bytes=0-9", "If-Range": '"other"'}, timeout=60)
    assert changed.status_code == 200 and changed.content == original


@pytest.mark.parametrize(
    "path",
    [
        "/files/", "/files/nothing.h5", "/files/../../../etc/passwd", "/files/%2e%2e/%2e%2e/etc/passwd", "/files/..%2f..%2f..%2fetc%2fpasswd",
        "/files//etc/passwd", "/files/%2fetc%2fpasswd", "/files/..\\..\\etc\\passwd", "/files/x%00.h5", "/files/%ff%fe.h5", "/files/" + "x" * 5000,
        "/files/%27%20OR%20%271%27%3d%271",
    ],
)
def test_only_data_files_can_be_reached(archive, path):
    connection = http.client.HTTPConnection("127.0.0.1", archive.port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 404, (answer.status, body[:200])
    assert b"root:" not in body
    assert str(archive.originals.folder).encode() not in body


def sha256(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def test_digests_are_told_as_they_are_wanted(file):
    url, original = file
    whole = sha256(original)
    plain = requests.head(url, timeout=60).headers
    assert plain["Repr-Digest"] == "sha-256=:{}:".format(whole) and "Digest" not in plain and "Content-Digest" not in plain
    assert "Repr-Digest" not in requests.head(url, headers={"Want-Repr-Digest": "sha-256=0"}, timeout=60).headers
    assert requests.head(url, headers={"Want-Digest": "sha-256;q=1, md5;q=0.1"}, timeout=60).headers["Digest"] == "sha-256=" + whole
    assert "Content-Digest" not in requests.get(url, headers={"Want-Content-Digest": "sha-512=5"}, timeout=60).headers
    get = requests.get(url, headers={"Want-Content-Digest": "sha-256=5"}, timeout=60)
    assert get.headers["Content-Digest"] == "sha-256=:{}:".format(whole)
    # Of a part, the content is one thing and the representation another.
    part = requests.get(url, headers={"Want-Content-Digest": "sha-256=5", "Range": "bytes=7-1006"}, timeout=60)
    assert part.headers["Content-Digest"] == "sha-256=:{}:".format(sha256(original[7:1007]))
    assert part.headers["Repr-Digest"] == "sha-256=:{}:".format(whole)


def test_who_wants_another_file_is_told_so(file):
    url, original = file
    tag = requests.head(url, timeout=60).headers["ETag"]
    assert requests.get(url, headers={"If-Match": '"other"'}, timeout=60).status_code == 412
    assert requests.get(url, headers={"If-Match": '"other", ' + tag}, timeout=60).content == original


# A data file of its own, larger than what any socket takes at once, whose bytes a test may change.


class Large:
    def __init__(self, database, folder):
        self.name = "large-{}.h5".format(secrets.token_hex(4))
        self.path = pathlib.Path(folder, self.name)
        block = secrets.token_bytes(1 << 20)
        self.content = b"".join(block[number:] + block[:number] for number in range(48)) + b"the end"
        self.database = database
        self.write()
        time.sleep(0.05)
        run_psql(
            database.url,
            "INSERT INTO almagest.files (collection, table_name, did_scope, did_name, did_rse, file_name, file_extension, checksum, size, format,"
            " location, objects) VALUES ((SELECT name FROM almagest.collections LIMIT 1), 'gaia.completesource', 'test', '{0}', 'test', '{0}', '.h5',"
            " '{1}', {2}, 'application/x-hdf5', '{3}', 0)".format(
                self.name, hashlib.sha256(self.content).hexdigest(), len(self.content), self.path))

    def write(self):
        self.path.write_bytes(self.content)

    def forget(self):
        run_psql(self.database.url, "DELETE FROM almagest.files WHERE file_name = '{}'".format(self.name))
        self.path.unlink(missing_ok=True)


@pytest.fixture
def large(archive, database, workplace):
    large = Large(database, workplace)
    large.url = archive.base + "/files/" + large.name
    yield large
    large.forget()


def test_a_large_file_comes_whole_and_in_any_part(large):
    size = len(large.content)
    with requests.Session() as session:
        assert session.get(large.url, timeout=60).content == large.content
        for first, last in ((0, 0), (0, 300_000), (5, size - 2), (size - 300_001, size - 1), (size - 1, size - 1), (8 << 20, (40 << 20) + 3)):
            answer = session.get(large.url, headers={"Range": "bytes={}-{}".format(first, last)}, timeout=60)
            assert answer.status_code == 206 and answer.content == large.content[first:last + 1], (first, last)
        # The connection is in order after all that.
        assert session.head(large.url, timeout=60).headers["Content-Length"] == str(size)


def test_many_get_a_large_file_at_the_same_time(large):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(lambda _: hashlib.sha256(requests.get(large.url, timeout=120).content).digest(), range(16)))
    assert digests == {hashlib.sha256(large.content).digest()}


@pytest.mark.parametrize("program", ["curl", "wget"])
def test_a_download_that_was_broken_off_goes_on(large, tmp_path, program):
    if not shutil.which(program):
        pytest.skip(program + " is not installed")
    target = tmp_path / "large.h5"
    target.write_bytes(large.content[:20_000_001])
    commands = {"curl": ["curl", "-sSf", "-C", "-", "-o", str(target), large.url], "wget": ["wget", "-q", "-c", "-O", str(target), large.url]}
    subprocess.run(commands[program], check=True, timeout=60)
    assert target.read_bytes() == large.content


class SlowReader:
    """Takes the head and the first bytes of an answer; the rest waits in the server until it is asked for."""

    def __init__(self, archive, path):
        self.socket = socket.socket()
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", archive.port))
        self.socket.sendall("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n".format(path).encode())
        self.head, _, self.body = self.take(65536).partition(b"\r\n\r\n")

    def take(self, count):
        received = bytearray()
        while len(received) < count:
            try:
                part = self.socket.recv(65536)
            except ConnectionResetError:
                break
            if not part:
                break
            received += part
        return bytes(received)

    def rest(self, size):
        self.body += self.take(size - len(self.body))
        self.socket.close()
        return self.body


@pytest.mark.parametrize("change", ["cut", "overwritten"])
def test_a_file_that_changes_while_it_is_sent_breaks_the_connection(archive, large, change):
    reader = SlowReader(archive, "/files/" + large.name)
    size = len(large.content)
    assert reader.head.startswith(b"HTTP/1.1 200") and "Content-Length: {}".format(size).lower().encode() in reader.head.lower()
    time.sleep(0.1)
    if change == "cut":
        os.truncate(large.path, size // 2)
    else:
        with open(large.path, "r+b") as file:
            file.seek(size - 100)
            file.write(b"x" * 100)
    body = reader.rest(size)
    assert len(body) < size and large.content.startswith(body)
    # And nobody else gets it.
    answer = requests.get(large.url, timeout=60)
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0 and large.name in answer.text
    assert str(large.path.parent) not in answer.text
    large.write()
    assert requests.get(large.url, timeout=60).content == large.content


def test_a_file_that_is_replaced_while_it_is_sent_comes_as_it_was(archive, large):
    reader = SlowReader(archive, "/files/" + large.name)
    other = large.path.with_suffix(".new")
    other.write_bytes(b"0" * len(large.content))
    os.replace(other, large.path)
    assert reader.rest(len(large.content)) == large.content
    # The new one is not what the archive took in, although it has the size.
    assert requests.get(large.url, timeout=60).status_code == 503
    assert requests.get(large.url, headers={"Range": "bytes=0-9"}, timeout=60).status_code == 503
    assert requests.head(large.url, timeout=60).status_code == 503


def test_a_file_that_is_gone_is_told_so(large):
    large.path.unlink()
    assert requests.get(large.url, timeout=60).status_code == 503
    large.write()
    assert requests.get(large.url, timeout=60).content == large.content


def memory(process):
    return int(re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path("/proc/{}/status".format(process.pid)).read_text()).group(1)) / 1000


def test_readers_who_wait_cost_no_memory(archive, large):
    requests.get(large.url, timeout=60)
    before = memory(archive.process)
    readers = [SlowReader(archive, "/files/" + large.name) for _ in range(20)]
    time.sleep(0.3)
    assert memory(archive.process) - before < 20
    for reader in readers:
        assert large.content.startswith(reader.rest(1_000_000)), "a reader who leaves early"
    assert requests.get(large.url, timeout=60).content == large.content
