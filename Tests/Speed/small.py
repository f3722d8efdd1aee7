"""Small answers: one row by key, cones, metadata, and tables that come along with a query."""

import random
import re
import statistics
import subprocess
import tempfile
import time
import urllib.parse

from readers import some_keys
from subject import quantile


def measure_small(subject, report, rounds, seconds=4, peer=None):
    report.part("One row by key", "the whole way from ADQL to VOTable, by wrk; {} runs of {} s, another key each time".format(rounds, seconds))
    for prefix, whom in (("", subject), ("peer: ", peer)):
        if not whom:
            continue
        keys = some_keys(whom)
        for clients in (1, 16):
            runs = [wrk(whom, keys, clients, seconds) for _ in range(rounds)]
            name = "{}{} client{}".format(prefix, clients, "s" if clients > 1 else "")
            ours = whom is subject
            bars = {1: (None, 0.6, None), 16: (6000, None, 10)}[clients] if ours else (None, None, None)
            report.add(
                name + ": requests/s", [run[0] for run in runs], "", digits=0, least=bars[0], bar="≥ {}".format(bars[0]) if bars[0] else "")
            report.add(name + ": p50", [run[1] for run in runs], "ms", most=bars[1], bar="< {} ms".format(bars[1]) if bars[1] else "", digits=2)
            report.add(name + ": p99", [run[2] for run in runs], "ms", most=bars[2], bar="< {} ms".format(bars[2]) if bars[2] else "", digits=2)


def wrk(subject, keys, clients, seconds):
    """(requests a second, p50 in ms, p99 in ms) of queries for one row; every answer must have it."""
    query = urllib.parse.quote_plus("SELECT TOP 1 {0} FROM {1} WHERE {0} = ".format(subject.key, subject.table))
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(
            """
local keys = {{ {keys} }}
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
request = function() return wrk.format(nil, nil, nil, "REQUEST=doQuery&LANG=ADQL&FORMAT=votable&QUERY={query}" .. keys[math.random(#keys)]) end
bad = 0
response = function(status, headers, body)
  if status ~= 200 or body:find('"ERROR"', 1, true) or not body:find("</TABLE>", 1, true) then bad = bad + 1 end
end
local thread
setup = function(it) thread = it end
done = function() print("BAD " .. tostring(thread:get("bad"))) end
""".format(keys=", ".join('"{}"'.format(key) for key in keys), query=query))
        script.flush()
        command = ["wrk", "-t1", "-c{}".format(clients), "-d{}s".format(seconds), "--latency", "-s", script.name, subject.base + "/sync"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert re.search(r"BAD 0\b", said) and "Non-2xx" not in said, said
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), milliseconds(said, "50%"), milliseconds(said, "99%")


