"""A copy of the project's set-up files, in which set-up is tried as one user or another, with a stand-in compiler."""

import os
import pathlib
import pwd
import shutil
import socket
import subprocess

PROJECT = pathlib.Path(__file__).resolve().parents[2]
ORDINARY = "nobody"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Checkout:
    """A copy of the set-up files that one user owns."""

    def __init__(self, folder, user):
        self.folder, self.user = folder, user
        (folder / "Sources").mkdir(parents=True)
        shutil.copytree(PROJECT / "setup", folder / "setup")
        shutil.copy(PROJECT / "Makefile", folder)
        (folder / "bin").mkdir()
        shutil.copy(pathlib.Path(__file__).with_name("stand_in_swift.py"), folder / "bin" / "swift")
        (folder / "bin" / "swift").chmod(0o755)
        self.give(folder)

    def give(self, folder):
        """Makes it the user's own."""
        if self.user != caller():
            subprocess.run(["chown", "-R", self.user + ":", folder], check=True)

    def run(self, *command, input=None, **settings):
        """Runs a command in the checkout as its user and gives status, output and errors."""
        environment = {"PATH": "{}:{}".format(self.folder / "bin", SYSTEM_PATH), "HOME": str(self.folder), "LANG": "C.UTF-8"}
        return subprocess.run(
            [*self.become(), *map(str, command)], cwd=self.folder, env=environment | settings, input=input,
            stdin=subprocess.DEVNULL if input is None else None, capture_output=True, text=True, timeout=120,
        )

    def make(self, *arguments, **settings):
        return self.run("make", "--no-print-directory", *arguments, **settings)

    def become(self):
        if self.user == caller():
            return []
        entry = pwd.getpwnam(self.user)
        return ["setpriv", "--reuid", str(entry.pw_uid), "--regid", str(entry.pw_gid), "--clear-groups", "--"]

    def put(self, name, script):
        """Puts a program before all others on PATH."""
        path = self.folder / "bin" / name
        path.write_text("#!/bin/bash\n" + script)
        path.chmod(0o755)

    def pid(self, name):
        return int((self.folder / ".almagest" / (name + ".pid")).read_text())

    def environment(self):
        """What `make services` wrote for a shell."""
        lines = self.run("bash", "-c", ". .almagest/environment; env").stdout.splitlines()
        return dict(line.split("=", 1) for line in lines if line.startswith("ALMAGEST_"))

    def sql(self, statement):
        answer = self.run("psql", "-XqAt", "-d", self.environment()["ALMAGEST_DATABASE_URL"], "-c", statement)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.strip()

    def redis(self, *command):
        socket_path = self.environment()["ALMAGEST_REDIS_URL"].removeprefix("unix://")
        return self.run("redis-cli", "-s", socket_path, *command).stdout.strip()


def caller():
    return pwd.getpwuid(os.geteuid()).pw_name


def alive(pid):
    try:
        return pathlib.Path("/proc/{}/stat".format(pid)).read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
