"""Every function and feature that the capabilities announce works over HTTP; an operator's own join them from one entry."""

import io
import math
import random
import re
import warnings

import pytest
import pyvo
from archive import PROJECT, Archive
from astropy import units
from astropy.coordinates import Distance, SkyCoord
from astropy.io.votable import parse
from astropy.time import Time
from judges import taplint_remarks
from lxml import etree

TABLE = "(SELECT TOP 1 schema_name FROM tap_schema.schemas) AS one"
GEOMETRY = {
    "POINT": [("COORD2(POINT('ICRS', 10, 20))", 20), ("COORD2(POINT(10, 20))", 20)],
    "CIRCLE": [("CONTAINS(POINT(10, 20), CIRCLE('ICRS', 10, 20, 1))", 1), ("CONTAINS(POINT(10, 22), CIRCLE(POINT(10, 20), 1))", 0)],
    "BOX": [("CONTAINS(POINT(4.9, 9.9), BOX(0, 0, 10, 20))", 1), ("CONTAINS(POINT(5.1, 0), BOX(POINT(0, 0), 10, 20))", 0)],
    "POLYGON": [("CONTAINS(POINT(15, 1), POLYGON(10, 0, 20, 0, 15, 10))", 1), ("CONTAINS(POINT(15, 1), POLYGON(POINT(1, 0), POINT(2, 0), POINT(2, 1)))", 0)],
    "REGION": [("CONTAINS(POINT(10, 20), REGION('CIRCLE ICRS 10 20 0.5'))", 1)],
    "CENTROID": [("ROUND(COORD1(CENTROID(POLYGON(0, 0, 90, 0, 0, 90))), 6)", 45)],
    "AREA": [("ROUND(AREA(CIRCLE(0, 0, 90)), 3)", 20626.481), ("AREA(POINT(1, 2))", 0)],
    "COORD1": [("ROUND(COORD1(POINT(-10, 20)), 9)", 350)],
    "COORD2": [("COORD2(POINT(-10, 20))", 20)],
    "COORDSYS": [("COORDSYS(POINT('GALACTIC', 1, 2))", "GALACTIC")],
    "CONTAINS": [("CONTAINS(POINT(1, 2), CIRCLE(1, 2, 0.1))", 1), ("CONTAINS(CIRCLE(1, 2, 2), CIRCLE(1, 2, 1))", 0)],
    "INTERSECTS": [("INTERSECTS(CIRCLE(0, 0, 1), CIRCLE(1.5, 0, 1))", 1), ("INTERSECTS(CIRCLE(0, 0, 1), CIRCLE(2.5, 0, 1))", 0)],
    "DISTANCE": [("ROUND(DISTANCE(POINT(0, 0), POINT(90, 0)), 9)", 90), ("ROUND(DISTANCE(0, 0, 0, 45), 9)", 45)],
}
# What the features of the grammar give, a query each.
FEATURES = {
    "WITH": ("WITH w AS (SELECT COUNT(*) AS n FROM {0}) SELECT n - n + 7 FROM w", [7]),
    "UNION": ("SELECT 1 AS a FROM {0} UNION SELECT 2 FROM {0} ORDER BY a", [1, 2]),
    "EXCEPT": ("SELECT 1 AS a FROM {0} EXCEPT SELECT 2 FROM {0}", [1]),
    "INTERSECT": ("SELECT 1 AS a FROM {0} INTERSECT SELECT 2 FROM {0}", []),
    "CAST": ("SELECT TOP 1 CAST('2.5' AS DOUBLE PRECISION) FROM {0}", [2.5]),
    "OFFSET": ("SELECT 1 AS a FROM {0} UNION SELECT 2 FROM {0} ORDER BY a OFFSET 1", [2]),
    "LOWER": ("SELECT TOP 1 LOWER('M 45') FROM {0}", ["m 45"]),
    "UPPER": ("SELECT TOP 1 UPPER('m 45') FROM {0}", ["M 45"]),
    "ILIKE": ("SELECT TOP 1 5 FROM {0} WHERE 'M 45' ILIKE 'm%'", [5]),
    "COALESCE": ("SELECT TOP 1 COALESCE(NULL, 2, 3) FROM {0}", [2]),
    "IN_UNIT": ("SELECT TOP 1 IN_UNIT(ROUND(DISTANCE(0, 0, 0, 1), 9), 'arcmin') FROM {0}", [60]),
}