def milliseconds(said, quantile_name):
    number, unit = re.search(re.escape(quantile_name) + r"\s+([\d.]+)(us|ms|s)\b", said).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def measure_cones(subject, report, count=200, peer=None):
    report.part("Cones", "{} of them all over the sky, one client, CSV".format(count))
    for prefix, whom in (("", subject), ("peer: ", peer)):
        if not whom:
            continue
        for radius, bar in ((0.5, 1.5), (5, None)):
            chance, connection, times, rows = random.Random(2), whom.connect(), [], 0
            for _ in range(count if radius < 1 else count // 5):
                adql = "SELECT {}, ra, dec FROM {} WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE({:.6f}, {:.6f}, {}))".format(
                    whom.key, whom.table, 360 * chance.random(), chance.uniform(-80, 80), radius)
                begin = time.perf_counter()
                answer, body = whom.ask(connection, adql, "csv")
                times.append(1000 * (time.perf_counter() - begin))
                assert answer.status == 200, body
                rows += body.count(b"\n") - 1
            name = "{}{}°, {:.0f} rows".format(prefix, radius, rows / len(times))
            ours = whom is subject
            report.add(name + ": p50", [statistics.median(times)], "ms", most=bar if ours else None, bar="< {} ms".format(bar) if bar and ours else "", digits=2)
            report.add(name + ": p99", [quantile(times, 0.99)], "ms", digits=2)


def measure_metadata(subject, report, wide=None, peer=None, count=300):
    """capabilities and tables; wide is an archive with 500 tables of 50 columns."""
    report.part("Metadata", "{} requests on one connection, Python's own client".format(count))
    for prefix, whom in (("", subject), ("peer: ", peer)):
        if whom:
            ours = whom is subject
            report.add(prefix + "capabilities: p50", [get(whom, "/capabilities", count)], "ms", most=1 if ours else None, bar="< 1 ms" if ours else "", digits=2)
            report.add(prefix + "tables: p50", [get(whom, "/tables", count)], "ms", most=30 if ours else None, bar="< 30 ms" if ours else "", digits=2)
    report.add("tables, unchanged (304): p50", [get(subject, "/tables", count, is_known=True)], "ms", most=1, bar="< 1 ms", digits=2)
    if wide:
        report.add("tables, 500 of 50 columns: p50", [get(wide, "/tables", 40)], "ms", most=30, bar="< 30 ms", digits=2)
        report.add("the same, unchanged (304): p50", [get(wide, "/tables", count, is_known=True)], "ms", most=1, bar="< 1 ms", digits=2)
        report.add("capabilities beside them: p50", [get(wide, "/capabilities", count)], "ms", most=1, bar="< 1 ms", digits=2)


def get(subject, path, count, is_known=False):
    """Milliseconds, the median of so many requests."""
    connection, times, headers = subject.connect(), [], {}
    for number in range(count + 3):
        begin = time.perf_counter()
        connection.request("GET", subject.address[2] + path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if number > 2:
            times.append(1000 * (time.perf_counter() - begin))
        assert answer.status == (304 if headers else 200)
        if is_known:
            headers = {"If-None-Match": answer.headers["ETag"]}
    return statistics.median(times)


def measure_uploads(subject, report, rounds, peer=None):
    report.part("Tables that come along", "VOTables of identifiers, TABLEDATA, joined with the large table; the answer is CSV")
    for prefix, whom in (("", subject), ("peer: ", peer)):
        if not whom:
            continue
        keys = some_keys(whom, 10_000)
        times = [upload(whom, keys) for _ in range(rounds + 1)][1:]
        ours = whom is subject
        report.add(prefix + "10,000 rows", [1000 * time for time in times], "ms", most=150 if ours else None, bar="< 150 ms" if ours else "", digits=0)
        if ours:
            many = some_keys(whom, 1_000_000)
            report.add("1,000,000 rows", [upload(whom, many) for _ in range(3)][1:], "s", digits=2)


def upload(subject, keys):
    table = (
        '<VOTABLE version="1.3" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE><FIELD name="n" datatype="long"/><DATA><TABLEDATA>'
        + "".join("<TR><TD>{}</TD></TR>".format(key) for key in keys) + "</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>")
    adql = "SELECT s.* FROM TAP_UPLOAD.mine AS m JOIN {} AS s ON m.n = s.{}".format(subject.table, subject.key)
    border, body = "part-of-the-form", ""
    fields = {"REQUEST": "doQuery", "LANG": "ADQL", "QUERY": adql, "FORMAT": "csv", "MAXREC": "5000000", "UPLOAD": "mine,param:file"}
    for name, value in fields.items():
        body += '--{}\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'.format(border, name, value)
    body += '--{}\r\nContent-Disposition: form-data; name="file"; filename="mine.vot"\r\nContent-Type: application/x-votable+xml\r\n\r\n'.format(border)
    body = (body + table + "\r\n--{}--\r\n".format(border)).encode()
    connection = subject.connect()
    begin = time.perf_counter()
    connection.request("POST", subject.address[2] + "/sync", body, {"Content-Type": "multipart/form-data; boundary=" + border})
    answer = connection.getresponse()
    said = answer.read()
    taken = time.perf_counter() - begin
    assert answer.status == 200 and said.count(b"\n") == len(keys) + 1, (answer.status, said[:500])
    return taken
