"""Measures a release build side by side with psql: `make bench`.

Everything runs on one machine, so only ratios mean something elsewhere. Ways that are compared take turns, and medians count.

  ONLY=formats,small   some of the parts below
  ROUNDS=5             measurements of each line
  PEER=http://…/tap    the same queries to another TAP service; PEER_TABLE is its table of the same kind, PEER_KEY and PEER_COLUMNS name its columns
  SERVER=http://…/tap  a server that runs already, with TABLE, RELATION, KEY and DATABASE, in place of a fresh archive
  RECORD=file          where the table is written, such as docs/speed.md
"""

import contextlib
import os
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Clients"))
os.environ.setdefault("ALMAGEST_PROGRAM", str(HERE.parents[1] / ".build" / "release" / "almagest"))

import encoders  # noqa: E402
import five  # noqa: E402
import formats  # noqa: E402
import jobs  # noqa: E402
import linktables  # noqa: E402
import readers  # noqa: E402
import scaling  # noqa: E402
import small  # noqa: E402
from archive import Archive, Database, run_psql  # noqa: E402
from report import Report  # noqa: E402
from subject import Subject  # noqa: E402

PARTS = ("formats", "clients", "first", "memory", "small", "cones", "metadata", "uploads", "jobs", "five", "links", "readers", "scaling", "encoders")
#: What slow readers need in PostgreSQL, apart from their own connections.
SPARE = 40


def main():
    wanted = [part.strip() for part in (os.environ.get("ONLY") or ",".join(PARTS)).split(",")]
    unknown = set(wanted) - set(PARTS)
    if unknown:
        sys.exit("no such part: {}; there are {}".format(", ".join(sorted(unknown)), ", ".join(PARTS)))
    rounds = int(os.environ.get("ROUNDS") or 5)
    report = Report()
    place = Running() if os.environ.get("SERVER") else Fresh()
    try:
        for part in PARTS:
            if part in wanted:
                measure(part, place, report, rounds)
    finally:
        place.end()
    if os.environ.get("RECORD"):
        report.write(os.environ["RECORD"])
    print("\n" + ("missed: " + "; ".join(report.missed) if report.missed else "every bar is reached"))


def measure(part, place, report, rounds):
    subject, peer = place.subject, place.peer
    if part == "formats":
        formats.measure_formats(subject, report, rounds, peer)
    elif part == "clients":
        formats.measure_clients(subject, report, rounds, peer=peer)
    elif part == "first":
        formats.measure_first_byte(subject, report, rounds, peer)
    elif part == "memory":
        formats.measure_memory(subject, report, peer)
    elif part == "small":
        small.measure_small(subject, report, min(rounds, 3), peer=peer)
    elif part == "cones":
        small.measure_cones(subject, report, peer=peer)
    elif part == "metadata":
        small.measure_metadata(subject, report, place.wide, peer)
    elif part == "uploads":
        small.measure_uploads(subject, report, rounds, peer)
    elif part == "jobs":
        jobs.measure(subject, report, rounds, peer)
    elif part == "five" and place.archive:
        five.measure(place.archive, report, place.collection)
    elif part == "links" and place.archive:
        linktables.measure(place.archive.base, report, place.collection)
    elif part == "readers":
        seconds = float(os.environ.get("SECONDS_OF_READING", "60"))
        for count in map(int, os.environ.get("READERS", "50,300").split(",")):
            with place.crowded(count) as crowded:
                count = min(count, crowded.places or count)
                # A megabyte each, and what a hundred take however few they are.
                readers.measure_readers(crowded, report, count, seconds, max(100, count), crowded.places)
    elif part == "scaling":
        scaling.measure_lengths(subject, report, rounds)
        if place.wide:
            scaling.measure_widths(place.wide, report, rounds)
    elif part == "encoders":
        encoders.measure(subject, report)


def peer():
    """Another TAP service, whose table has the same rows or as many like them."""
    base = os.environ.get("PEER")
    if not base:
        return None
    table, key = os.environ.get("PEER_TABLE", "speed.stars"), os.environ.get("PEER_KEY", "star_id")
    return Subject(base.rstrip("/"), table, key, os.environ.get("PEER_COLUMNS", "*").split(","))


def columns_of(database, relation):
    schema, name = relation.split(".")
    rows = run_psql(
        database, "SELECT column_name FROM information_schema.columns WHERE table_schema = '{}' AND table_name = '{}' ORDER BY ordinal_position".format(
            schema, name))
    return rows.split()


class Running:
    """A server that runs already."""

    archive = wide = None

    def __init__(self):
        database, relation = os.environ["DATABASE"], os.environ["RELATION"]
        self.subject = Subject(
            os.environ["SERVER"].rstrip("/"), os.environ["TABLE"], os.environ["KEY"], columns_of(database, relation), database, relation,
            int(os.environ["PID"]) if os.environ.get("PID") else None, int(os.environ["PLACES"]) if os.environ.get("PLACES") else None)
        self.peer = peer()

    def crowded(self, count):
        return contextlib.nullcontext(self.subject)

    def end(self):
        pass


