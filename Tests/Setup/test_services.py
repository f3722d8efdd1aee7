"""The private PostgreSQL and Redis: `make services` and `make stop`."""

import os
import signal
import subprocess

import pytest
from checkout import ORDINARY, alive

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")


def test_services_start_and_a_second_call_reuses_them(checkout):
    first = checkout.make("services")
    assert first.returncode == 0, first.stderr
    assert checkout.sql("SELECT current_user, inet_server_addr() IS NULL") == "almagest|t"
    assert checkout.sql("SHOW fsync") == "on"
    assert checkout.redis("PING") == "PONG"
    pids = checkout.pid("postgres"), checkout.pid("redis")
    second = checkout.make("services")
    assert "running already" in second.stdout
    assert (checkout.pid("postgres"), checkout.pid("redis")) == pids


def test_data_survive_stop_and_start(checkout):
    checkout.make("services")
    checkout.sql("CREATE TABLE kept AS SELECT 42 AS answer")
    checkout.redis("SET", "kept", "42")
    pids = checkout.pid("postgres"), checkout.pid("redis")
    stop = checkout.make("stop")
    assert stop.returncode == 0, stop.stderr
    assert not any(map(alive, pids))
    checkout.make("services")
    assert checkout.sql("SELECT answer FROM kept") == "42"
    assert checkout.redis("GET", "kept") == "42"


def test_a_killed_server_starts_again(checkout):
    checkout.make("services")
    checkout.sql("CREATE TABLE kept AS SELECT 42 AS answer")
    for name in ("postgres", "redis"):
        os.kill(checkout.pid(name), signal.SIGKILL)
    again = checkout.make("services")
    assert again.returncode == 0, again.stderr
    assert checkout.sql("SELECT answer FROM kept") == "42"
    assert checkout.redis("PING") == "PONG"


def test_a_pid_that_now_belongs_to_another_program_is_left_alone(checkout, bystander):
    checkout.make("services")
    data = checkout.folder / ".almagest" / "data"
    for name in ("postgres", "redis"):
        os.kill(checkout.pid(name), signal.SIGKILL)
        (checkout.folder / ".almagest" / (name + ".pid")).write_text("{}\n".format(bystander.pid))
    lock = data / "postgres" / "postmaster.pid"
    lock.write_text("\n".join([str(bystander.pid), *lock.read_text().splitlines()[1:]]) + "\n")
    assert checkout.make("stop").returncode == 0
    assert alive(bystander.pid)
    for name in ("postgres", "redis"):
        (checkout.folder / ".almagest" / (name + ".pid")).write_text("{}\n".format(bystander.pid))
    again = checkout.make("services")
    assert again.returncode == 0, again.stderr
    assert checkout.redis("PING") == "PONG"
    assert alive(bystander.pid)


@pytest.mark.parametrize("name", ["x" * 100, "a folder's name, with blanks"], ids=["long", "blanks"])
def test_a_long_or_strange_path_is_no_obstacle(new_checkout, name):
    checkout = new_checkout(name=name)
    start = checkout.make("services")
    assert start.returncode == 0, start.stderr
    assert checkout.sql("SELECT 1") == "1"
    assert checkout.redis("PING") == "PONG"


@needs_root
def test_root_may_work_in_a_folder_that_nobody_else_can_enter(new_checkout):
    checkout = new_checkout(user="root", locked=True)
    start = checkout.make("services")
    assert start.returncode == 0, start.stderr
    assert checkout.sql("SELECT 1") == "1"
    assert checkout.redis("PING") == "PONG"
    assert os.readlink(checkout.folder / ".almagest" / "data").startswith("/var/lib/almagest.")


@needs_root
def test_root_carries_on_what_an_ordinary_user_began(new_checkout):
    checkout = new_checkout(user=ORDINARY)
    checkout.make("services")
    checkout.make("stop")
    checkout.user = "root"
    start = checkout.make("services")
    assert start.returncode == 0, start.stderr
    assert checkout.sql("SELECT 1") == "1"
    checkout.make("stop")
    checkout.user = ORDINARY
    assert checkout.make("services").returncode == 0


@needs_root
def test_an_ordinary_user_is_told_when_root_began(new_checkout):
    checkout = new_checkout(user="root")
    checkout.make("services")
    checkout.user = ORDINARY
    refused = checkout.make("services")
    checkout.user = "root"
    assert refused.returncode != 0
    assert "belongs to root" in refused.stderr


@needs_root
@pytest.mark.parametrize("intruder", ["daemon", "postgres"])
def test_nobody_else_can_connect(new_checkout, intruder):
    checkout = new_checkout(user=ORDINARY)
    checkout.make("services")
    environment = checkout.environment()
    checkout.user = intruder
    psql = checkout.run("psql", "-d", environment["ALMAGEST_DATABASE_URL"], "-c", "SELECT 1")
    assert psql.returncode != 0 and "ermission denied" in psql.stderr
    redis = checkout.run("redis-cli", "-s", environment["ALMAGEST_REDIS_URL"].removeprefix("unix://"), "PING")
    assert "PONG" not in redis.stdout and "ermission denied" in redis.stdout + redis.stderr
    checkout.user = ORDINARY


def test_services_of_the_environment_are_used_and_none_started(new_checkout):
    ours, theirs = new_checkout(), new_checkout()
    theirs.make("services")
    settings = theirs.environment()
    start = ours.make("services", **{name: settings[name] for name in ("ALMAGEST_DATABASE_URL", "ALMAGEST_REDIS_URL")})
    assert start.returncode == 0, start.stderr
    assert ours.environment()["ALMAGEST_DATABASE_URL"] == settings["ALMAGEST_DATABASE_URL"]
    assert not (ours.folder / ".almagest" / "data").exists()
    ours.make("stop")
    assert alive(theirs.pid("postgres")) and alive(theirs.pid("redis"))


def test_a_database_of_the_environment_that_is_not_there_is_named(new_checkout):
    start = new_checkout().make("services", ALMAGEST_DATABASE_URL="postgresql:///nothing?host=/nowhere")
    assert start.returncode != 0
    assert "does not answer" in start.stderr and "/nowhere" in start.stderr


def test_two_calls_at_once_start_one_of_each(new_checkout):
    checkout = new_checkout()
    script = 'make services & make services & wait -n && wait -n'
    both = checkout.run("bash", "-c", script)
    assert both.returncode == 0, both.stderr
    listing = subprocess.run(["ps", "-wweo", "args"], capture_output=True, text=True).stdout
    assert listing.count("-D {}".format(checkout.folder / ".almagest" / "data" / "postgres")) == 1


def test_a_cut_off_first_start_leaves_nothing_half_done(new_checkout):
    checkout = new_checkout()
    checkout.run("bash", "-c", "timeout -s KILL 0.5 setup/services.sh")
    start = checkout.make("services")
    assert start.returncode == 0, start.stderr
    assert checkout.sql("SELECT 1") == "1"
