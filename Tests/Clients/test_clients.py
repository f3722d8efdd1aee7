"""Clients that people use, each as it is: astroquery's TapPlus, pyvo and STILTS beside what the other tests do with them."""

import pytest
import pyvo
from judges import stilts

QUERY = "SELECT TOP 20 source_id, ra, dec, phot_g_mean_mag FROM gaia.completesource ORDER BY source_id"


@pytest.fixture(scope="module")
def tap_plus(archive):
    core = pytest.importorskip("astroquery.utils.tap.core")
    return core.TapPlus(url=archive.base + "/tap", verbose=False)


def test_astroquery_loads_the_tables(tap_plus, tap):
    # It reads a column only with an attribute of ESA's own, which the schema of /tables forbids.
    loaded = [table.name for table in tap_plus.load_tables(only_names=True)]
    assert sorted(loaded) == sorted(tap.tables.keys())


def test_astroquery_runs_a_query(tap_plus, tap):
    table = tap_plus.launch_job(QUERY).get_results()
    expected = tap.search(QUERY).to_table()
    assert len(table) == 20 and list(table.colnames) == list(expected.colnames)
    assert list(table["source_id"]) == list(expected["source_id"]) and str(table["ra"].unit) == "deg"


def test_astroquery_tells_what_is_wrong(tap_plus):
    with pytest.raises(Exception, match="nothing"):
        tap_plus.launch_job("SELECT nothing FROM gaia.completesource")


def test_pyvo_knows_the_service(tap):
    assert tap.available and tap.maxrec and tap.hardlimit >= tap.maxrec
    language = tap.get_tap_capability().get_adql()
    assert {version.content for version in language.versions} >= {"2.0", "2.1"}
    assert tap.get_tap_capability().executionduration.hard > 0
    assert [feature.form for feature in language.get_feature_list("ivo://ivoa.net/std/TAPRegExt#features-adqlgeo")]


def test_pyvo_tells_what_is_wrong_with_its_place(tap):
    with pytest.raises(pyvo.dal.DALQueryError, match="line 1, column 8"):
        tap.search("SELECT nothing FROM gaia.completesource")


def test_stilts_runs_an_example(archive, tap):
    example = next(iter(tap.examples))
    output = stilts("tapquery", "tapurl={}/tap".format(archive.base), "sync=true", "ofmt=csv", "out=-", "adql=" + example["QUERY"].replace("\n", " "))
    assert len(output.splitlines()) > 5, output