def values(archive, query):
    answer = archive.query(query, RESPONSEFORMAT="votable/td")
    assert answer.status_code == 200, query + "\n" + answer.text
    table = parse(io.BytesIO(answer.content)).get_first_table()
    name = table.array.dtype.names[0]
    found = []
    for cell, hidden in zip(table.array[name].data, table.array[name].mask):
        listed = hasattr(cell, "__len__") and not isinstance(cell, (str, bytes))
        if not listed and bool(hidden) or listed and len(cell) == 0:
            found.append(None)
        else:
            found.append([n.item() for n in cell] if listed else cell.item() if hasattr(cell, "item") else cell)
    return found


def forms(archive, feature):
    """What the capabilities announce of a feature."""
    document = etree.fromstring(archive.get("/tap/capabilities").content)
    lists = [each for each in document.iter("languageFeatures") if each.get("type").lower().endswith("#features-" + feature)]
    return [form.text for each in lists for form in each.iter("form")]


def examples():
    """The calls in the list of functions, with their values: name in capital letters to pairs. YAML that is plain enough for a few patterns."""
    text = (PROJECT / "adql" / "functions.yaml").read_text()
    found = {}
    for entry in re.split(r"(?m)^- name: ", text)[1:]:
        name = entry.split()[0]
        pairs = re.findall(r'(?m)(?:[{,]|^ +) ?"((?:[A-Za-z_0-9]+)\((?:[^"\\]|\\.)*)": "((?:[^"\\]|\\.)*)"', entry)
        names = [name] + re.findall(r"\w+", (re.search(r"(?m)^  aliases: \[(.*)\]", entry) or [0, ""])[1])
        for each in names:
            found[each.upper()] = [(call.replace(name + "(", each + "("), value) for call, value in pairs]
    return found


def is_equal(found, expected):
    if expected == "null" or found is None:
        return (found is None or isinstance(found, float) and math.isnan(found) or found == "") and expected == "null"
    if isinstance(found, list):
        return found == [int(part) for part in str(expected).strip("{}").split(",")]
    try:
        return math.isclose(float(found), float(expected), rel_tol=1e-12, abs_tol=1e-12)
    except ValueError:
        return str(found) == str(expected)


def test_every_announced_user_defined_function_has_its_values(archive):
    announced = forms(archive, "udf")
    assert len(announced) >= 30
    known = examples()
    for form in announced:
        signature = re.fullmatch(r"(\w+)\((.*)\) -> (\w+(?:\[\])?)", form)
        assert signature, form
        name, arguments = signature[1], [part for part in signature[2].split(", ") if part]
        calls = [(call, value) for call, value in known[name.upper()] if name.lower() + "(" in call.lower()]
        assert calls, "no example calls " + form
        for call, value in calls:
            found = values(archive, "SELECT TOP 1 {} AS v FROM {}".format(call, TABLE))
            assert len(found) == 1 and is_equal(found[0], value), (call, found, value)
    assert {form.split("(")[0] for form in announced} >= {
        "ivo_healpix_index", "ivo_healpix_center", "ivo_epoch_prop_pos", "ivo_geom_transform", "ivo_to_jd", "ivo_to_mjd", "ivo_string_agg",
        "ivo_nocasematch", "ivo_hasword", "ivo_hashlist_has", "ivo_histogram", "ivo_normal_random", "ivo_interval_overlaps", "ivo_hms_to_degrees",
        "ivo_dms_to_degrees", "gavo_transform", "gavo_specconv", "gavo_match",
    }


def test_every_announced_geometry_function_has_its_values(archive):
    announced = forms(archive, "adqlgeo")
    assert set(announced) >= {"POINT", "CIRCLE", "POLYGON", "CONTAINS", "INTERSECTS", "DISTANCE"}
    known = examples()
    for name in announced:
        calls = GEOMETRY.get(name, []) + known.get(name, [])
        assert calls, "nothing calls " + name
        for call, value in calls:
            found = values(archive, "SELECT TOP 1 {} AS v FROM {}".format(call, TABLE))
            assert is_equal(found[0], value), (call, found, value)


