"""TOPCAT's own TAP window, driven as a person would: load a service's metadata, run a query, look at the table.

    python Tests/Clients/topcat.py http://localhost:3000/tap screenshots

Needs the Debian packages topcat, xvfb, openbox, xdotool and imagemagick. The windows stand on a screen of their own, 1280 by 960; the
places to click are those of TOPCAT 4.8.7. A proxy in between writes down what TOPCAT asks and how the service answers, so that
this prints facts beside the pictures, and ends with status 1 where one is missing.
"""

import http.server
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import requests

QUERY = "SELECT TOP 100 source_id, ra, dec, phot_g_mean_mag, access_url FROM gaia.completesource WHERE phot_g_mean_mag < 18"


class Desktop:
    """A screen without a monitor, with a window manager on it."""

    def __init__(self, folder):
        self.folder = folder
        self.number = next(n for n in range(70, 200) if not os.path.exists("/tmp/.X11-unix/X{}".format(n)))
        self.environment = os.environ | {"DISPLAY": ":{}".format(self.number), "NO_PROXY": "*"}
        self.processes = []

    def __enter__(self):
        self.start("Xvfb", ":{}".format(self.number), "-screen", "0", "1280x960x24")
        wait("a screen", 10, lambda: os.path.exists("/tmp/.X11-unix/X{}".format(self.number)))
        self.start("openbox")
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
            process.wait(10)

    def start(self, *command):
        self.processes.append(
            subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )

    def xdotool(self, *arguments):
        return subprocess.run(["xdotool", *map(str, arguments)], env=self.environment, capture_output=True, text=True).stdout

    def has_window(self, title):
        return bool(self.xdotool("search", "--onlyvisible", "--name", title).strip())

    def click(self, x, y):
        self.xdotool("mousemove", x, y, "click", 1)
        time.sleep(0.5)

    def type(self, text):
        self.xdotool("type", "--delay", 12, text)
        time.sleep(0.5)

    def picture(self, name):
        subprocess.run(["import", "-window", "root", str(self.folder / name)], env=self.environment, check=True)


class Recorder(http.server.ThreadingHTTPServer):
    """Hands requests on to a service and keeps (method, path, status) of each.

    What the service sends names this place in place of its own, so that links come here too; both ports have the same number of digits,
    since results hold the lengths of their texts.
    """

    daemon_threads = True

    def __init__(self, service):
        self.service = service
        self.place = urlsplit(service).netloc
        self.seen = []
        self.products = []
        digits = len(str(urlsplit(service).port))
        for port in range(10 ** digits - 1, 10 ** (digits - 1), -1):
            try:
                super().__init__(("127.0.0.1", port), Hop)
                break
            except (OSError, OverflowError):
                continue
        self.own = "{}:{}".format(self.place.rsplit(":", 1)[0], port)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def answers(self, path, status=200):
        return [seen for seen in self.seen if seen[1].split("?")[0] == path and seen[2] == status]


class Hop(http.server.BaseHTTPRequestHandler):
    def hand_on(self):
        recorder = self.server
        length = int(self.headers.get("Content-Length", 0))
        here, there = recorder.own.encode(), recorder.place.encode()
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection", "accept-encoding")}
        answer = requests.request(
            self.command, recorder.service + self.path, headers=headers, data=self.rfile.read(length).replace(here, there) or None,
            allow_redirects=False, timeout=120,
        )
        content = answer.content
        if answer.headers.get("Content-Type") == "application/x-hdf5":
            recorder.products.append(content)
        else:
            content = content.replace(there, here)
        recorder.seen.append((self.command, self.path, answer.status_code))
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in ("transfer-encoding", "connection", "content-length", "content-encoding"):
                self.send_header(name, value.replace(recorder.place, recorder.own))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_HEAD = do_DELETE = hand_on

    def log_message(self, *_):
        pass


def wait(what, seconds, happens):
    end = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > end:
            raise SystemExit("topcat: waited {} s in vain for {}".format(seconds, what))
        time.sleep(0.2)
    print("topcat: {}".format(what))


def main(service, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    recorder = Recorder(service.rstrip("/"))
    with Desktop(folder) as desktop:
        # Its own SAMP client must be there, or the TAP window fails to open; a hub need not.
        desktop.start("topcat", "-nohub")
        wait("TOPCAT has started", 90, lambda: desktop.has_window("^TOPCAT$"))
        time.sleep(3)
        desktop.click(868, 369)
        wait("the TAP window is open", 30, lambda: desktop.has_window("TAP.* Query"))
        time.sleep(3)
        # Away from the network the registry does not answer, and TOPCAT says so in a box.
        if desktop.has_window("Service search error"):
            desktop.click(346, 519)
        desktop.click(440, 746)
        desktop.type("http://localhost:{}".format(recorder.server_port))
        desktop.xdotool("key", "Return")
        time.sleep(0.5)
        desktop.click(700, 775)
        wait("TOPCAT has read the capabilities", 30, lambda: recorder.answered("/capabilities"))
        wait("TOPCAT has read the metadata", 30, lambda: recorder.answered("/tables") or recorder.answered("/sync"))
        time.sleep(4)
        desktop.picture("topcat-1-metadata.png")
        desktop.click(400, 690)
        desktop.type(QUERY)
        before = len(recorder.seen)
        desktop.click(425, 818)
        wait("the query is answered", 60, lambda: any(seen[1].startswith("/sync") and seen[2] == 200 for seen in recorder.seen[before:]))
        time.sleep(3)
        desktop.picture("topcat-2-result.png")
        desktop.click(379, 369)
        wait("the table is open", 30, lambda: desktop.has_window("Table Browser"))
        time.sleep(2)
        desktop.picture("topcat-3-table.png")
    for method, path, status in recorder.seen:
        print("topcat: {} {} {}".format(status, method, path[:100]))
    refused = [seen for seen in recorder.seen if seen[2] >= 400]
    if refused:
        raise SystemExit("topcat: {} requests were refused".format(len(refused)))


if __name__ == "__main__":
    main(*sys.argv[1:3])
