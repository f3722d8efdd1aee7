"""Requests that bring tables, and a web server of the tests' own that tables are read from."""

import contextlib
import http.server
import threading
from urllib.parse import parse_qs, unquote, urlsplit

import requests
from lxml import etree


def upload(archive, adql, tables, **parameters):
    """One synchronous query with tables, a dictionary of names and bytes, as parts of a form."""
    fields = {"LANG": "ADQL", "QUERY": adql, **parameters, "UPLOAD": ";".join("{0},param:part_{0}".format(name) for name in tables)}
    parts = {"part_" + name: (name + ".vot", content) for name, content in tables.items()}
    return requests.post(archive.base + "/tap/sync", data=fields, files=parts, timeout=120)


def form(archive, parts):
    """A query as multipart/form-data: (name, text) or (name, bytes, file name or None), in that order."""
    fields = [(part[0], (part[2] if len(part) > 2 else None, part[1])) for part in parts]
    return requests.post(archive.base + "/tap/sync", files=fields, timeout=60)


def answer_message(answer):
    """What an error document says."""
    infos = etree.fromstring(answer.content).iter("{*}INFO")
    return next(info.text or "" for info in infos if info.get("name") == "QUERY_STATUS")


@contextlib.contextmanager
def serve_files(files):
    """A web server on 127.0.0.1 with these files, `/redirect?to=…` and `/loop`; gives its address."""
    serve_files.requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            serve_files.requests.append(self.path)
            parts = urlsplit(self.path)
            if self.path in files or unquote(self.path) in files:
                content = files.get(self.path, files.get(unquote(self.path)))
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            elif parts.path in ("/redirect", "/loop"):
                self.send_response(302)
                self.send_header("Location", "/loop" if parts.path == "/loop" else parse_qs(parts.query)["to"][0])
                self.end_headers()
            else:
                self.send_error(404)

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    # Clients that break off are part of the tests.
    server.handle_error = lambda *arguments: None
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield "http://127.0.0.1:{}".format(server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
