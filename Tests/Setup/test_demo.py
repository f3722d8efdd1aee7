"""`make demo` from outside, with a stand-in for the compiler: what it prints, and what it says when something is in the way."""

import http.server
import os
import pathlib
import shutil
import subprocess
import threading
import urllib.request

import pytest
from checkout import ORDINARY, SYSTEM_PATH, alive, free_port


def availability(port):
    with urllib.request.urlopen("http://127.0.0.1:{}/tap/availability".format(port), timeout=5) as answer:
        return answer.status


def refused(answer, *words):
    """The failure is told in plain words, not in those of a shell."""
    assert answer.returncode != 0
    assert answer.stderr.startswith("\nAlmagest: "), answer.stderr
    assert "line " not in answer.stderr and "Traceback" not in answer.stderr
    for word in words:
        assert word in answer.stderr, answer.stderr
    return True


def test_demo_serves_and_tells_how_to_use_it(checkout):
    port = free_port()
    demo = checkout.make("demo", "PORT={}".format(port))
    assert demo.returncode == 0, demo.stderr
    assert availability(port) == 200
    base = "http://localhost:{}".format(port)
    assert "In a browser   {}\n".format(base) in demo.stdout
    assert "TAP URL: {}/tap\n".format(base) in demo.stdout
    assert "serve.log" in demo.stdout and "make stop" in demo.stdout
    lines = [line for line in demo.stdout.splitlines() if line.startswith("    ") and line.strip()]
    assert len(lines) == 6 and base in "".join(lines)
    compile("\n".join(line[4:] for line in lines), "printed", "exec")
    first = checkout.pid("serve")

    again = checkout.make("demo", "PORT={}".format(port))
    assert again.returncode == 0, again.stderr
    assert availability(port) == 200
    assert checkout.pid("serve") != first and not alive(first)

    server = checkout.pid("serve")
    checkout.make("stop")
    assert not alive(server)


def test_demo_hands_over_keyed_files_only(new_checkout, tmp_path):
    checkout = new_checkout()
    for name in ("CompleteSource_1_0001.h5", "AstroElementary_1_0001.h5", "GaiaSource_columnar.h5", "notes.txt"):
        (tmp_path / name).touch()
    demo = checkout.make("demo", "DATA={}".format(tmp_path), "PORT={}".format(free_port()))
    assert demo.returncode == 0, demo.stderr
    line = next(line for line in demo.stdout.splitlines() if line.startswith("ingest "))
    assert line == "ingest gaia {0}/CompleteSource_1_0001.h5 {0}/AstroElementary_1_0001.h5".format(tmp_path)


def test_a_folder_without_keyed_files_is_refused(new_checkout, tmp_path):
    checkout = new_checkout()
    assert refused(checkout.make("demo", "DATA={}".format(tmp_path)), "CompleteSource_*.h5")
    assert refused(checkout.make("demo", "DATA=/nowhere"), "/nowhere")


def test_a_taken_port_is_named_with_its_holder(new_checkout):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        port = other.server_address[1]
        answer = new_checkout().make("demo", "PORT={}".format(port))
        other.shutdown()
    assert refused(answer, "port {} is taken".format(port), "pid {}".format(os.getpid()), "make demo PORT=")


@pytest.mark.parametrize("port", ["0", "70000", "http", "-1", "08080"])
def test_a_port_must_be_one(new_checkout, port):
    assert refused(new_checkout().make("demo", "PORT=" + port), port, "not a port number")


def test_a_swift_too_old_or_of_another_kind_is_named_with_the_version_needed(new_checkout):
    checkout = new_checkout()
    assert refused(checkout.make("demo", STAND_IN_VERSION="6.1.2", PORT=str(free_port())), "6.1", "too old", "Swift 6.3")
    checkout.put("swift", "echo python-swiftclient 4.1")
    assert refused(checkout.make("demo", PORT=str(free_port())), "not a working Swift compiler", "Swift 6.3")


@pytest.mark.skipif(shutil.which("swift", path=SYSTEM_PATH) is not None, reason="a Swift is installed where every PATH leads")
def test_a_missing_swift_is_named_with_the_version_needed(new_checkout):
    checkout = new_checkout()
    (checkout.folder / "bin" / "swift").unlink()
    assert refused(checkout.make("demo", PORT=str(free_port())), "Swift is missing", "Swift 6.3")


@pytest.mark.parametrize(
    "complaint, words",
    [
        ("error: compile command failed due to signal 9 (use -v to see invocation)", ["ran out of memory"]),
        ("LLVM ERROR: IO failure on output stream: No space left on device", ["disk is full", "3 GB"]),
        ("fatal: unable to access 'https://…': Could not resolve host: …", ["network"]),
        ("a.swift:1:1: error: cannot find 'x' in scope", ["the build failed", "build.log"]),
    ],
)
def test_a_failing_build_says_what_to_do(new_checkout, complaint, words):
    answer = new_checkout().make("demo", STAND_IN_COMPLAINT=complaint, PORT=str(free_port()))
    assert answer.returncode != 0
    for word in words:
        assert word in answer.stderr, answer.stderr


def test_a_full_disk_is_told_before_anything_is_done(new_checkout):
    checkout = new_checkout()
    checkout.put("df", 'printf "Filesystem 1M-blocks Used Available Capacity Mounted\\n/dev/x 100 88 12 88%% /\\n"')
    assert refused(checkout.make("demo", PORT=str(free_port())), "12 MB free")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
def test_missing_packages_without_root_name_what_to_ask_for(new_checkout):
    checkout = new_checkout(user=ORDINARY)
    checkout.put("dpkg-query", '[[ ${*: -1} != *pgsphere ]] && echo installed')
    checkout.put("sudo", "exit 1")
    answer = checkout.make("demo", PORT=str(free_port()))
    assert refused(answer, "Ask your administrator to install: apt-get install postgresql-15-pgsphere")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
def test_a_folder_without_write_permission_is_named(new_checkout):
    checkout = new_checkout(user="root")
    checkout.user = ORDINARY
    answer = checkout.make("demo", PORT=str(free_port()))
    checkout.user = "root"
    assert refused(answer, "no permission to write in {}".format(checkout.folder))


def test_a_server_that_dies_at_once_is_told_with_its_log(new_checkout):
    checkout = new_checkout()
    checkout.put("swift", 'if [[ $1 == --version ]]; then echo "Swift version 6.3.1"; else mkdir -p .build/release; p=.build/release/almagest; '
                 'printf \'#!/bin/bash\\n[[ $1 != serve ]] || { echo "error: no such table"; exit 1; }\\n\' >$p; chmod +x $p; fi')
    answer = checkout.make("demo", PORT=str(free_port()))
    assert refused(answer, "the archive did not start", "no such table", "serve.log")


def test_every_script_says_what_it_is_for():
    for script in pathlib.Path(__file__).resolve().parents[2].glob("setup/**/*.sh"):
        lines = script.read_text().splitlines()[:3]
        assert any(line.startswith("# ") and len(line) > 40 for line in lines), script


def test_the_scripts_pass_shellcheck():
    setup = pathlib.Path(__file__).resolve().parents[2] / "setup"
    scripts = sorted(map(str, setup.glob("**/*.sh")))
    assert subprocess.run(["shellcheck", *scripts], cwd=setup.parent).returncode == 0
