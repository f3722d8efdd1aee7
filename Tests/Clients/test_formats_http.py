"""How results travel: compressed where it is offered, told when rows are missing, and broken off when they can't be told of a failure."""

import gzip
import io
import re
import subprocess
import zlib

import pyarrow.parquet
import pytest
import pyvo
import requests
import zstandard
from astropy.io import fits
from astropy.io.votable import parse

NUMBERS = "SELECT n, t, x FROM torture.numbers"
# The last of 120,000 rows divides by zero.
FAILS_LATE = "SELECT n, t, 1 / (n - 120000) AS q FROM torture.numbers"
VOTABLES = ["votable/td", "votable/b", "votable/b2"]
OTHERS = ["csv", "tsv", "json", "parquet", "text", "html"]


@pytest.fixture(scope="module")
def archive(torture_archive):
    return torture_archive


def url(archive, query, form, **parameters):
    parameters = {"LANG": "ADQL", "QUERY": query, "RESPONSEFORMAT": form, **parameters}
    return requests.Request("GET", archive.base + "/tap/sync", params=parameters).prepare().url


def plain(archive, query, form, **parameters):
    answer = requests.get(url(archive, query, form, **parameters), headers={"Accept-Encoding": "identity"}, timeout=60)
    assert "Content-Encoding" not in answer.headers
    return answer


@pytest.mark.parametrize("form", ["votable/b2", "votable/td", "csv", "json", "fits", "text"])
@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_compressed_answer_holds_the_same_bytes(archive, form, coding):
    expected = plain(archive, NUMBERS, form, MAXREC=60000).content
    answer = requests.get(url(archive, NUMBERS, form, MAXREC=60000), headers={"Accept-Encoding": coding}, timeout=60, stream=True)
    assert answer.headers["Content-Encoding"] == coding and "Accept-Encoding" in answer.headers["Vary"]
    body = answer.raw.read(decode_content=False)
    if coding == "gzip":
        reader = zlib.decompressobj(31)
        found = reader.decompress(body)
        assert reader.eof and not reader.unused_data
    else:
        found = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(body)).read()
    # Lines of base64 end where the rows came in late.
    assert found.replace(b"\n", b"") == expected.replace(b"\n", b"")


@pytest.mark.parametrize(
    "offered, coding",
    [(None, None), ("identity", None), ("gzip;q=0", None), ("gzip, deflate", "gzip"), ("gzip, deflate, br, zstd", "zstd"), ("zstd;q=0.1, gzip", "gzip")],
)
def test_what_the_client_offers_is_what_it_gets(archive, offered, coding):
    answer = requests.get(url(archive, "SELECT TOP 2000 n FROM torture.numbers", "csv"), headers={"Accept-Encoding": offered}, timeout=60, stream=True)
    assert answer.headers.get("Content-Encoding") == coding
    # What fits a packet gains nothing.
    small = requests.get(url(archive, "SELECT TOP 5 n FROM torture.numbers", "csv"), headers={"Accept-Encoding": offered}, timeout=60)
    assert small.headers.get("Content-Encoding") is None and len(small.content.split()) == 6


def test_parquet_is_not_compressed_twice(archive):
    answer = requests.get(url(archive, NUMBERS, "parquet"), headers={"Accept-Encoding": "gzip"}, timeout=60)
    assert "Content-Encoding" not in answer.headers and answer.content[:4] == b"PAR1" == answer.content[-4:]


@pytest.mark.parametrize("form", VOTABLES)
@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
def test_a_late_failure_ends_a_votable_that_says_so(archive, form, coding):
    answer = requests.get(url(archive, FAILS_LATE, form), headers={"Accept-Encoding": coding}, timeout=60, stream=True)
    assert answer.status_code == 200
    body = answer.raw.read(decode_content=False)
    if coding == "gzip":
        body = gzip.decompress(body)
    if coding == "zstd":
        body = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(body)).read()
    document = parse(io.BytesIO(body), verify="exception")
    told = [info for info in document.resources[0].infos if info.name == "QUERY_STATUS"]
    assert [info.value for info in told] == ["OK", "ERROR"] and "division by zero" in told[-1].content
    rows = document.get_first_table().array
    assert 0 < len(rows) < 120000 and rows["t"][-1] == "row number {}".format(rows["n"][-1])


def test_pyvo_raises_a_late_failure(archive):
    with pytest.raises(pyvo.dal.DALQueryError, match="division by zero"):
        pyvo.dal.TAPService(archive.base + "/tap").search(FAILS_LATE)


@pytest.mark.parametrize("form", OTHERS)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_late_failure_breaks_the_connection_of_other_formats(archive, form, coding):
    with pytest.raises(requests.exceptions.RequestException):
        answer = requests.get(url(archive, FAILS_LATE, form), headers={"Accept-Encoding": coding}, timeout=60)
        # Parquet holds so many rows back that the failure may come first, and has its own status.
        answer.raise_for_status()
        raise AssertionError("{} bytes passed for the whole".format(len(answer.content)))


