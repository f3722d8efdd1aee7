#!/usr/bin/env python3
"""A compiler for the tests of set-up: "builds" this very file as the program, which then serves /tap/availability."""

import http.server
import os
import pathlib
import shutil
import sys


def compile_program(arguments):
    complaint = os.environ.get("STAND_IN_COMPLAINT")
    if complaint:
        print(complaint)
        sys.exit(1)
    program = pathlib.Path(arguments[arguments.index("--package-path") + 1], ".build/release/almagest")
    program.parent.mkdir(parents=True, exist_ok=True)
    print("[1/2] Compiling almagest")
    shutil.copy(__file__, program)


class Availability(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/tap/availability" else 404)
        self.end_headers()

    def log_message(self, *arguments):
        pass


def main(command, *arguments):
    if command == "--version":
        print("Swift version {} (swift-RELEASE)".format(os.environ.get("STAND_IN_VERSION", "6.3.1")))
    elif command == "build":
        compile_program(list(arguments))
    elif command in ("demo", "ingest"):
        print(command, *arguments)
    elif command == "serve":
        address = os.environ["ALMAGEST_HTTP_HOST"], int(os.environ["ALMAGEST_HTTP_PORT"])
        http.server.HTTPServer(address, Availability).serve_forever()


main(*sys.argv[1:])
