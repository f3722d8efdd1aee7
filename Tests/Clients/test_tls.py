"""TLS: the archive over https, in HTTP/2 and in HTTP/1.1."""

import subprocess

import pytest
import pyvo
import requests
from archive import Archive, wait_until
from test_hang_up import FOREVER, path_of, running

QUERY = "SELECT source_id, ra FROM gaia.completesource WHERE source_id = {}"


def identity(folder, name):
    """A certificate that vouches for itself, and its key."""
    folder.mkdir(exist_ok=True)
    certificate, key = folder / (name + ".pem"), folder / (name + ".key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    return certificate, key


@pytest.fixture(scope="module")
def secure(servers, database, workplace, archive):
    """A server with TLS over the same data."""
    certificate, key = identity(workplace / "tls", "own")
    server = Archive(workplace / "secure", database.url, servers[1])
    server.base = server.base.replace("http:", "https:")
    server.certificate = certificate
    server.settings |= {
        "ALMAGEST_TAP_SYNC_COST": "0", "ALMAGEST_STATE_DIR": archive.settings["ALMAGEST_STATE_DIR"], "ALMAGEST_BASE_URL": server.base,
        "ALMAGEST_HTTP_STALL_LIMIT": "3", "ALMAGEST_HTTP_TLS_CERTIFICATE": str(certificate), "ALMAGEST_HTTP_TLS_KEY": str(key),
    }
    server.answers = lambda: answers(server)
    server.start()
    server.database = database
    yield server
    assert server.stop() == 0


def answers(server):
    try:
        return requests.get(server.base + "/tap/availability", verify=str(server.certificate), timeout=5).ok
    except requests.ConnectionError:
        return False


def curl(secure, *arguments, **options):
    return subprocess.run(
        ["curl", "-sS", "--noproxy", "*", "--cacert", str(secure.certificate), *arguments], capture_output=True, text=True, timeout=120, **options)


@pytest.fixture(scope="module")
def keys(database, archive):
    return [int(row[0]) for row in database.copy("SELECT source_id FROM gaia.completesource ORDER BY source_id LIMIT 40")]


@pytest.mark.parametrize("version", ["2", "1.1"])
def test_queries_are_answered_in_both_versions_of_http(secure, keys, version):
    urls = [secure.base + path_of(QUERY.format(key)) for key in keys]
    done = curl(secure, "--http" + version, "-w", "%{http_version} %{http_code}\n", *urls)
    assert done.returncode == 0, done.stderr
    words = done.stdout.replace(",", " ").split()
    assert words.count(version) == words.count("200") == len(keys), done.stdout[:1000]
    assert [int(word) for word in words if word.isdigit() and int(word) in keys] == keys


def test_many_streams_of_one_connection_are_answered_at_once(secure, keys):
    urls = [argument for key in keys for argument in ("-o", "/dev/null", secure.base + path_of(QUERY.format(key)))]
    done = curl(secure, "--http2", "--parallel", "--parallel-max", "8", "-w", "%{http_version} %{http_code} %{num_connects}\n", *urls)
    lines = [line.split() for line in done.stdout.splitlines()]
    assert len(lines) == len(keys) and all(line[:2] == ["2", "200"] for line in lines)
    # A connection carries many.
    assert sum(int(line[2]) for line in lines) < len(keys) / 2


def test_pyvo_follows_the_links(secure):
    session = requests.Session()
    session.trust_env = False
    session.verify = str(secure.certificate)
    rows = pyvo.dal.TAPService(secure.base + "/tap", session=session).search("SELECT TOP 3 * FROM gaia.completesource")
    assert len(rows) == 3 and rows["access_url"][0].startswith(secure.base)
    assert session.get(rows["access_url"][0]).status_code == 200


@pytest.mark.parametrize("version", ["2", "1.1"])
def test_a_query_whose_client_hangs_up_ends(secure, version):
    client = subprocess.Popen(
        ["curl", "-sS", "--noproxy", "*", "--cacert", str(secure.certificate), "--http" + version, secure.base + path_of(FOREVER)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: running(secure), "the query runs", 20)
    finally:
        client.kill()
        client.wait()
    wait_until(lambda: not running(secure), "PostgreSQL has ended it", 20)


@pytest.mark.parametrize("version", ["2", "1.1"])
def test_who_stops_to_read_is_hung_up_on(secure, version):
    endless = "SELECT a.source_id FROM gaia.completesource AS a, gaia.completesource AS b, gaia.completesource AS c"
    client = subprocess.Popen(
        ["curl", "-sS", "--noproxy", "*", "--cacert", str(secure.certificate), "--http" + version, secure.base + path_of(endless) + "&MAXREC=100000000"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        # Nobody reads its output, so it reads nothing more either.
        assert client.stdout.read(1000)
        assert running(secure)
        wait_until(lambda: not running(secure), "PostgreSQL has ended the query", 30)
    finally:
        client.kill()
        client.stdout.close()
        client.wait()


def test_a_large_result_comes_whole(secure, archive):
    query = "SELECT * FROM gaia.completesource"
    plain = archive.get(path_of(query))
    done = curl(secure, "--http2", secure.base + path_of(query))
    assert done.returncode == 0 and done.stdout.count("\n") == plain.text.count("\n")


@pytest.mark.parametrize("version", ["2", "1.1"])
def test_a_data_file_is_the_same(secure, archive, version, tmp_path):
    path = max(archive.originals.files(), key=lambda path: path.stat().st_size)
    done = curl(secure, "--http" + version, "-f", "-o", str(tmp_path / "file.h5"), secure.base + "/files/" + path.name)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "file.h5").read_bytes() == path.read_bytes()


def test_a_key_that_is_not_the_certificates_is_told_before_anything_is_served(secure, workplace, tmp_path):
    _, other = identity(tmp_path, "other")
    settings = secure.settings
    secure.settings = settings | {"ALMAGEST_HTTP_TLS_KEY": str(other)}
    try:
        for command in (["check"], ["serve"]):
            done = secure.run(*command)
            assert done.returncode in (1, 64) and "ALMAGEST_HTTP_TLS" in done.stdout
        secure.settings = settings | {"ALMAGEST_HTTP_TLS_KEY": ""}
        done = secure.run("serve")
        assert done.returncode in (1, 64) and "ALMAGEST_HTTP_TLS_KEY" in done.stdout
    finally:
        secure.settings = settings
