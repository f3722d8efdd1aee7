"""Redis is away: TAP answers as ever, links cover the rows named, and selections come back with Redis."""

import uuid

import pytest
import pyvo
from archive import Archive, PrivateRedis, wait_until
from links import assert_holds, links_of, manifest, product, this

ROWS = "SELECT TOP 3 * FROM gaia.completesource ORDER BY source_id"


@pytest.fixture
def redis(workplace):
    folder = workplace / "redis"
    folder.mkdir(exist_ok=True)
    redis = PrivateRedis(folder)
    yield redis
    redis.stop()


@pytest.fixture
def second(archive, database, redis):
    """Another server process over the same database and files, with that Redis."""
    second = Archive(archive.folder, database.url, redis.url)
    second.originals = archive.originals
    yield second
    assert second.stop() == 0


def rows_of(server):
    return list(pyvo.dal.TAPService(server.base + "/tap").search(ROWS))


def test_selections_pause_while_redis_is_away_and_nothing_else(second, redis):
    redis.start()
    second.start()
    rows = rows_of(second)
    for row in rows[:2]:
        links = links_of(row["access_url"])
    assert_holds(second, product(second, this(links)), rows[:2])

    redis.stop()
    rows = rows_of(second)
    for row in rows:
        links = links_of(row["access_url"])
    assert "row" in this(links).description
    assert_holds(second, product(second, this(links)), rows[-1:])
    several = "{}/datalink?{}&clientId={}".format(second.base, "&".join("id=" + row["id"] for row in rows), uuid.uuid4())
    assert_holds(second, product(second, this(links_of(several))), rows)

    redis.start()

    def grows():
        client = uuid.uuid4()
        for row in rows[:2]:
            links = links_of("{}/datalink?id={}&clientId={}".format(second.base, row["id"], client))
        return len(manifest(product(second, this(links)))) == 2

    wait_until(grows, "selections work again", 20)


def test_a_server_starts_without_redis(second):
    second.start()
    assert len(rows_of(second)) == 3
    check = second.run("check")
    assert "redis" in check.stdout.lower()


def test_identifiers_are_the_same_on_every_server(archive, second, tap, redis):
    redis.start()
    second.start()
    assert [row["id"] for row in rows_of(second)] == list(tap.search(ROWS)["id"])
    second.stop()
    second.start()
    assert [row["id"] for row in rows_of(second)] == list(tap.search(ROWS)["id"])
