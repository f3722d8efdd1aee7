"""What a row costs as results grow in length and width: it should be the same everywhere."""

import statistics

from subject import timed

LENGTHS = (1000, 100_000, 10_000_000)
#: Columns, and rows of a table with so many, so that all have the same number of cells.
WIDTHS = {5: 400_000, 50: 40_000, 500: 4_000}


def measure_lengths(subject, report, rounds):
    """The large table several times over, cut after so many rows."""
    report.part("Cost of a row by the length of the result", "BINARY2, one client; what a result of one row takes is taken off")
    union = " UNION ALL ".join([subject.select()] * 6)
    relation = " UNION ALL ".join(["SELECT {} FROM {}".format(", ".join('"{}"'.format(name) for name in subject.columns), subject.relation)] * 6)

    def ours(rows):
        return timed(subject.drain, "SELECT TOP {} * FROM ({}) AS t".format(rows, union))

    def theirs(rows):
        return timed(subject.copy, "SELECT * FROM ({}) t".format(relation), "binary", rows)

    compare(report, {rows: rows for rows in LENGTHS}, ours, theirs, rounds, "{:,} rows", "ns/row")


def measure_widths(wide, report, rounds):
    report.part("Cost of a cell by the width of the result", "2,000,000 doubles in BINARY2; what a result of one row takes is taken off")

    def ours(columns):
        return timed(wide.drain, "SELECT {}* FROM wide.doubles_{}".format("" if columns > 1 else "TOP 1 ", max(columns, min(WIDTHS))))

    def theirs(columns):
        return timed(wide.copy, "SELECT * FROM wide.doubles_{}".format(max(columns, min(WIDTHS))), "binary", None if columns > 1 else 1)

    compare(report, {columns: columns * rows for columns, rows in WIDTHS.items()}, ours, theirs, rounds, "{} columns", "ns/cell")


def compare(report, counts, ours, theirs, rounds, words, unit):
    """counts: rows or cells by size; a size of 1 is a result of one row."""
    floors = [statistics.median(way(1) for _ in range(10)) for way in (ours, theirs)]
    for size, count in counts.items():
        # A thousand rows are over in a moment: many of them together.
        repeats = max(1, 50_000 // count)
        costs = [], []
        for _ in range(rounds if count < 5_000_000 else 2):
            for way, floor, values in zip((ours, theirs), floors, costs):
                taken = sum(way(size) for _ in range(repeats)) / repeats
                values.append(1e9 * max(0, taken - floor) / count)
        # Next to the start of psql, so few rows are nothing.
        report.add(words.format(size), costs[0], unit, costs[1] if count >= 100_000 else None, digits=0)