@pytest.mark.parametrize("options", [[], ["--compressed"]])
def test_curl_fails_where_a_result_is_broken_off(archive, options):
    done = subprocess.run(["curl", "-sS", "-o", "/dev/null", *options, url(archive, FAILS_LATE, "csv")], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and done.stderr


def test_a_cut_gzip_stream_has_no_end(archive):
    """Even a client that overlooks the broken chunks sees that gzip's trailer is missing."""
    answer = requests.get(url(archive, FAILS_LATE, "csv"), headers={"Accept-Encoding": "gzip"}, timeout=60, stream=True)
    body = b""
    try:
        while part := answer.raw.read(65536, decode_content=False):
            body += part
    except Exception as broken:
        assert "ncomplete" in str(broken) or "rotocol" in type(broken).__name__, broken
    reader = zlib.decompressobj(31)
    assert reader.decompress(body) and not reader.eof


def test_fits_tells_a_late_failure_as_an_error_of_its_own(archive):
    answer = plain(archive, FAILS_LATE, "fits")
    assert answer.status_code == 400 and "division by zero" in answer.text and "ERROR" in answer.text


LIMITED = ["csv", "json", "fits", "parquet", "text", "html", *VOTABLES]


@pytest.mark.parametrize("form", LIMITED)
def test_overflow_is_told_with_its_limit_wherever_it_can_be(archive, form):
    words = "cut after 7 rows, the MAXREC of the request"
    answer = plain(archive, NUMBERS, form, MAXREC=7)
    content = answer.content
    if form == "fits":
        header = fits.open(io.BytesIO(content))[1].header
        assert header["QSTATUS"] == "OVERFLOW" and words in "".join(line.ljust(72) for line in header["COMMENT"])
    elif form == "parquet":
        metadata = pyarrow.parquet.ParquetFile(io.BytesIO(content)).metadata
        assert metadata.num_rows == 7 and words in metadata.metadata[b"IVOA.VOTable-Parquet.content"].decode()
    elif form == "csv":
        # The trailer is the only place.
        done = subprocess.run(["curl", "-sS", "--raw", url(archive, NUMBERS, "csv", MAXREC=7)], capture_output=True, text=True, timeout=60)
        assert re.search("\n0\n+query-status: OVERFLOW; the result was " + words, done.stdout.replace("\r", ""), re.I), done.stdout
    else:
        assert words in content.decode()
    whole = plain(archive, "SELECT TOP 7 n FROM torture.numbers", form, MAXREC=7)
    assert whole.status_code == 200 and b"OVERFLOW" not in whole.content and b"cut after" not in whole.content


@pytest.mark.parametrize(
    "form, disposition",
    [("csv", 'attachment; filename="numbers.csv"'), ("fits", 'attachment; filename="numbers.fits"'), ("parquet", 'attachment; filename="numbers.parquet"'),
     ("json", 'inline; filename="numbers.json"'), ("text", 'inline; filename="numbers.txt"'), ("votable", None)],
)
def test_files_have_names(archive, form, disposition):
    assert plain(archive, "SELECT TOP 1 n FROM torture.numbers", form).headers.get("Content-Disposition") == disposition


@pytest.mark.parametrize(
    "accept, kind",
    [("*/*", "application/x-votable+xml"), ("application/json", "application/json"), ("text/csv;q=0.5, application/fits", "application/fits"),
     ("text/html,application/xml;q=0.9,*/*;q=0.8", "application/x-votable+xml")],
)
def test_accept_counts_where_no_format_is_named(archive, accept, kind):
    query = {"LANG": "ADQL", "QUERY": "SELECT TOP 1 n FROM torture.numbers"}
    assert archive.get("/tap/sync", params=query, headers={"Accept": accept}).headers["Content-Type"] == kind
    answer = archive.get("/tap/sync", params=query | {"RESPONSEFORMAT": "csv"}, headers={"Accept": accept})
    assert answer.headers["Content-Type"] == "text/csv;header=present;charset=utf-8"


@pytest.mark.parametrize("form", ["votable", "csv", "fits"])
def test_head_checks_a_query_and_sends_no_rows(archive, form):
    answer = requests.head(url(archive, NUMBERS, form), timeout=60)
    assert answer.status_code == 200 and answer.content == b""
    assert answer.headers["Content-Type"] == plain(archive, "SELECT TOP 1 n FROM torture.numbers", form).headers["Content-Type"]
    assert "Content-Length" not in answer.headers
    assert requests.head(url(archive, "SELECT nothing FROM torture.numbers", form), timeout=60).status_code == 400


def test_every_format_is_declared(archive):
    document = archive.get("/tap/capabilities").text
    for word in ["votable/b", "votable/b2", "votable/td", "application/fits", "application/json", "application/vnd.apache.parquet",
                 "text/plain", "#output-votable-binary\"", "<alias>parquet</alias>", "<alias>fits</alias>", "<alias>text</alias>"]:
        assert word in document, word