@pytest.mark.parametrize("feature", ["adql-string", "adql-sets", "adql-common-table", "adql-type", "adql-offset", "adql-conditional", "adql-unit"])
def test_every_announced_feature_of_the_grammar_works(archive, feature):
    announced = forms(archive, feature)
    assert announced
    for form in announced:
        query, expected = FEATURES[form]
        assert values(archive, query.format(TABLE)) == expected, form


def test_histograms_arrive_as_arrays_of_whole_numbers(archive, database):
    table = parse(io.BytesIO(archive.query("SELECT ivo_histogram(phot_g_mean_mag, 10, 18, 4) AS h FROM gaia.completesource").content)).get_first_table()
    field = table.fields[0]
    assert (field.datatype, field.arraysize, field.ucd) == ("int", "*", "meta.number")
    counted = [
        int(cell) for cell in database.copy(
            "SELECT count(*) FILTER (WHERE m < 10 OR m IS NULL), count(*) FILTER (WHERE m >= 10 AND m < 12), count(*) FILTER (WHERE m >= 12 AND m < 14), "
            "count(*) FILTER (WHERE m >= 14 AND m < 16), count(*) FILTER (WHERE m >= 16 AND m < 18), count(*) FILTER (WHERE m >= 18) "
            "FROM (SELECT phot_g_mean_mag AS m FROM gaia.completesource) AS q")[0]]
    assert list(table.array["h"][0]) == counted


def test_units_and_ucds_of_expressions_arrive(tap):
    result = tap.search(
        "SELECT TOP 1 MAX(ra) AS a, COUNT(*) AS b, AVG(mu_delta / varpi) AS c, SUM(phot_g_mean_mag) AS d, MAX(ra) - MIN(ra) AS e, "
        "IN_UNIT(MIN(mu_delta), 'deg/yr') AS f FROM gaia.completesource")
    described = {field.name: (str(field.unit) if field.unit is not None else None, field.ucd) for field in result.fielddescs}
    assert described["a"][0] == "deg" and described["a"][1].endswith(";stat.max")
    assert described["b"] == (None, "meta.number")
    assert described["c"][0] == "1 / yr" or described["c"][0] == "yr-1" or described["c"][0] == "yr**-1"
    assert described["d"][0] == "mag" and described["e"][0] == "deg" and described["f"][0] in ("deg / yr", "deg/yr")


def test_what_is_no_angle_is_told_in_words(archive):
    answer = archive.query("SELECT ivo_hms_to_degrees('3h 99m') FROM " + TABLE)
    assert answer.status_code == 400
    assert "'3h 99m' can't be read as hours, minutes and seconds" in "".join(etree.fromstring(answer.content).itertext())
    assert "almagest." not in answer.text and "CONTEXT" not in answer.text


def test_what_is_no_regular_expression_is_told_in_words(archive):
    answer = archive.query("SELECT gavo_match('(', 'M 45') FROM " + TABLE)
    assert answer.status_code == 400 and "not a regular expression" in "".join(etree.fromstring(answer.content).itertext())


