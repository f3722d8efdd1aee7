"""Instructions of the encoders alone, over rows as PostgreSQL sent them: what does not depend on the machine's mood."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

PROGRAM = pathlib.Path(os.environ.get("ALMAGEST_ENCODERS", pathlib.Path(__file__).resolve().parents[2] / ".build" / "release" / "encoder-speed"))
FORMATS = ("votable", "votable/b", "votable/td", "csv", "tsv", "json", "fits", "parquet")
ROWS = 20_000


def measure(subject, report):
    """Counts by callgrind, of twice the work less those of once: the start of the program falls out."""
    if not shutil.which("valgrind") or not PROGRAM.exists():
        print("\nencoders: not counted, since valgrind or {} is missing".format(PROGRAM))
        return
    report.part("Instructions of the encoders", "by valgrind, over {:,} recorded rows of {} columns".format(ROWS, len(subject.columns)))
    types = column_types(subject)
    with tempfile.TemporaryDirectory(prefix="almagest-rows-") as folder:
        recorded, program = pathlib.Path(folder) / "rows", pathlib.Path(folder) / "encoder-speed"
        # Valgrind can't read what Swift's compiler says for debuggers.
        subprocess.run(["strip", "-o", str(program), str(PROGRAM)], check=True)
        query = "COPY (SELECT {} FROM {} LIMIT {}) TO STDOUT (FORMAT binary)".format(
            ", ".join('"{}"'.format(name) for name in subject.columns), subject.relation, ROWS)
        with recorded.open("wb") as file:
            subprocess.run(["psql", "-Xqd", subject.database, "-c", query], stdout=file, stdin=subprocess.DEVNULL, check=True)
        for form in FORMATS:
            once, twice = (instructions(program, recorded, types, form, times) for times in (1, 2))
            report.add(form, [(twice - once) / ROWS], "per row", digits=0)


def column_types(subject):
    query = "SELECT a.atttypid::regtype FROM pg_attribute a WHERE attrelid = '{}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum".format(
        subject.relation)
    said = subprocess.run(["psql", "-XqAtd", subject.database, "-c", query], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout
    return said.strip().replace(" ", "-").replace("\n", ",")


def instructions(program, recorded, types, form, times):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(program), str(recorded), types, form, str(times)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stderr
    return int(re.search(r"Collected\s*:\s*(\d+)", said)[1])
