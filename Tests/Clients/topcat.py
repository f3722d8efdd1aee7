"""TOPCAT itself, driven as a person would: query by TAP, links of five rows, their Cut & Merge; a subset uploaded, and all its rows at once.

    python Tests/Clients/topcat.py http://localhost:3000 screenshots

Needs the Debian packages topcat, xvfb, openbox, xdotool and imagemagick, and h5py. The windows stand beside each other on a screen of their
own; the places to click are those of TOPCAT 4.8.7, counted from each window's corner. A proxy in between writes down what TOPCAT asks and
how the service answers, so that this prints facts beside the pictures, and ends with status 1 where one is missing.
"""

import base64
import http.server
import io
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import h5py
import requests

SOURCES = "SELECT TOP 20 * FROM gaia.completesource ORDER BY phot_g_mean_mag, source_id"
UPLOADED = "SELECT g.* FROM TAP_UPLOAD.t1 AS u JOIN gaia.completesource AS g ON g.source_id = u.source_id"

# Titles of windows, as patterns.
MAIN, TAP, BROWSER, LINKS, SAVE, SUBSET = "^TOPCAT$", "TAP.* Query", "Table Browser", "View Datalink Table", "Download Resource", "New Subset"
ACTIONS, ACTIONS_OF_SUBSET = "TOPCAT.1.: Activation Actions", "TOPCAT.2.: Activation Actions"


STREAM = re.compile(rb'(?<=<STREAM encoding="base64">)[^<]+')


class Desktop:
    """A screen without a monitor, with a window manager on it."""

    def __init__(self, folder):
        self.folder = folder
        self.number = next(n for n in range(70, 200) if not os.path.exists("/tmp/.X11-unix/X{}".format(n)))
        self.environment = os.environ | {"DISPLAY": ":{}".format(self.number), "NO_PROXY": "*"}
        self.processes = []

    def __enter__(self):
        self.start("Xvfb", ":{}".format(self.number), "-screen", "0", "2400x1400x24")
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

    def window(self, title):
        return (self.xdotool("search", "--onlyvisible", "--name", title).split() or [None])[0]

    def place(self, title, x, y, seconds=30):
        """Waits for a window and puts it where it covers no other."""
        wait("the window \"{}\"".format(title), seconds, lambda: self.window(title))
        time.sleep(1)
        self.xdotool("windowmove", "--sync", self.window(title), x, y)
        time.sleep(1)

    def click(self, title, x, y, *keys):
        """Clicks inside a window, with keys held down. The window must have the keyboard before, or it takes the click for that alone."""
        self.xdotool("windowactivate", "--sync", self.window(title))
        time.sleep(0.3)
        for key in keys:
            self.xdotool("keydown", key)
        self.xdotool("mousemove", "--window", self.window(title), x, y)
        time.sleep(0.2)
        self.xdotool("click", 1)
        for key in keys:
            self.xdotool("keyup", key)
        time.sleep(0.8)

    def type(self, text):
        self.xdotool("type", "--delay", 12, text)
        time.sleep(0.5)

    def press(self, *keys):
        self.xdotool("key", *keys)
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

    def refused(self):
        return [seen for seen in self.seen if seen[2] >= 400]

    def answers(self, path, status=200):
        return [seen for seen in self.seen if seen[1].split("?")[0] == path and seen[2] == status]


class Hop(http.server.BaseHTTPRequestHandler):
    def hand_on(self):
        recorder = self.server
        body = self.body()
        here, there = recorder.own.encode(), recorder.place.encode()
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection", "accept-encoding", "transfer-encoding", "expect")}
        answer = requests.request(
            self.command, recorder.service + self.path, headers=headers, data=body.replace(here, there) or None,
            allow_redirects=False, timeout=120,
        )
        content = answer.content
        if answer.headers.get("Content-Type") == "application/x-hdf5":
            recorder.products.append(content)
        else:
            content = STREAM.sub(lambda part: base64.b64encode(base64.b64decode(part[0]).replace(there, here)), content.replace(there, here))
        recorder.seen.append((self.command, self.path, answer.status_code))
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in ("transfer-encoding", "connection", "content-length", "content-encoding"):
                self.send_header(name, value.replace(recorder.place, recorder.own))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def body(self):
        """As TOPCAT sends it: uploads come in chunks."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

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


def wait_for_answers(recorder, path, count, seconds=60):
    """Until the address has been answered so often since the start; a refusal ends the wait at once."""
    wait("{} answers of {}".format(count, path), seconds, lambda: len(recorder.answers(path)) >= count or recorder.refused())


def open_service(desktop, recorder):
    # Its own SAMP client must be there, or the TAP window fails to open; a hub need not.
    desktop.start("topcat", "-nohub")
    desktop.place(MAIN, 0, 0, seconds=120)
    time.sleep(2)
    desktop.click(MAIN, 650, 40)
    wait("the TAP window", 30, lambda: desktop.window(TAP))
    # Away from the network the registry does not answer, and TOPCAT says so in a box.
    for _ in range(20):
        time.sleep(0.5)
        if desktop.window("Service search error"):
            time.sleep(1)
            desktop.click("Service search error", 83, 90)
            break
    desktop.place(TAP, 0, 400)
    desktop.click(TAP, 380, 668)
    desktop.type("http://{}/tap".format(recorder.own))
    desktop.press("Return")
    desktop.click(TAP, 640, 697)
    wait_for_answers(recorder, "/tap/capabilities", 1)
    wait("the metadata", 30, lambda: recorder.answers("/tap/tables") or recorder.answers("/tap/sync"))
    time.sleep(4)
    desktop.picture("topcat-1-metadata.png")


def ask(desktop, recorder, query):
    before = len(recorder.answers("/tap/sync"))
    desktop.click(TAP, 340, 612)
    desktop.click(TAP, 340, 612)
    desktop.press("ctrl+a")
    desktop.type(query)
    desktop.click(TAP, 365, 740)
    wait_for_answers(recorder, "/tap/sync", before + 1)
    time.sleep(4)


def objects(product):
    with h5py.File(io.BytesIO(product)) as file:
        return sorted(name for name in file if name != "manifest"), [row["status"].decode() for row in file["manifest"][()]]


def follow_five_rows(desktop, recorder):
    """Five rows are activated one after the other; #this of the last holds them all."""
    desktop.click(MAIN, 341, 40)
    desktop.place(ACTIONS, 1540, 500)
    desktop.click(ACTIONS, 29, 41)
    desktop.click(ACTIONS, 89, 413)
    desktop.picture("topcat-3-action.png")
    for row in range(5):
        desktop.click(BROWSER, 250, row_at(row))
        wait_for_answers(recorder, "/datalink", row + 1)
        if row == 0:
            desktop.place(LINKS, 1620, 0)
        time.sleep(1)
    desktop.picture("topcat-4-links.png")
    # The first row of the link table, and the action "Download URL", which stands before "Show web page".
    desktop.click(LINKS, 233, 46)
    desktop.click(LINKS, 507, 344)
    desktop.press("Up")
    desktop.press("Return")
    desktop.click(LINKS, 702, 344)
    save(desktop, recorder, "five.h5", 0)
    desktop.picture("topcat-5-product.png")
    expect(desktop.folder / "five.h5", 5)


