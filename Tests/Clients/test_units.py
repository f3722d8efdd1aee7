"""IN_UNIT against astropy's units: the same factors, and the same opinion on what converts at all."""

import io
import random
import warnings

import numpy as np
import pytest
from archive import Archive
from astropy import units
from astropy.io.votable import parse
from lxml import etree

# Deprecated units are read all the same.
pytestmark = pytest.mark.filterwarnings("ignore::astropy.units.UnitsWarning")

SEED = 20161
PREFIXES = ["", "", "", "k", "M", "G", "T", "m", "u", "n", "p", "f", "c", "h", "d", "P", "E", "Z", "Y", "a", "z", "y"]
# Symbols that measure the same, by whether they take prefixes. D, Ba, ta and % are left out: astropy has other values for them, or none.
KINDS = [
    (["m", "pc", "lyr", "solRad"], ["AU", "Angstrom"]), (["s", "min", "h", "d", "yr", "a"], []), (["g", "solMass", "u"], []),
    (["rad", "deg", "arcmin", "arcsec"], ["mas"]), (["J", "eV", "erg", "Ry"], []), (["Jy"], []), (["Hz"], []), (["K"], []), (["A"], []),
    (["N"], []), (["W", "solLum"], []), (["V"], []), (["T", "G"], []), (["Pa"], []), (["mol"], []), (["ct", "count"], []), (["pix", "pixel"], []),
    (["ph", "photon"], []), (["bit", "byte", "B"], []), (["adu"], []), (["mag"], []), (["barn"], []), (["sr"], []), (["cd"], []), (["lm"], []),
    (["lx"], []), (["Ohm"], []), (["F"], []), (["H"], []), (["Wb"], []), (["C"], []), (["S"], []), (["R"], []), (["beam"], []), (["voxel"], []),
]
# The same in other words.
SPELLED = {
    "J": "kg.m**2.s**-2", "Hz": "s**-1", "N": "kg.m.s**-2", "W": "J.s**-1", "V": "W.A**-1", "Pa": "N.m**-2", "T": "Wb.m**-2", "Jy": "W.m**-2.Hz**-1",
    "C": "A.s", "Ohm": "V.A**-1", "S": "A.V**-1", "F": "C.V**-1", "H": "Wb.A**-1", "sr": "rad**2", "barn": "m**2", "lm": "cd.sr", "lx": "lm.m**-2",
}
POWERS = ["", "", "", "", "**2", "**-1", "**-2", "**3", "**(1/2)", "**(3/2)", "**(1/3)"]


def symbol(kind, chance):
    prefixable, plain = kind
    choice = chance.choice(prefixable + plain)
    for _ in range(20):
        prefixed = chance.choice(PREFIXES) + choice if choice in prefixable else choice
        if choice in ("bit", "byte", "B") and chance.random() < 0.4:
            prefixed = chance.choice(["Ki", "Mi", "Gi", "Ti"]) + choice
        # Such as `Pa` and `dB`, which are units of their own, the ambiguous `da`, and what astropy takes for other units: `ha` is no hectare here.
        if prefixed == choice or not any(prefixed in listed for each in KINDS for listed in each) and prefixed not in ("dB", "pct", "pcount", "yd", "ha") and not prefixed.startswith("da"):
            return prefixed
    return choice


def unit(kinds, powers, chance):
    """A text made of one symbol of each kind with its power, in one of many ways of writing."""
    above, below = [], []
    for kind, power in zip(kinds, powers):
        word = symbol(kind, chance)
        if power == "" and word in SPELLED and chance.random() < 0.5:
            word = SPELLED[word]
        if power == "**(1/2)" and chance.random() < 0.5:
            above.append("sqrt({})".format(word))
        elif power in ("**-1", "**-2") and chance.random() < 0.6:
            below.append(word + {"**-1": "", "**-2": "**2"}[power])
        else:
            above.append(word + power)
    chance.shuffle(above)
    text = ".".join(above) or "1"
    if below:
        text += "/" + (below[0] if len(below) == 1 else "({})".format(".".join(below)))
    if above and chance.random() < 0.3:
        text = chance.choice(["10**3", "10**-7", "0.5", "1.5", "1e4", "10**2 "]) + text
    return text


def pairs(count):
    """Half of them measure the same for certain; the others may."""
    chance = random.Random(SEED)
    for index in range(count):
        kinds = [chance.choice(KINDS) for _ in range(chance.randint(1, 3))]
        powers = [chance.choice(POWERS) for _ in kinds]
        one = unit(kinds, powers, chance)
        if index % 2:
            kinds = [chance.choice(KINDS) if chance.random() < 0.3 else kind for kind in kinds]
            powers = [chance.choice(POWERS) if chance.random() < 0.3 else power for power in powers]
        yield one, unit(kinds, powers, chance)


@pytest.fixture(scope="module")
def asked():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", units.UnitsWarning)
        return [(one, other, units.Unit(one, format="vounit"), units.Unit(other, format="vounit")) for one, other in pairs(600)]


@pytest.fixture(scope="module")
def measured(archive, database, servers, workplace, asked):
    """A server that has, for each pair, a function whose value is 1 of the first unit."""
    second = Archive(workplace / "units", database.url, servers[1])
    second.folder.mkdir()
    entries = [
        '- {{name: one_{0}, description: "1", forms: [{{signature: "one_{0}() -> DOUBLE", sql: "1::float8", unit: "{1}"}}]}}'.format(index, pair[0])
        for index, pair in enumerate(asked)]
    (second.folder / "units.yaml").write_text("\n".join(entries))
    second.settings |= {"ALMAGEST_FUNCTIONS": str(second.folder / "units.yaml")}
    yield second.start()
    assert second.stop() == 0


def test_factors_are_those_of_astropy(measured, asked):
    equal = [index for index, (_, _, one, other) in enumerate(asked) if one.is_equivalent(other)]
    assert len(equal) > 300
    for start in range(0, len(equal), 100):
        chosen = equal[start:start + 100]
        columns = ", ".join("IN_UNIT(one_{0}(), '{1}') AS f{0}".format(index, asked[index][1]) for index in chosen)
        answer = measured.query("SELECT TOP 1 {} FROM tap_schema.schemas".format(columns), RESPONSEFORMAT="votable")
        assert answer.status_code == 200, answer.text
        row = parse(io.BytesIO(answer.content)).get_first_table().array[0]
        for index, found in zip(chosen, row):
            one, other, from_unit, to_unit = asked[index]
            assert np.isclose(found, from_unit.to(to_unit), rtol=1e-12, atol=0), (one, other, found, from_unit.to(to_unit))


def test_what_measures_different_things_is_refused_like_in_astropy(measured, asked):
    different = [index for index, (_, _, one, other) in enumerate(asked) if not one.is_equivalent(other)]
    assert len(different) > 100
    columns = ", ".join("IN_UNIT(one_{0}(), '{1}') AS f{0}".format(index, asked[index][1]) for index in different[:100])
    answer = measured.query("SELECT TOP 1 {} FROM tap_schema.schemas".format(columns))
    assert answer.status_code == 400
    told = "".join(etree.fromstring(answer.content).itertext())
    for index in different[:100]:
        assert "'{}' cannot be converted to '{}'".format(*asked[index][:2]) in told
