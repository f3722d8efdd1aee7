"""Whom the measurements ask: a TAP service, the relation behind its table, and how to read from either with as little work as can be."""

import dataclasses
import http.client
import pathlib
import re
import socket
import subprocess
import threading
import time
import urllib.parse

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclasses.dataclass
class Subject:
    """A TAP service with the large table."""

    #: As in http://localhost:3000/tap.
    base: str
    #: As queries name it.
    table: str
    #: What identifies its rows.
    key: str
    #: All columns but access_url, as queries name them.
    columns: list
    #: The same table for psql; None where it is out of reach, as that of a peer.
    database: str = None
    relation: str = None
    #: The server's process, where it runs here.
    pid: int = None
    #: Large results that it has a place for at the same time, where that is known.
    places: int = None

    @property
    def address(self):
        parts = urllib.parse.urlsplit(self.base)
        return parts.hostname, parts.port or 80, parts.path.rstrip("/")

    def connect(self):
        host, port, _ = self.address
        connection = http.client.HTTPConnection(host, port, timeout=600)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def form(self, adql, form="votable", **parameters):
        return urllib.parse.urlencode(
            {"REQUEST": "doQuery", "LANG": "ADQL", "QUERY": adql, "FORMAT": form, "RESPONSEFORMAT": form, "MAXREC": 50_000_000, **parameters})

    def ask(self, connection, adql, form="votable"):
        """A query on a connection that stays open: (answer, body)."""
        connection.request("POST", self.address[2] + "/sync", self.form(adql, form), FORM)
        answer = connection.getresponse()
        return answer, answer.read()

    def open(self, adql, form="votable", receive_buffer=None):
        """Sends a query on a connection of its own; the socket, before the first byte is read."""
        host, port, path = self.address
        body = self.form(adql, form).encode()
        link = socket.socket()
        if receive_buffer:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        link.connect((host, port))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = "POST {}/sync HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n".format(
            path, host, port, FORM["Content-Type"], len(body))
        link.sendall(head.encode() + body)
        return link

    def drain(self, adql, form="votable"):
        """Reads a whole result and throws it away: (seconds to the first byte of the body, seconds, bytes)."""
        begin = time.perf_counter()
        return self.read_away(self.open(adql, form), begin)

    def fetch(self, path):
        """Reads whatever is at a path and throws it away: its bytes."""
        host, port, _ = self.address
        link = socket.create_connection((host, port))
        link.sendall("GET {} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n\r\n".format(path, host, port).encode())
        return self.read_away(link, time.perf_counter())[2]

    @staticmethod
    def read_away(link, begin):
        with link:
            buffer = bytearray(1 << 18)
            count = link.recv_into(buffer)
            head = bytes(buffer[:count])
            while b"\r\n\r\n" not in head:
                count = link.recv_into(buffer)
                assert count, head
                head += buffer[:count]
            assert re.match(rb"HTTP/1.[01] 200 ", head), head[:2000]
            first, total, last = time.perf_counter() - begin, len(head), head[-7:]
            while True:
                count = link.recv_into(buffer)
                if not count:
                    break
                total += count
                last = bytes(buffer[max(0, count - 7):count]) if count >= 7 else last + buffer[:count]
        if b"transfer-encoding: chunked" in head.lower():
            assert last.endswith(b"0\r\n\r\n"), "the result was broken off"
        return first, time.perf_counter() - begin, total

    @property
    def memory(self):
        """Resident megabytes of the server."""
        status = pathlib.Path("/proc/{}/status".format(self.pid)).read_text()
        return int(re.search(r"VmRSS:\s*(\d+)", status)[1]) / 1024

    def copy(self, query=None, form="binary", rows=None):
        """The same by psql, over the same socket of PostgreSQL."""
        if query is None:
            query = "SELECT {} FROM {}".format(", ".join('"{}"'.format(name) for name in self.columns), self.relation)
        statement = "COPY ({}) TO STDOUT (FORMAT {})".format(query + (" LIMIT {}".format(rows) if rows else ""), form)
        command = ["psql", "-Xqd", self.database, "-c", "SET jit = off", "-c", statement]
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)

    def select(self, columns=None, rows=None, condition=""):
        return "SELECT {}{} FROM {}{}".format("TOP {} ".format(rows) if rows else "", ", ".join(columns or self.columns), self.table, condition)


class Peak:
    """The highest that a server's memory comes to, while it lasts."""

    def __init__(self, subject):
        self.subject = subject

    def __enter__(self):
        self.before = self.highest = self.subject.memory
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()
        return self

    def watch(self):
        while not self.is_over.wait(0.02):
            self.highest = max(self.highest, self.subject.memory)

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()
        self.highest = max(self.highest, self.subject.memory)

    @property
    def growth(self):
        return self.highest - self.before


def timed(way, *arguments):
    begin = time.perf_counter()
    way(*arguments)
    return time.perf_counter() - begin


def in_turn(ways, rounds):
    """Each way once to warm up, then round by round, so that the machine's moods meet all alike: seconds by name."""
    for way in ways.values():
        way()
    times = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            times[name].append(timed(way))
    return times


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