def row_at(number):
    """Where a row of the table browser is, counted from 0."""
    return 118 + 16 * number


def merge_a_subset(desktop, recorder):
    """Three rows become a subset, the subset is uploaded, and all rows of that query's result become one file."""
    desktop.click(BROWSER, 250, row_at(5))
    desktop.click(BROWSER, 250, row_at(7), "shift")
    desktop.click(BROWSER, 30, 52)
    wait("the box for a subset", 20, lambda: desktop.window(SUBSET))
    desktop.click(SUBSET, 267, 24)
    desktop.type("mine")
    desktop.click(SUBSET, 171, 83)
    ask(desktop, recorder, UPLOADED)
    desktop.picture("topcat-6-uploaded.png")
    desktop.click(MAIN, 341, 40)
    desktop.place(ACTIONS_OF_SUBSET, 900, 20)
    desktop.click(ACTIONS_OF_SUBSET, 101, 141)
    # The second service, cutmerge_result.
    desktop.click(ACTIONS_OF_SUBSET, 413, 197)
    desktop.press("Down")
    desktop.press("Return")
    # And for what it gives, the action before "Show web page".
    desktop.click(ACTIONS_OF_SUBSET, 383, 168)
    desktop.press("Up")
    desktop.press("Return")
    desktop.picture("topcat-7-service.png")
    made = len(recorder.products)
    desktop.click(ACTIONS_OF_SUBSET, 267, 388)
    save(desktop, recorder, "subset.h5", made)
    desktop.picture("topcat-8-subset.png")
    expect(desktop.folder / "subset.h5", 3)


def save(desktop, recorder, name, made):
    """Gives the box for downloads a name, and waits until the product is there."""
    path = desktop.folder / name
    path.unlink(missing_ok=True)
    desktop.place(SAVE, 850, 550)
    desktop.click(SAVE, 438, 25)
    desktop.press("ctrl+a")
    desktop.type(str(path.resolve()))
    desktop.press("Return")
    wait("the product {}".format(name), 30, lambda: len(recorder.products) > made or recorder.refused())
    time.sleep(3)


def expect(path, count):
    """What TOPCAT has saved must hold so many objects, and nothing must be missing."""
    if not path.exists():
        raise SystemExit("topcat: {} was not saved".format(path.name))
    names, statuses = objects(path.read_bytes())
    print("topcat: TOPCAT saved {} with {}".format(path.name, ", ".join(names)))
    if len(names) != count or statuses != ["ok"] * count:
        raise SystemExit("topcat: {} should hold {} objects, and holds {}: {}".format(path.name, count, names, statuses))


def main(service, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    recorder = Recorder(service.rstrip("/"))
    with Desktop(folder) as desktop:
        try:
            open_service(desktop, recorder)
            ask(desktop, recorder, SOURCES)
            desktop.click(MAIN, 160, 40)
            desktop.place(BROWSER, 800, 500)
            desktop.picture("topcat-2-table.png")
            follow_five_rows(desktop, recorder)
            merge_a_subset(desktop, recorder)
        except (SystemExit, TypeError):
            desktop.picture("topcat-end.png")
            raise
        finally:
            for method, path, status in recorder.seen:
                print("topcat: {} {} {}".format(status, method, path[:100]))
    if recorder.refused():
        raise SystemExit("topcat: {} requests were refused".format(len(recorder.refused())))


if __name__ == "__main__":
    main(*sys.argv[1:3])
