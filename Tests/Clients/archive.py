"""A served archive: the real program over a fresh database, on a free port, for the tests to talk to."""

import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from urllib.parse import urlsplit

import requests

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("ALMAGEST_PROGRAM", PROJECT / ".build" / "debug" / "almagest"))


class Database:
    """A database of its own beside the one that the tests were given."""

    def __init__(self, server_url):
        self.server_url = server_url
        self.name = "almagest_clients_" + secrets.token_hex(6)
        parts = urlsplit(server_url)
        # urlunsplit would drop the slashes before an empty host, which libpq wants.
        self.url = "{0.scheme}://{0.netloc}/{1}?{0.query}".format(parts, self.name)
        run_psql(server_url, "CREATE DATABASE " + self.name)

    def copy(self, query):
        """The rows of a query as PostgreSQL itself writes them: a list of lists of texts, None for NULL."""
        text = run_psql(self.url, "SET timezone = 'UTC'", "COPY ({}) TO STDOUT".format(query))
        return [[None if cell == "\\N" else cell for cell in line.split("\t")] for line in text.splitlines()]

    def drop(self):
        run_psql(self.server_url, "DROP DATABASE {} WITH (FORCE)".format(self.name))


def run_psql(url, *statements):
    command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url]
    for statement in statements:
        command += ["-c", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout


class Archive:
    """One server process and what it stands on."""

    def __init__(self, folder, database_url, redis_url):
        self.port = free_port()
        self.base = "http://localhost:{}".format(self.port)
        self.folder = folder
        self.settings = os.environ | {
            "ALMAGEST_DATABASE_URL": database_url, "ALMAGEST_REDIS_URL": redis_url, "ALMAGEST_BASE_URL": self.base,
            "ALMAGEST_HTTP_HOST": "127.0.0.1", "ALMAGEST_HTTP_PORT": str(self.port), "ALMAGEST_STATE_DIR": str(folder / "state"),
        }
        self.process = None

    def run(self, *arguments):
        """Runs another of the program's commands with the same settings."""
        return subprocess.run(
            [PROGRAM, *map(str, arguments)], env=self.settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=600,
        )

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "serve-{}.log".format(self.port)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([PROGRAM, "serve"], env=self.settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self.answers, "the archive answers", 30, while_true=lambda: self.process.poll() is None, log=self.log)
        return self

    def workers(self):
        """The processes that cut for the server."""
        found = []
        for children in pathlib.Path("/proc/{}/task".format(self.process.pid)).glob("*/children"):
            try:
                found += [int(child) for child in children.read_text().split()]
            except OSError:
                pass
        return found

    def answers(self):
        try:
            return requests.get(self.base + "/tap/availability", timeout=5).ok
        except requests.ConnectionError:
            return False

    def stop(self, patience=10):
        """Asks it to end, gives its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the server did not end within {} s of SIGTERM; see {}".format(patience, self.log)) from None

    def kill(self):
        """Ends it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def get(self, path, **options):
        url = path if path.startswith("http") else self.base + path
        return requests.get(url, timeout=60, **options)

    def query(self, adql, **parameters):
        """One synchronous query, by POST."""
        parameters = {"LANG": "ADQL", "QUERY": adql, **parameters}
        return requests.post(self.base + "/tap/sync", data=parameters, timeout=60)


class PrivateRedis:
    """A Redis that a test may take away and bring back."""

    def __init__(self, folder):
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = "unix://{}".format(self.socket)
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder), "--save", ""],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        wait_until(self.answers, "Redis answers", 10)

    def answers(self):
        return subprocess.run(["redis-cli", "-s", str(self.socket), "ping"], capture_output=True, text=True).stdout.strip() == "PONG"

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None


class PrivatePostgres:
    """A PostgreSQL that a test may take away and bring back, with the safety that a real one has."""

    def __init__(self):
        # A folder of its own: PostgreSQL does not run as root, and its user can't reach into those of others.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="almagest-pg-", dir="/tmp"))
        self.programs = pathlib.Path(subprocess.run(["pg_config", "--bindir"], check=True, capture_output=True, text=True).stdout.strip())
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(self.folder, "postgres")
        self.url = "postgresql:///postgres?host={}&user=postgres".format(self.folder)
        self.run("initdb", "--pgdata", self.folder / "data", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")

    def run(self, program, *arguments):
        command = [*self.user, self.programs / program, *map(str, arguments)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", timeout=60)

    def control(self, *arguments):
        self.run("pg_ctl", "--pgdata", self.folder / "data", "--wait", "--log", self.folder / "log", *arguments)

    def start(self):
        self.control("--options=-c listen_addresses='' -c unix_socket_directories='{}'".format(self.folder), "start")

    def restart(self, mode):
        """fast ends all sessions in good order; immediate is a crash."""
        self.control("--mode=" + mode, "stop")
        self.start()

    def remove(self):
        self.control("--mode=immediate", "stop")
        shutil.rmtree(self.folder)


def wait_until(happens, what, seconds, while_true=lambda: True, log=None):
    end = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > end or not while_true():
            raise AssertionError("waited in vain until {}{}".format(what, "\n" + log.read_text()[-3000:] if log else ""))
        time.sleep(0.05)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def damaged_copy(original, folder):
    """The file without its second half."""
    copy = pathlib.Path(shutil.copy(original, folder))
    os.truncate(copy, copy.stat().st_size // 2)
    return copy
