"""Checkouts to try set-up in, each ended and removed after its test."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

import pytest
from checkout import ORDINARY, Checkout, caller


@pytest.fixture
def new_checkout():
    """Makes checkouts, and ends and removes them."""
    made = []

    def make(name="checkout", user=None, locked=False):
        outer = pathlib.Path(tempfile.mkdtemp(dir="/tmp", prefix="almagest-setup-"))
        outer.chmod(0o700 if locked else 0o755)
        checkout = Checkout(outer / name, user or caller())
        made.append((outer, checkout))
        return checkout

    yield make
    for outer, checkout in made:
        stopped = checkout.make("stop")
        data = os.path.realpath(checkout.folder / ".almagest" / "data")
        run = os.path.realpath(checkout.folder / ".almagest" / "run")
        for leftover in (data, run, outer):
            shutil.rmtree(leftover, ignore_errors=True)
        assert stopped.returncode == 0, stopped.stderr


@pytest.fixture(params=["root", ORDINARY] if os.geteuid() == 0 else [caller()])
def checkout(new_checkout, request):
    return new_checkout(user=request.param)


@pytest.fixture
def bystander():
    """A process that set-up has nothing to do with."""
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.send_signal(signal.SIGKILL)
    process.wait()
