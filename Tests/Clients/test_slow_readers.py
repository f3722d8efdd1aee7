"""Slow readers: what they may take from others, how long they may take, and what becomes of those who stop to read."""

import socket
import threading
import time
from urllib.parse import urlencode

import pytest
from archive import Archive, wait_until

STARS = "gaia.completesource"
#: Rows for hours.
LARGE = "SELECT a.ra, b.dec, c.source_id FROM {0} AS a, {0} AS b, {0} AS c".format(STARS)
SMALL = "SELECT TOP 100 source_id, ra, dec FROM {}".format(STARS)


class Reader:
    """A client that reads as fast as it is told to."""

    def __init__(self, archive, query=LARGE, **parameters):
        form = urlencode({"LANG": "ADQL", "QUERY": query, "MAXREC": "100000000", "FORMAT": "votable/td", **parameters}).encode()
        self.link = socket.socket()
        self.link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
        self.link.settimeout(60)
        self.link.connect(("127.0.0.1", archive.port))
        self.link.sendall(
            b"POST /tap/sync HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s"
            % (len(form), form))
        self.head = b""
        while b"\r\n\r\n" not in self.head:
            self.head += self.link.recv(1000)

    @property
    def status(self):
        return int(self.head.split()[1])

    def read(self, seconds, piece=4000, pause=0.05):
        """Bytes that came in so many seconds; fewer than it can be when the server has hung up."""
        count, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            part = self.link.recv(piece)
            if not part:
                break
            count += len(part)
            time.sleep(pause)
        return count

    def rest(self):
        """All that is left, as fast as it comes; without its beginning."""
        last = b""
        while part := self.link.recv(1 << 20):
            last = (last + part)[-4000:]
            if last.endswith(b"0\r\n\r\n"):
                break
        return last

    def close(self):
        self.link.close()


def running(archive):
    """Queries that PostgreSQL works on for readers."""
    return archive.database.copy(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'almagest-tap' AND state = 'active'")


@pytest.fixture
def serve(servers, database, workplace, archive):
    """Servers with settings of their own over the same data."""
    started = []

    def serve(**settings):
        server = Archive(workplace / "slow-readers", database.url, servers[1])
        server.settings |= {
            "ALMAGEST_TAP_SYNC_COST": "0", "ALMAGEST_TAP_CLIENT_QUERIES": "0", "ALMAGEST_STATE_DIR": archive.settings["ALMAGEST_STATE_DIR"], **settings}
        server.start()
        server.database = database
        started.append(server)
        return server

    yield serve
    for server in started:
        assert server.stop() == 0


def test_large_results_leave_a_reserve_to_small_ones(serve):
    server = serve(ALMAGEST_TAP_CONNECTIONS="3")
    readers = [Reader(server), Reader(server)]
    try:
        assert [reader.status for reader in readers] == [200, 200]
        wait_until(lambda: len(running(server)) == 2, "both are under way", 20)
        refused = []
        third = threading.Thread(target=lambda: refused.append(server.query(LARGE, MAXREC="100000000")))
        third.start()
        # The third one waits for its turn; small ones need not.
        while third.is_alive():
            assert server.query(SMALL).status_code == 200
            assert server.query("SELECT table_name FROM TAP_SCHEMA.tables").status_code == 200
            assert server.get("/tap/tables").status_code == 200
        third.join()
        assert refused[0].status_code == 503 and int(refused[0].headers["Retry-After"]) > 0
        assert "QUERY_STATUS" in refused[0].text and "large results" in refused[0].text
        assert len(running(server)) == 2
        # A place that comes free goes to who waits for it.
        later = []
        waiting = threading.Thread(target=lambda: later.append(Reader(server)))
        waiting.start()
        readers.pop().close()
        waiting.join(20)
        readers += later
        assert later[0].status == 200 and later[0].read(1) > 0
    finally:
        for reader in readers:
            reader.close()
    wait_until(lambda: not running(server), "PostgreSQL has ended them", 20)


def test_who_stops_to_read_is_hung_up_on_and_who_reads_slowly_is_not(serve):
    server = serve(ALMAGEST_HTTP_STALL_LIMIT="3")
    slow, staller = Reader(server), Reader(server)
    try:
        assert (slow.status, staller.status) == (200, 200)
        wait_until(lambda: len(running(server)) == 2, "both are under way", 20)
        # 80 kB/s at most, for longer than the limit.
        assert slow.read(8) > 100_000
        wait_until(lambda: len(running(server)) == 1, "the query of the one who reads nothing is ended", 20)
        assert slow.read(1) > 0
        with pytest.raises(ConnectionResetError):
            staller.rest()
    finally:
        slow.close()
        staller.close()


def test_the_time_of_the_reader_is_not_the_querys_but_the_whole_has_its_limit(serve):
    server = serve(ALMAGEST_TAP_TIME_LIMIT="1", ALMAGEST_TAP_TRANSFER_LIMIT="5")
    reader = Reader(server)
    try:
        assert reader.status == 200
        assert reader.read(3) > 0 and len(running(server)) == 1
        assert reader.read(3) > 0
        end = reader.rest()
        assert b'name="QUERY_STATUS" value="ERROR"' in end and b"took longer to read" in end
    finally:
        reader.close()
    slow_query = "SELECT COUNT(*) FROM {0} AS a, {0} AS b, {0} AS c WHERE a.ra + b.ra > c.ra".format(STARS)
    answer = server.query(slow_query)
    assert answer.status_code == 408 and "1 seconds" in answer.text
