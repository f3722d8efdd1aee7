"""What was measured: printed as it comes, and written as a table for the documentation at the end."""

import os
import pathlib
import platform
import statistics
import subprocess
import time


class Report:
    """Lines of one run, by part."""

    def __init__(self):
        self.parts = []

    def part(self, title, note=""):
        self.parts.append((title, note, []))
        print("\n{}{}".format(title, " ({})".format(note) if note else ""), flush=True)

    def add(self, what, values, unit, against=None, bar=None, most=None, least=None, digits=3):
        """One line.

        values: all measurements; against: those of the yardstick, whose median divided by ours is the ratio; least: the ratio that
        is asked for; most: the value that is asked for at most; bar: words for either.
        """
        median = statistics.median(values)
        ratio = statistics.median(against) / median if against else None
        verdict = ""
        if least is not None and ratio is not None:
            verdict = "ok" if ratio >= least else "MISSED"
        elif most is not None:
            verdict = "ok" if median <= most else "MISSED"
        elif least is not None:
            verdict = "ok" if median >= least else "MISSED"
        spread = "{:.{d}f}-{:.{d}f}".format(min(values), max(values), d=digits) if len(values) > 1 else ""
        line = (what, "{:.{d}f} {}".format(median, unit, d=digits), spread, "{:.2f} x".format(ratio) if ratio else "", bar or "", verdict)
        self.parts[-1][2].append(line)
        print("  {:<44} {:>16}  {:<17} {:>8}  {:<30} {}".format(*line), flush=True)
        return median

    @property
    def missed(self):
        return [line[0] for _, _, lines in self.parts for line in lines if line[5] == "MISSED"]

    def write(self, path):
        """Writes what was measured into a document; parts of it that were not measured this time stay as they are."""
        path = pathlib.Path(path)
        kept = dict(section.split("\n", 1) for section in path.read_text().split("\n## ")[1:]) if path.exists() else {}
        for title, note, rows in self.parts:
            lines = ["", "{}. {}, {}.".format(note[:1].upper() + note[1:], machine(), time.strftime("%Y-%m-%d")) if note else machine() + ".", ""]
            lines += ["| work | median | spread | ratio | bar | |", "|---|---|---|---|---|---|"]
            lines += ["| {} |".format(" | ".join(cell.replace("|", "\\|") for cell in row)) for row in rows] + [""]
            kept[title] = "\n".join(lines)
        path.parent.mkdir(exist_ok=True)
        head = "# Speed\n\n" + HEAD + "\n"
        path.write_text(head + "".join("\n## {}\n{}\n".format(title, text.rstrip("\n")) for title, text in kept.items()))


HEAD = """What `RECORD=1 make bench` measured last, part by part. Client, server and database shared one machine, so that ratios count and not seconds: a ratio is the median
of the yardstick that the bar names (psql, or the line above), divided by the line's own; above 1 is faster. The spread is that of all measurements."""


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    memory = int(next(line.split()[1] for line in open("/proc/meminfo") if line.startswith("MemTotal"))) // 1048576
    psql = subprocess.run(["psql", "--version"], capture_output=True, text=True).stdout.split()[2]
    return "{} x {}, {} GB, Linux {}, PostgreSQL {}".format(os.cpu_count(), model, memory, platform.release().split("-")[0], psql)
