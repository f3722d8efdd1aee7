"""One request for five sources with all their transits, step by step."""

import http.client
import io
import random
import re
import time
import urllib.parse

import h5py


def measure(archive, report, data, prepare=lambda: None, seed=2016):
    """Query, links, Cut & Merge and transfer of five sources and all their transits, each time others; `prepare` goes before each."""
    steps = {"query": [], "links": [], "Cut & Merge and transfer": [], "together": []}
    connection = http.client.HTTPConnection("127.0.0.1", archive.port)

    def ask(path, form=None):
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        connection.request("POST" if form else "GET", path, body=form, headers=headers)
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, body
        return body

    chance = random.Random(seed)
    for _ in range(40):
        query = (
            "SELECT s.id, t.id FROM (SELECT TOP 5 id, source_id FROM gaia.completesource ORDER BY source_id OFFSET {}) AS s "
            "JOIN gaia.astroelementary AS t ON s.source_id = t.source_id"
        ).format(chance.randrange(2000))
        prepare()
        marks = [time.perf_counter()]
        rows = ask("/tap/sync?" + urllib.parse.urlencode({"LANG": "ADQL", "QUERY": query, "RESPONSEFORMAT": "csv"}))
        marks.append(time.perf_counter())
        ids = sorted({cell for line in rows.decode().splitlines()[1:] for cell in line.split(",")})
        links = ask("/datalink", urllib.parse.urlencode([("id", id) for id in ids])).decode()
        marks.append(time.perf_counter())
        address = urllib.parse.urlsplit(re.search(r"<TD>(http[^<]*selection=[^<]*)</TD>", links)[1].replace("&amp;", "&"))
        product = ask(address.path + "?" + address.query)
        marks.append(time.perf_counter())
        with h5py.File(io.BytesIO(product)) as file:
            assert sorted(id.decode() for id in file["manifest"]["id"]) == ids
        for name, start, end in zip(steps, marks, marks[1:]):
            steps[name].append(1000 * (end - start))
        steps["together"].append(1000 * (marks[-1] - marks[0]))
    report.part("5 sources and all their transits", data)
    for name, values in steps.items():
        report.add(name, values, "ms", digits=1)
