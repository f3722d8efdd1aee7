"""/files: data files as they are, in whole and in part, and nothing else of the server's disk."""

import hashlib
import http.client

import pytest
import requests


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
    assert answer.status in (400, 404, 414), (answer.status, body[:200])
    assert b"root:" not in body
    assert str(archive.originals.folder).encode() not in body