def test_frames_and_motions_are_those_of_astropy(archive):
    chance = random.Random(2016)
    positions = [(chance.uniform(0, 360), math.degrees(math.asin(chance.uniform(-1, 1)))) for _ in range(20)]
    for lon, lat in positions:
        point = "POINT({}, {})".format(lon, lat)
        sky = SkyCoord(lon, lat, unit="deg")
        for frame, expected in (("GALACTIC", sky.galactic), ("ECLIPTIC", sky.transform_to("barycentricmeanecliptic"))):
            found = values(archive, "SELECT ivo_geom_transform('ICRS', '{}', {}) AS p FROM {}".format(frame, point, TABLE))[0]
            # Simple rotations: ICRS and the J2000 equator differ by some 0.02 arcsec.
            assert SkyCoord(*found, unit="deg", frame=expected.frame.name).separation(expected).arcsec < 0.1, (frame, lon, lat)
        motion = chance.uniform(-900, 900), chance.uniform(-900, 900), chance.uniform(1, 300), chance.uniform(-200, 200), chance.uniform(-150, 150)
        pmra, pmdec, parallax, velocity, years = motion
        found = values(archive, "SELECT ivo_epoch_prop_pos({}, {}, {}, {}, {}, {}, 2016, {}) AS p FROM {}".format(
            lon, lat, parallax, pmra, pmdec, velocity, 2016 + years, TABLE))[0]
        star = SkyCoord(
            lon * units.deg, lat * units.deg, distance=Distance(parallax=parallax * units.mas), pm_ra_cosdec=pmra * units.mas / units.yr,
            pm_dec=pmdec * units.mas / units.yr, radial_velocity=velocity * units.km / units.s, obstime=Time(2016, format="jyear"))
        moved = star.apply_space_motion(new_obstime=Time(2016 + years, format="jyear"))
        assert SkyCoord(*found, unit="deg").separation(SkyCoord(moved.ra, moved.dec)).arcsec < 1e-3, motion