class Fresh:
    """An archive of its own on the tests' services, with two million stars, and another one with many tables."""

    def __init__(self):
        self.peer = peer()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="almagest-speed-", dir="/tmp"))
        self.redis = os.environ["ALMAGEST_TEST_REDIS_URL"]
        self.databases, self.archives = [], []
        (self.folder / "none").mkdir()
        try:
            self.archive = self.new_archive("archive")
            data = os.environ.get("ALMAGEST_TEST_DATA")
            files = sorted(path for path in pathlib.Path(data).glob("*_*.h5") if path.name.startswith(("Complete", "Astro"))) if data else []
            self.collection = "the real files" if files else "the demo collection"
            self.archive.check("ingest", "gaia", *files) if files else self.archive.check("demo", "--files", self.folder / "files")
            run_psql(self.archive.database.url, (HERE / "stars.sql").read_text(), "VACUUM (ANALYZE) speed.stars")
            self.archive.check("ingest", HERE / "stars.yaml", self.folder / "none")
            self.archive.start()
            self.subject = self.subject_of(self.archive, "speed.stars", "star_id")
            self.made_wide = None
        except BaseException:
            self.end()
            raise

    def new_archive(self, name):
        database = Database(os.environ["ALMAGEST_TEST_DATABASE_URL"])
        self.databases.append(database)
        archive = Measured(self.folder / name, database.url, self.redis)
        archive.database = database
        archive.folder.mkdir()
        self.archives.append(archive)
        return archive

    def subject_of(self, archive, table, key):
        url = archive.database.url
        return Subject("http://127.0.0.1:{}/tap".format(archive.port), table, key, columns_of(url, table), url, table, archive.process.pid)

    @property
    def wide(self):
        """Made when it is first needed: 500 tables of 50 columns, and tables of 5, 50 and 500 doubles."""
        if not self.made_wide:
            archive = self.new_archive("wide")
            tables = ["t{}".format(number) for number in range(500)]
            statements = ["CREATE SCHEMA wide"]
            columns = ", ".join("c{} float8".format(number) for number in range(50))
            statements += ["CREATE TABLE wide.{} (id int8 PRIMARY KEY, {})".format(table, columns.split(", ", 1)[1]) for table in tables]
            for width, rows in scaling.WIDTHS.items():
                cells = ", ".join("n + {0} / 7.0::float8 AS c{0}".format(number) for number in range(width))
                statements.append("CREATE TABLE wide.doubles_{} AS SELECT {} FROM generate_series(1, {}) n".format(width, cells, rows))
            # An argument of a command has its limit.
            run_psql(archive.database.url, *[";".join(statements[start:start + 50]) for start in range(0, len(statements), 50)], "VACUUM ANALYZE")
            described = self.folder / "wide.yaml"
            lines = ["collection: wide", "description: Many tables", "schema: { name: wide, description: Many tables }", "tables:"]
            for table in tables:
                lines += ["  - name: " + table, "    description: One of many", "    relation: wide." + table, "    key: id", "    columns:",
                          "      - { name: id, type: long }"]
                lines += ["      - {{ name: c{}, type: double, unit: mag, ucd: phot.mag, description: Number {} of many }}".format(n, n) for n in range(1, 50)]
            for width in scaling.WIDTHS:
                lines += ["  - name: doubles_{}".format(width), "    description: Numbers", "    relation: wide.doubles_{}".format(width), "    columns:"]
                lines += ["      - {{ name: c{}, type: double }}".format(number) for number in range(width)]
            described.write_text("\n".join(lines) + "\n")
            archive.check("ingest", described, self.folder / "none")
            archive.start()
            self.made_wide = self.subject_of(archive, "wide.doubles_5", "c0")
        return self.made_wide

    def crowded(self, count):
        return Crowded(self, count)

    def end(self):
        for archive in self.archives:
            if archive.process:
                archive.stop(patience=40)
        for database in self.databases:
            database.drop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Measured(Archive):
    """A served archive with the settings of measurements: one client may do everything at once."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.settings |= {"ALMAGEST_TAP_CLIENT_QUERIES": "0", "ALMAGEST_TAP_MAXREC": "50000000", "ALMAGEST_LOG_LEVEL": "warning"}

    def check(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout


class Crowded:
    """Another server over the same data that has a place for each of so many readers, as far as PostgreSQL has connections for it."""

    def __init__(self, place, count):
        self.place, self.count = place, count

    def __enter__(self):
        database = self.place.archive.database
        free = int(run_psql(
            database.url, "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int - count(*) FROM pg_stat_activity"))
        # A fifth of the connections is for small results.
        connections = min((self.count * 5 + 3) // 4, free - SPARE)
        self.server = Measured(self.place.folder / "archive", database.url, self.place.redis)
        self.server.database = database
        self.server.settings["ALMAGEST_TAP_CONNECTIONS"] = str(connections)
        self.server.start()
        subject = self.place.subject_of(self.server, self.place.subject.table, self.place.subject.key)
        subject.places = connections - (connections + 4) // 5
        return subject

    def __exit__(self, *_):
        self.server.stop(patience=40)


if __name__ == "__main__":
    main()