def test_spectral_conversions_are_those_of_astropy(archive):
    chance = random.Random(21)
    kinds = ["nm", "Angstrom", "cm", "GHz", "Hz", "keV", "J", "cm**-1", "um", "eV"]
    for _ in range(30):
        one, other, value = chance.choice(kinds), chance.choice(kinds), 10 ** chance.uniform(-3, 3)
        found = values(archive, "SELECT gavo_specconv({!r}, '{}', '{}') AS v FROM {}".format(value, one, other, TABLE))[0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", units.UnitsWarning)
            expected = (value * units.Unit(one, format="vounit")).to_value(units.Unit(other, format="vounit"), equivalencies=units.spectral())
        assert math.isclose(found, expected, rel_tol=1e-12), (value, one, other)


def test_taplint_finds_no_error_in_the_capabilities(archive):
    errors, warnings = taplint_remarks(archive.base + "/tap", "CPV CAP")
    print("\n".join(warnings))
    assert errors == []


# An archive's own functions.

OWN = """
- name: myarch_flux
  aliases: [myarch_jansky]
  description: The flux of a magnitude, with a zero point of 3631 Jy.
  forms:
    - {signature: "myarch_flux(mag DOUBLE) -> DOUBLE", sql: "(3631 * power(10, -0.4 * {mag}))", unit: Jy, ucd: phot.flux, examples: {"myarch_flux(0)": "3631"}}
- name: myarch_is_source
  description: 1 for a source of that number, else 0.
  forms:
    - {signature: "myarch_is_source(id BIGINT, wanted BIGINT) -> INTEGER", test: "{id} = {wanted}", examples: {"myarch_is_source(3, 3)": "1", "myarch_is_source(3, NULL)": "null"}}
"""


@pytest.fixture(scope="module")
def own(archive, database, servers, workplace):
    """A second server on the same database, with functions of its own."""
    second = Archive(workplace / "own", database.url, servers[1])
    second.folder.mkdir()
    (second.folder / "functions.yaml").write_text(OWN)
    second.settings |= {"ALMAGEST_FUNCTIONS": str(second.folder / "functions.yaml")}
    yield second.start()
    assert second.stop() == 0


def test_an_own_function_is_announced_and_called_by_pyvo(own):
    service = pyvo.dal.TAPService(own.base + "/tap")
    language = service.get_tap_capability().get_adql()
    announced = {feature.form: feature.description for feature in language.get_feature_list("ivo://ivoa.net/std/TAPRegExt#features-udf")}
    assert announced["myarch_flux(mag DOUBLE) -> DOUBLE"] == "The flux of a magnitude, with a zero point of 3631 Jy."
    assert "myarch_jansky(mag DOUBLE) -> DOUBLE" in announced
    assert language.get_udf("myarch_is_source").form == "myarch_is_source(id BIGINT, wanted BIGINT) -> INTEGER"
    result = service.search("SELECT TOP 3 phot_g_mean_mag AS m, MyArch_Flux(phot_g_mean_mag) AS f, IN_UNIT(myarch_jansky(5), 'mJy') AS g "
                            "FROM gaia.completesource WHERE phot_g_mean_mag IS NOT NULL")
    assert result.getdesc("f").ucd == "phot.flux" and str(result.getdesc("f").unit) == "Jy" and str(result.getdesc("g").unit) == "mJy"
    for row in result:
        assert math.isclose(row["f"], 3631 * 10 ** (-0.4 * float(row["m"])), rel_tol=1e-6)
        assert math.isclose(row["g"], 36310, rel_tol=1e-12)


def test_an_own_test_is_the_condition_itself(own, archive, database):
    [[source]] = database.copy("SELECT max(source_id) FROM gaia.completesource")
    query = "SELECT source_id FROM gaia.completesource WHERE 1 = myarch_is_source(source_id, {})".format(source)
    assert values(own, query) == [int(source)]
    # The other server does not know it.
    assert archive.query(query).status_code == 400
    assert len(values(own, query.replace("1 =", "0 ="))) == int(database.copy("SELECT count(*) - 1 FROM gaia.completesource")[0][0])


def test_check_runs_the_examples_of_own_functions(own):
    check = own.run("check")
    assert check.returncode == 0, check.stdout
    assert re.search(r"ok +functions +\d+, 3 of the archive's own; \d+ examples are right", check.stdout), check.stdout


WRONG = {
    "an unknown type": ("- {name: my_f, description: d, forms: [{signature: 'my_f(x FLOAT) -> DOUBLE', sql: '{x}'}]}", "unknown type FLOAT"),
    "a place without argument": ("- {name: my_f, description: d, forms: [{signature: 'my_f(x DOUBLE) -> DOUBLE', sql: '{y}'}]}", "{y}, which its signature does not have"),
    "a name that is taken": ("- {name: sqrt, description: d, forms: [{signature: 'sqrt(x DOUBLE) -> DOUBLE', sql: '{x}'}]}", "the function sqrt is there already"),
    "a reserved prefix": ("- {name: ivo_f, description: d, forms: [{signature: 'ivo_f(x DOUBLE) -> DOUBLE', sql: '{x}'}]}", "begins with ivo_"),
    "SQL that PostgreSQL refuses": ("- {name: my_f, description: d, forms: [{signature: 'my_f(x DOUBLE) -> DOUBLE', sql: 'no_such({x})'}]}",
                                    "my_f(x DOUBLE) -> DOUBLE: PostgreSQL says: function no_such(double precision) does not exist"),
    "SQL that is none": ("- {name: my_f, description: d, forms: [{signature: 'my_f(x DOUBLE) -> DOUBLE', sql: '{x} +'}]}", "PostgreSQL says: syntax error"),
    "parentheses that do not match": ("- {name: my_f, description: d, forms: [{signature: 'my_f(x DOUBLE) -> DOUBLE', sql: '({x}'}]}", "parentheses"),
    "a misspelt word": ("- {name: my_f, description: d, forms: [{signature: 'my_f(x DOUBLE) -> DOUBLE', sql: '{x}', exmaples: {}}]}", 'has "exmaples"'),
    "no YAML": ("functions: [", "not the YAML"),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_entry_that_is_wrong_is_told_and_nothing_starts(archive, database, servers, tmp_path, case):
    yaml, message = WRONG[case]
    second = Archive(tmp_path, database.url, servers[1])
    (tmp_path / "own.yaml").write_text(yaml)
    second.settings |= {"ALMAGEST_FUNCTIONS": str(tmp_path / "own.yaml")}
    for command in ("check", "serve"):
        answer = second.run(command)
        assert answer.returncode != 0 and message in answer.stdout, (command, answer.stdout)


def test_an_example_that_is_wrong_fails_the_check(archive, database, servers, tmp_path):
    second = Archive(tmp_path, database.url, servers[1])
    (tmp_path / "own.yaml").write_text(OWN.replace('"myarch_flux(0)": "3631"', '"myarch_flux(0)": "3630"'))
    second.settings |= {"ALMAGEST_FUNCTIONS": str(tmp_path / "own.yaml")}
    check = second.run("check")
    assert check.returncode != 0 and "myarch_flux(0) is 3631, and not 3630" in check.stdout, check.stdout
