"""Tables that clients upload come back as they were, whatever form they came in, and are nobody else's."""

import base64
import gzip
import http.client
import io
import os
import signal
import string
import subprocess
import threading
import time

import numpy
import pytest
import requests
from archive import Archive, wait_until
from astropy.io import fits, votable
from astropy.table import MaskedColumn, Table
from judges import stilts, taplint_remarks
from uploads import answer_message, form, serve_files, upload

ALL = "SELECT * FROM TAP_UPLOAD.mine"


@pytest.fixture(scope="module")
def open_archive(servers, database, workplace, archive):
    """A second server over the same database that may read from 127.0.0.1, and takes small tables only."""
    second = Archive(workplace / "uploads", database.url, servers[1])
    # One archive has one folder, whichever of its servers runs a job.
    second.settings |= {
        "ALMAGEST_STATE_DIR": archive.settings["ALMAGEST_STATE_DIR"], "ALMAGEST_UPLOAD_HOSTS": "127.0.0.1", "ALMAGEST_UPLOAD_ROWS": "2000", "ALMAGEST_UPLOAD_BYTES": "3000000", "ALMAGEST_UPLOAD_COLUMNS": "30",
        "ALMAGEST_UPLOAD_TABLES": "3",
    }
    second.start()
    yield second
    assert second.stop() == 0


@pytest.fixture
def leftovers(database):
    """The tables of uploads that are there since the test began. Queries of other tests may have theirs kept."""

    def tables():
        return {row[0] for row in database.copy("SELECT tablename FROM pg_tables WHERE schemaname = 'almagest_upload'")}

    earlier = tables()
    return lambda: sorted(tables() - earlier)


def table_of(answer):
    assert answer.status_code == 200, answer.text
    return votable.parse_single_table(io.BytesIO(answer.content))


def random_table(rows, seed):
    """Every kind of column that astropy writes, with NULLs where there can be."""
    generator = numpy.random.default_rng(seed)
    holes = lambda: generator.random(rows) < 0.2
    words = lambda: ["".join(generator.choice(list(string.ascii_letters + "&<>'\""), generator.integers(1, 12))) for _ in range(rows)]
    whole = lambda kind: generator.integers(numpy.iinfo(kind).min + 1, numpy.iinfo(kind).max, rows, kind)
    table = Table()
    for kind in ("u1", "i2", "i4", "i8"):
        table["whole_" + kind] = MaskedColumn(whole(kind), mask=holes(), description="whole numbers of " + kind)
    table["real"] = MaskedColumn(generator.normal(size=rows).astype("f4"), unit="mag", mask=holes())
    table["double"] = MaskedColumn(generator.normal(size=rows) * 10.0 ** generator.integers(-300, 300, rows), unit="mas", mask=holes())
    table["truth"] = MaskedColumn(generator.random(rows) < 0.5, mask=holes())
    table["words"] = MaskedColumn(words(), mask=holes())
    table["fixed_f4"] = generator.normal(size=(rows, 3)).astype("f4")
    table["fixed_i2"] = generator.integers(-99, 99, (rows, 2)).astype("i2")
    table["matrix"] = generator.normal(size=(rows, 2, 3))
    table["complex"] = generator.normal(size=rows) + 1j * generator.normal(size=rows)
    return table


def assert_same(sent, got):
    assert got.colnames == sent.colnames
    assert len(got) == len(sent)
    for name in sent.colnames:
        one, other = sent[name], got[name]
        assert (one.unit or "") == (other.unit or "") and (one.description or None) == (other.description or None), name
        for row, (a, b) in enumerate(zip(one, other)):
            hidden = numpy.all(numpy.ma.getmaskarray(numpy.ma.asarray(a)))
            if hidden:
                nothing = numpy.all(numpy.ma.getmaskarray(numpy.ma.asarray(b))) or (numpy.asarray(b).dtype.kind == "f" and numpy.all(numpy.isnan(b)))
                assert nothing or str(b) == "", (name, row, b)
            elif numpy.asarray(a).dtype.kind in "US":
                assert str(a) == str(b), (name, row)
            else:
                assert numpy.array_equal(numpy.asarray(a), numpy.asarray(b), equal_nan=numpy.asarray(a).dtype.kind in "fc"), (name, row, a, b)


@pytest.mark.parametrize("answer", ["votable/td", "votable"])
@pytest.mark.parametrize("serialization", ["tabledata", "binary", "binary2"])
def test_a_random_table_comes_back_as_it_was(archive, serialization, answer):
    sent = random_table(120, seed=len(serialization))
    if serialization == "binary":
        # BINARY has no NULL for whole numbers and truth values but one that is declared, which astropy does not do.
        for name in ("whole_u1", "whole_i2", "whole_i4", "whole_i8", "truth"):
            sent[name] = sent[name].filled()
    buffer = io.BytesIO()
    document = votable.from_table(sent)
    document.get_first_table().format = serialization
    document.version = "1.4"
    document.to_xml(buffer)
    got = table_of(upload(archive, ALL, {"mine": buffer.getvalue()}, RESPONSEFORMAT=answer)).to_table(use_names_over_ids=True)
    # astropy turns matrices around as it writes them, so what it reads of its own document counts.
    expected = votable.parse_single_table(io.BytesIO(buffer.getvalue())).to_table(use_names_over_ids=True)
    assert len(expected) == len(sent)
    # It also forgets which texts are none.
    expected["words"] = MaskedColumn(expected["words"], mask=sent["words"].mask)
    assert_same(expected, got)


TORTURE = """<?xml version="1.0"?>
<VOTABLE version="1.3" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE name="t"><DESCRIPTION>all of it</DESCRIPTION>
<FIELD name="b" datatype="boolean"/><FIELD name="bs" datatype="boolean" arraysize="*"/><FIELD name="bit" datatype="bit"/><FIELD name="bits" datatype="bit" arraysize="10"/>
<FIELD name="u" datatype="unsignedByte"><VALUES null="255"/></FIELD><FIELD name="us" datatype="unsignedByte" arraysize="*"/>
<FIELD name="s" datatype="short"><VALUES null="-99"/></FIELD><FIELD name="ss" datatype="short" arraysize="2"/>
<FIELD name="i" datatype="int" ucd="meta.id;meta.main" utype="a:b.c" unit="ct"><DESCRIPTION>an
  int</DESCRIPTION></FIELD><FIELD name="l" datatype="long"/><FIELD name="f" datatype="float"/><FIELD name="d" datatype="double" unit="deg"/>
<FIELD name="c1" datatype="char"/><FIELD name="c" datatype="char" arraysize="*"/><FIELD name="c5" datatype="char" arraysize="5"/>
<FIELD name="u_" datatype="unicodeChar" arraysize="*"/>
<FIELD name="fc" datatype="floatComplex"/><FIELD name="dc2" datatype="doubleComplex" arraysize="2"/><FIELD name="dv" datatype="double" arraysize="*"/>
<FIELD name="t" datatype="char" arraysize="*" xtype="timestamp"/><FIELD name="p" datatype="double" arraysize="2" xtype="point"/>
<FIELD name="ci" datatype="double" arraysize="3" xtype="circle"/><FIELD name="po" datatype="double" arraysize="*" xtype="polygon"/>
<FIELD name="iv" datatype="double" arraysize="2" xtype="interval"/><FIELD name="id" datatype="char" arraysize="36" xtype="uuid"/>
<FIELD name="hms" datatype="char" arraysize="*" xtype="hms"/><FIELD name="stc" datatype="char" arraysize="*" xtype="adql:POINT"/>
<DATA><TABLEDATA>
<TR><TD>T</TD><TD>T F 1 0 true</TD><TD>1</TD><TD>1011000010</TD><TD>7</TD><TD>1 0x10 255</TD><TD>-32768</TD><TD> 1
 2 </TD><TD>-2147483648</TD><TD>9223372036854775807</TD><TD>3.4028235e38</TD><TD>+1.7976931348623157E308</TD><TD>x</TD><TD> a &amp; &lt;b&gt; </TD><TD>ab</TD>
<TD>plain</TD><TD>1.5 -2</TD><TD>1 2 3 4</TD><TD>1 NaN -Inf</TD><TD>2016-01-01T12:30:00.25Z</TD><TD>10.25 -20.5</TD><TD>1 2 3</TD>
<TD>0 0 10 0 10 10</TD><TD>-Inf 0.5</TD><TD>123e4567-e89b-12d3-a456-426614174000</TD><TD>12:30:00.5</TD><TD>POSITION ICRS 1 2</TD></TR>
<TR>{nulls}</TR>
<TR><TD>?</TD><TD></TD><TD></TD><TD></TD><TD>255</TD><TD></TD><TD>-99</TD><TD></TD><TD></TD><TD></TD><TD>NaN</TD><TD>-Inf</TD><TD></TD><TD></TD><TD></TD><TD></TD><TD></TD><TD>1 2 3 4</TD><TD></TD><TD>1582-10-04</TD><TD>NaN NaN</TD><TD></TD><TD></TD><TD></TD><TD></TD><TD></TD><TD></TD></TR>
</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>""".replace("{nulls}", "<TD></TD>" * 17 + "<TD>1 2 3 4</TD>" + "<TD></TD>" * 9)

# A NULL is ? here, as PostgreSQL's own words would show it.
TORTURE_ROWS = {
    "b": ["True", "?", "?"], "bs": ["1 0 1 0 1", "?", "?"], "bit": ["True", "?", "?"],
    "bits": ["1 0 1 1 0 0 0 0 1 0", "?", "?"], "u": ["7", "?", "?"], "us": ["1 16 255", "?", "?"], "s": ["-32768", "?", "?"], "ss": ["1 2", "?", "?"],
    "i": ["-2147483648", "?", "?"], "l": ["9223372036854775807", "?", "?"], "c1": ["x", "?", "?"], "c": ["a & <b>", "?", "?"], "c5": ["ab", "?", "?"],
    "u_": ["plain", "?", "?"], "iv": ["-inf 0.5", "?", "?"], "dv": ["1.0 nan -inf", "?", "?"], "fc": ["(1.5-2j)", "?", "?"],
    "dc2": ["(1+2j) (3+4j)"] * 3, "t": ["2016-01-01T12:30:00.250", "?", "1582-10-04T00:00:00"], "id": ["123e4567-e89b-12d3-a456-426614174000", "?", "?"],
    "hms": ["12:30:00.5", "?", "?"], "stc": ["POSITION ICRS 1 2", "?", "?"], "p": ["10.25 -20.5", "?", "?"], "ci": ["1.0 2.0 3.0", "?", "?"],
}


def shown(value):
    if numpy.all(numpy.ma.getmaskarray(numpy.ma.asarray(value))) and numpy.size(value):
        return "?"
    if isinstance(value, (str, numpy.str_)):
        # astropy takes the blanks off the ends of TABLEDATA's cells.
        return str(value).strip() if value else "?"
    values = numpy.ma.asarray(value).ravel().tolist()
    if not values or all(one is None or one != one for one in values):
        return "?"
    return " ".join(str(round(one, 9) if isinstance(one, float) else "nan" if one is None else one) for one in values)


@pytest.mark.parametrize("answer", ["votable/td", "votable"])
def test_every_type_and_xtype_comes_back(archive, answer):
    response = upload(archive, ALL, {"mine": TORTURE.encode()}, RESPONSEFORMAT=answer)
    table = table_of(response)
    assert [field.name for field in table.fields] == [part.split('"')[1] for part in TORTURE.split("<FIELD name=")[1:] for part in ['"' + part.split('"')[1] + '"']]
    got = table.to_table(use_names_over_ids=True)
    for name, expected in TORTURE_ROWS.items():
        assert [shown(value) for value in got[name]] == expected, name
    assert numpy.isnan(numpy.ma.filled(got["f"].astype(float), numpy.nan)[1:]).all() and got["f"][0] == numpy.float32(3.4028235e38)
    assert got["d"][0] == 1.7976931348623157e308 and got["d"][2] == -numpy.inf
    declared = {field.name: (field.datatype, field.arraysize, field.xtype) for field in table.fields}
    assert declared["t"] == ("char", "*", "timestamp") and declared["p"] == ("double", "2", "point") and declared["ci"] == ("double", "3", "circle")
    assert declared["po"] == ("double", "*", "polygon") and declared["iv"] == ("double", "2", "interval") and declared["fc"] == ("floatComplex", None, None)
    assert declared["dc2"] == ("doubleComplex", "2", None) and declared["stc"][2] == "adql:POINT"
    assert declared["id"][2] == "uuid" and declared["hms"][2] == "hms"
    whole = next(field for field in table.fields if field.name == "i")
    assert (whole.ucd, whole.utype, str(whole.unit), whole.description) == ("meta.id;meta.main", "a:b.c", "ct", "an int")
    # votlint stumbles over polygons in BINARY2, which the library around it reads.
    read = stilts("tpipe", "in=-", "ifmt=votable", "ofmt=csv", "out=-", input=response.content).splitlines()
    assert len(read) == 4 and '"((1.0, 2.0), (3.0, 4.0))","(1.0, NaN, -Infinity)",2016-01-01T12:30:00.250' in read[1], read


def test_arrays_of_strings_keep_their_places(archive):
    # One of STILTS's making; astropy has no such thing.
    field = '<FIELD name="words" datatype="char" arraysize="3x{}"/>'
    for size in ("2", "*"):
        count = base64.b64encode((b"" if size == "2" else b"\0\0\0\x06") + b"a\0\0bcd").decode()
        document = XML.format(field.format(size) + '<DATA><BINARY><STREAM encoding="base64">{}</STREAM></BINARY></DATA>'.format(count))
        answer = upload(archive, ALL, {"mine": document.encode()}, RESPONSEFORMAT="votable/td")
        assert 'arraysize="3x' in answer.text and "<TD>a  bcd</TD>" in answer.text, answer.text


def test_text_of_any_script_comes_back(archive):
    words = ["Größe", "星", "α Cen", "𝛼", "a\u0301"]
    sent = Table({"word": words})
    for serialization in ("tabledata", "binary", "binary2"):
        got = table_of(upload(archive, ALL, {"mine": document_of(sent, serialization)}, RESPONSEFORMAT="votable/td")).to_table()
        kept = [word for word in words if max(map(ord, word)) < 0x10000]
        assert [str(word) for word in got["word"] if str(word) in kept] == kept, serialization


def document_of(table, serialization="tabledata", version="1.4"):
    buffer = io.BytesIO()
    document = votable.from_table(table)
    document.version = version
    document.get_first_table().format = serialization
    document.to_xml(buffer)
    return buffer.getvalue()


def test_shapes_are_shapes_and_times_are_times(archive):
    answer = upload(
        archive, "SELECT CONTAINS(POINT(1, 2), ci) AS a, COORD1(p) AS b, AREA(po) AS c FROM TAP_UPLOAD.mine WHERE id IS NOT NULL", {"mine": TORTURE.encode()}, RESPONSEFORMAT="csv")
    cells = answer.text.splitlines()[1].split(",")
    assert cells[0] == "1" and float(cells[1]) == pytest.approx(10.25) and float(cells[2]) == pytest.approx(50, rel=0.02)
    answer = upload(archive, "SELECT COUNT(*) FROM TAP_UPLOAD.mine WHERE t > '2015-01-01T00:00:00'", {"mine": TORTURE.encode()}, RESPONSEFORMAT="csv")
    assert answer.text.splitlines()[1] == "1"


NAMES = ["plain", "Plain", "PLAIN", "with blank", "select", "TAP_UPLOAD", "", "1st", "größe", "a.b", 'quo"te', "x" * 80, "a", "a", "", "d,e", "--", "ctid", "oid", "c1"]


def test_awkward_names_come_back(archive):
    escape = lambda name: name.replace("&", "&amp;").replace('"', "&quot;")
    fields = "".join('<FIELD name="{}" datatype="int"/>'.format(escape(name)) for name in NAMES)
    cells = "".join("<TD>{}</TD>".format(number) for number in range(len(NAMES)))
    document = "<VOTABLE><RESOURCE><TABLE>{}<DATA><TABLEDATA><TR>{}</TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>".format(fields, cells).encode()
    table = table_of(upload(archive, ALL, {"mine": document}))
    got = [field.name for field in table.fields]
    expected = [name or "column_{}".format(number + 1) for number, name in enumerate(NAMES)]
    expected[13] = "a_2"
    assert got == expected
    assert list(table.array[0]) == list(range(len(NAMES)))
    for number, name in enumerate(expected):
        answer = upload(archive, 'SELECT "{}" FROM tap_upload.MINE'.format(name.replace('"', '""')), {"mine": document}, RESPONSEFORMAT="csv")
        assert answer.text.splitlines()[1] == str(number), name


# MARK: - Forms


@pytest.mark.parametrize("version", ["1.1", "1.2", "1.3", "1.4", "1.5"])
def test_every_version_is_read(archive, version):
    sent = Table({"a": [1, 2, 3], "b": [1.5, 2.5, 3.5]})
    text = document_of(sent, version=version if version != "1.5" else "1.4").replace(b'version="1.4"', 'version="{}"'.format(version).encode())
    got = table_of(upload(archive, ALL, {"mine": text})).to_table()
    assert list(got["a"]) == [1, 2, 3] and list(got["b"]) == [1.5, 2.5, 3.5]


def test_a_votable_of_1_0_without_namespace_and_with_its_doctype_is_read(archive):
    text = """<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE VOTABLE SYSTEM "http://us-vo.org/xml/VOTable.dtd">
        <VOTABLE version="1.0"><!-- old --><DEFINITIONS/><RESOURCE><TABLE><FIELD ID="col1" name="a" datatype="char" arraysize="*"/>
        <DATA><TABLEDATA><TR><TD>gr\xf6\xdfe</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>""".encode("latin-1")
    assert upload(archive, ALL, {"mine": text}, RESPONSEFORMAT="csv").content.decode().splitlines()[1] == "größe"


def test_only_the_first_table_counts_and_one_without_data_has_no_rows(archive):
    table = '<TABLE><FIELD name="{}" datatype="int"/>{}</TABLE>'
    rows = "<DATA><TABLEDATA><TR><TD>1</TD></TR></TABLEDATA></DATA>"
    wrap = lambda *tables: "<VOTABLE><RESOURCE>{}</RESOURCE></VOTABLE>".format("".join(tables)).encode()
    assert upload(archive, ALL, {"mine": wrap(table.format("a", rows), table.format("b", rows))}, RESPONSEFORMAT="csv").text.split() == ["a", "1"]
    assert upload(archive, ALL, {"mine": wrap(table.format("a", ""))}, RESPONSEFORMAT="csv").text.split() == ["a"]


def fits_table(rows=50):
    generator = numpy.random.default_rng(3)
    columns = [
        fits.Column("flag", "L", array=generator.random(rows) < 0.5), fits.Column("byte", "B", array=generator.integers(0, 255, rows)),
        fits.Column("short", "I", array=generator.integers(-9999, 9999, rows), null=-32768),
        fits.Column("unsigned", "J", bzero=2**31, array=generator.integers(0, 2**32 - 1, rows).astype("u4")),
        fits.Column("long", "K", array=generator.integers(-(2**60), 2**60, rows)), fits.Column("real", "E", unit="mag", array=generator.normal(size=rows)),
        fits.Column("double", "D", unit="deg", array=generator.normal(size=rows)), fits.Column("word", "7A", array=["w{}".format(n) for n in range(rows)]),
        fits.Column("three", "3E", array=generator.normal(size=(rows, 3))), fits.Column("complex", "M", array=generator.normal(size=rows) + 1j),
        fits.Column("varying", "PD()", array=numpy.array([generator.normal(size=n % 4) for n in range(rows)], dtype=object)),
    ]
    return fits.BinTableHDU.from_columns(columns)


def bytes_of(hdus):
    buffer = io.BytesIO()
    fits.HDUList(hdus).writeto(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("packed", [False, True])
def test_a_fits_table_comes_back(archive, packed):
    hdu = fits_table()
    content = bytes_of([fits.PrimaryHDU(numpy.zeros((10, 10))), fits.ImageHDU(numpy.zeros(5)), hdu])
    got = table_of(upload(archive, ALL, {"mine": gzip.compress(content) if packed else content})).to_table()
    sent = hdu.data
    assert got.colnames == list(sent.names)
    for name in sent.names:
        for one, other in zip(sent[name], got[name]):
            if name == "word":
                assert str(one) == str(other)
            else:
                assert numpy.array_equal(numpy.asarray(one), numpy.ma.filled(numpy.ma.asarray(other), numpy.nan) if name == "varying" else numpy.asarray(other)), name
    assert str(got["real"].unit) == "mag" and str(got["double"].unit) == "deg"


def test_a_fits_ascii_table_comes_back(archive):
    columns = [
        fits.Column("n", "I6", ascii=True, array=[1, -22, 333]), fits.Column("x", "D25.17", ascii=True, array=[1.5, -2.25e-10, 3e100]),
        fits.Column("w", "A5", ascii=True, array=["a", "bb", "ccccc"])]
    content = bytes_of([fits.PrimaryHDU(), fits.TableHDU.from_columns(columns)])
    got = table_of(upload(archive, ALL, {"mine": content})).to_table()
    assert list(got["n"]) == [1, -22, 333] and list(got["x"]) == [1.5, -2.25e-10, 3e100] and [str(word) for word in got["w"]] == ["a", "bb", "ccccc"]


CSV = 'id,ra,flag,"when",note,empty\r\n1,10.5,true,2016-01-01T00:00:00,"a, ""b""\nc",\r\n2,,false,2016-01-02T12:00:00.5,,\r\n3000000000,-1e-3,TRUE,,"",\r\n'


@pytest.mark.parametrize("kind", ["csv", "tsv", "ecsv", "bom", "gzip"])
def test_text_tables_get_their_types_from_what_stands_in_them(archive, kind):
    text = CSV
    if kind == "tsv":
        text = CSV.replace('"a, ""b""\nc"', "note").replace('"when"', "when").replace('""', "").replace(",", "\t")
    if kind == "ecsv":
        text = "# %ECSV 1.0\n# ---\n# delimiter: ','\n# datatype:\n# - {name: id, datatype: int64}\n" + CSV
    content = ("\ufeff" + text if kind == "bom" else text).encode()
    table = table_of(upload(archive, ALL, {"mine": gzip.compress(content) if kind == "gzip" else content}))
    assert [(field.name, field.datatype, field.xtype) for field in table.fields] == [
        ("id", "long", None), ("ra", "double", None), ("flag", "boolean", None), ("when", "char", "timestamp"), ("note", "char", None), ("empty", "char", None)]
    got = table.to_table()
    assert list(got["id"]) == [1, 2, 3000000000] and list(got["ra"].filled(99)) == [10.5, 99, -1e-3]
    assert str(got["note"][0]) == ("note" if kind == "tsv" else 'a, "b"\nc')


# MARK: - Requests


def test_pyvo_uploads_tables_files_and_addresses(open_archive, workplace):
    import pyvo

    tap = pyvo.dal.TAPService(open_archive.base + "/tap")
    sent = Table({"n": [1, 2, 3]})
    path = workplace / "upload.xml"
    path.write_bytes(document_of(sent))
    with serve_files({"/t.xml": path.read_bytes()}) as base:
        for source in (sent, str(path), base + "/t.xml"):
            assert list(tap.search(ALL, uploads={"mine": source})["n"]) == [1, 2, 3]
    assert [upload["type"] if isinstance(upload, dict) else upload.ivo_id.split("-")[-1] for upload in tap.upload_methods] == ["inline", "http", "https"]


def test_stilts_uploads(archive, workplace):
    path = workplace / "stilts.xml"
    path.write_bytes(document_of(Table({"n": [4, 5, 6], "w": ["a", "b", "c"]})))
    output = stilts(
        "tapquery", "tapurl={}/tap".format(archive.base), "sync=true", "nupload=1", "upload1={}".format(path), "upname1=mine", "adql=" + ALL, "ofmt=csv", "out=-")
    assert output.split() == ["n,w", "4,a", "5,b", "6,c"]


def test_several_tables_in_all_ways_of_saying_so(archive):
    one, two = (document_of(Table({"n": [number]})) for number in (1, 2))
    query = "SELECT a.n + b.n AS s FROM TAP_UPLOAD.one AS a, TAP_UPLOAD.two AS b"
    fields = [("LANG", "ADQL"), ("QUERY", query), ("RESPONSEFORMAT", "csv")]
    for names in (["one,param:p1", "two,param:p2"], ["one,param:p1;two,param:p2"], ["one,param:p1;two,param:p2;"], [" one , param:p1 "," TAP_UPLOAD.two,param:p2"]):
        answer = form(archive, [("UPLOAD", name) for name in names] + fields + [("p1", one, "a.xml"), ("p2", two, "b.xml")])
        assert answer.text.split() == ["s", "3"], answer.text


@pytest.mark.parametrize("order", ["last", "first", "between"])
@pytest.mark.parametrize("filename", ["t.vot", None])
def test_parts_come_in_any_order_and_with_or_without_a_file_name(archive, order, filename):
    part = ("p-1", document_of(Table({"n": [7]})), filename)
    fields = [("UPLOAD", "mine,param:p-1"), ("LANG", "ADQL"), ("QUERY", ALL), ("RESPONSEFORMAT", "csv")]
    place = {"last": 4, "first": 0, "between": 2}[order]
    assert form(archive, fields[:place] + [part] + fields[place:]).text.split() == ["n", "7"]


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
def test_the_quirks_of_other_clients_are_taken(archive, newline):
    body = newline.join([
        b"a preamble", b"--x y", b'content-disposition: form-data; NAME=UPLOAD', b"", b"mine,param:the file", b"--x y",
        b'Content-Type: application/x-votable+xml; charset="utf-8"', b"Content-Transfer-Encoding: binary",
        b'Content-Disposition: form-data; filename="C:\\tables\\a;b.vot"; name="the file"', b"", document_of(Table({"n": [7]})), b"--x y",
        b'Content-Disposition: form-data; name="LANG"', b"", b"ADQL", b"--x y", b'Content-Disposition: form-data; name="QUERY"', b"", ALL.encode(),
        b"--x y  ", b'Content-Disposition: form-data; name="RESPONSEFORMAT"', b"", b"csv", b"--x y--", b"an epilogue"])
    answer = requests.post(archive.base + "/tap/sync", data=body, headers={"Content-Type": 'multipart/form-data; boundary="x y"'}, timeout=60)
    assert answer.text.split() == ["n", "7"]


def test_a_table_as_a_plain_value_is_taken(archive):
    answer = requests.post(
        archive.base + "/tap/sync", timeout=60,
        data={"LANG": "ADQL", "QUERY": ALL, "RESPONSEFORMAT": "csv", "UPLOAD": "mine,param:text", "text": "n,m\n1,2\n"})
    assert answer.text.split() == ["n,m", "1,2"]


# MARK: - What is refused

XML = "<VOTABLE><RESOURCE><TABLE>{}</TABLE></RESOURCE></VOTABLE>"
INT = '<FIELD name="n" datatype="int"/>'


def rows(*cells):
    return XML.format(INT + "<DATA><TABLEDATA>" + "".join("<TR><TD>{}</TD></TR>".format(cell) for cell in cells) + "</TABLEDATA></DATA>").encode()


BOMB = b'<!DOCTYPE VOTABLE [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    '<!ENTITY {} "{}">'.format(chr(98 + n), "&{};".format(chr(97 + n)) * 10).encode() for n in range(9)) + b"]>" + rows("&j;")

FITS = bytes_of([fits.PrimaryHDU(), fits_table()])


def fits_card(content, key, value):
    """The table's header with another value; TNULL3 gives way to a key that is not there."""
    start = content.index(b"XTENSION")
    place = content.find("{:8}= ".format(key).encode(), start)
    place = place if place >= 0 else content.index(b"TNULL3  = ", start)
    return content[:place] + "{:8}= {:>20}".format(key, value).ljust(80).encode() + content[place + 80:]


DAMAGED = {
    "a bad number": (rows(1, 2, "abc"), 'row 3, column "n": "abc" is no whole number'),
    "a number out of range": (rows(1, 3000000000), 'row 2, column "n": "3000000000" is no int, which goes from -2147483648'),
    "too few cells": (XML.format(INT + '<FIELD name="m" datatype="int"/><DATA><TABLEDATA><TR><TD>1</TD></TR></TABLEDATA></DATA>').encode(), "row 1 has 1 cells"),
    "too many cells": (rows("1</TD><TD>2"), "row 1 has more cells"),
    "half a document": (rows(*range(1000))[:9000], "behind row"),
    "no table": (b"<VOTABLE><RESOURCE/></VOTABLE>", "holds no TABLE"),
    "no columns": (XML.format("").encode(), "has no columns"),
    "not well-formed": (rows(1).replace(b"</TR>", b"</tr>"), "not well-formed"),
    "an entity bomb": (BOMB, "entities"),
    "a file by entity": (b'<!DOCTYPE V [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rows("&x;"), "entities"),
    "an unknown entity": (rows("&nbsp;"), "not"),
    "deep nesting": (b"<VOTABLE>" + b"<GROUP>" * 5000, "nest more than 64 deep"),
    "a huge attribute": (b'<VOTABLE ID="' + b"x" * 5_000_000 + b'"/>', "larger than 1048576 bytes"),
    "a datatype that is none": (XML.format('<FIELD name="n" datatype="number"/>').encode(), '"number" is no datatype'),
    "rows at another address": (
        XML.format(INT + '<DATA><BINARY><STREAM href="file:///etc/passwd"/></BINARY></DATA>').encode(), "which is not followed"),
    "base64 that is none": (XML.format(INT + '<DATA><BINARY><STREAM encoding="base64">AAAA!AA</STREAM></BINARY></DATA>').encode(), "base64"),
    "half a row": (XML.format(INT + '<DATA><BINARY><STREAM encoding="base64">AAAAAQAA</STREAM></BINARY></DATA>').encode(), "in the middle of row 2"),
    "a cell of two gigabytes": (
        XML.format('<FIELD name="c" datatype="char" arraysize="*"/><DATA><BINARY><STREAM encoding="base64">f////w==</STREAM></BINARY></DATA>').encode(),
        "2147483647 bytes"),
    "a bad polygon": (
        XML.format('<FIELD name="p" datatype="double" arraysize="*" xtype="polygon"/><DATA><TABLEDATA><TR><TD>0 0 10 10 10 0 0 10</TD></TR></TABLEDATA></DATA>')
        .encode(), 'row 1, column "p": the numbers make no polygon'),
    "a latitude beyond the pole": (
        XML.format('<FIELD name="p" datatype="double" arraysize="2" xtype="point"/><DATA><TABLEDATA><TR><TD>0 91</TD></TR></TABLEDATA></DATA>').encode(),
        "row 1, column \"p\": the latitude 91.0"),
    "CSV with a short line": (b"a,b\n1,2\n3\n", "row 2 has 1 fields"),
    "CSV without names": (b"1,2\n3,4\n", "must name the columns"),
    "CSV with an open quote": (b'a,b\n1,"2\n', "not closed in row 1"),
    "half a FITS file": (bytes_of([fits.PrimaryHDU(), fits_table()])[:7000], "row"),
    "a FITS table of endless groups": (fits_card(fits_card(FITS, "GCOUNT", 2**63 - 1), "BITPIX", 64), "make no sense"),
    "a FITS table with a heap beyond all": (fits_card(FITS, "THEAP", 2**63 - 9), "heap"),
    "a FITS row of 250 MB": (fits_card(FITS, "NAXIS1", 250_000_000), "row 1 has more than 67108864 bytes"),
    "a FITS file without tables": (bytes_of([fits.PrimaryHDU(numpy.zeros((5, 5)))]), "holds no table"),
    "half a gzip'd file": (gzip.compress(rows(*range(1000)))[:500], "gzip"),
    "Parquet": (b"PAR1" + b"\0" * 100, "Parquet is not read; VOTable, FITS tables, CSV and TSV are read"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + b"\0" * 100, "HDF5 is not read"),
    "nothing": (b"", "there is nothing in it"),
    "binary rubbish": (bytes(range(256)) * 3, "no table of a known form"),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_what_is_damaged_is_refused_with_its_place(archive, leftovers, what):
    content, message = DAMAGED[what]
    answer = upload(archive, ALL, {"mine": content})
    assert answer.status_code in (400, 413), answer.text
    assert message in answer_message(answer) and 'the uploaded table "mine"' in answer_message(answer)
    assert leftovers() == []


REFUSED = {
    "no form": ({"UPLOAD": "mine"}, "names no table"),
    "no such part": ({"UPLOAD": "mine,param:nothing"}, 'the part "nothing", which the request does not have'),
    "a reserved word": ({"UPLOAD": "table,param:x"}, "reserved word"),
    "a name with a blank": ({"UPLOAD": "my table,param:x"}, "can't name"),
    "a name with a schema": ({"UPLOAD": "gaia.mine,param:x"}, "can't name"),
    "a name twice": ({"UPLOAD": "mine,param:x;MINE,param:y"}, 'two uploaded tables are called "MINE"'),
    "another scheme": ({"UPLOAD": "mine,file:///etc/passwd"}, "there are param:, http: and https:"),
    "ftp": ({"UPLOAD": "mine,ftp://example.org/x"}, "there are param:, http: and https:"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_wrong_upload_parameter_is_refused(archive, what):
    parameters, message = REFUSED[what]
    answer = archive.query(ALL, **parameters)
    assert answer.status_code == 400 and message in answer_message(answer)


def test_limits_are_kept_and_told(open_archive, leftovers):
    small = Table({"n": numpy.arange(2000)})
    assert upload(open_archive, "SELECT COUNT(*) FROM TAP_UPLOAD.mine", {"mine": document_of(small)}, RESPONSEFORMAT="csv").text.split()[1] == "2000"
    over = {
        "2000 rows": {"mine": document_of(Table({"n": numpy.arange(2001)}))},
        "2000 rows ": {"mine": b"n\n" + b"1\n" * 2001},
        "30 columns": {"mine": document_of(Table({"c{}".format(n): [1] for n in range(31)}))},
        "3000000 bytes": {"mine": rows(*["1" * 9] * 1900) + b"<!--" + b" " * 900_000 + b"-->" * 1 + b"<!--" + b" " * 900_000 + b"-->" + (b"<!--" + b" " * 900_000 + b"-->") * 2},
        "3000000 bytes ": {"mine": gzip.compress(b"n\n" + b" " * 4_000_000)},
        "3 tables": {"t{}".format(n): document_of(small[:1]) for n in range(4)},
    }
    for message, tables in over.items():
        answer = upload(open_archive, ALL, tables)
        assert answer.status_code == 413 and message.strip() in answer_message(answer), (message, answer.text[:500])
    assert leftovers() == []
    limit = open_archive.get("/tap/capabilities").text.split("<uploadLimit>")[1].split("</uploadLimit>")[0]
    assert 'unit="row">2000<' in limit


# MARK: - Whose tables they are


def test_a_table_is_its_request_s_own_and_gone_afterwards(archive, leftovers, database):
    sent = document_of(Table({"n": numpy.arange(500)}))
    slow = "SELECT COUNT(*) FROM TAP_UPLOAD.mine AS a, TAP_UPLOAD.mine AS b, TAP_UPLOAD.mine AS c WHERE a.n + b.n > c.n"
    answers = []
    thread = threading.Thread(target=lambda: answers.append(upload(archive, slow, {"mine": sent}, RESPONSEFORMAT="csv")))
    thread.start()
    wait_until(lambda: leftovers(), "the table has come in", 20)
    name = leftovers()[0]
    for other in ("TAP_UPLOAD.mine", "almagest_upload." + name, name, 'TAP_UPLOAD."{}"'.format(name), '"almagest_upload"."{}"'.format(name), "almagest.uploads"):
        refused = archive.query("SELECT * FROM " + other)
        assert refused.status_code == 400 and "unknown table" in answer_message(refused), other
    other = upload(archive, "SELECT COUNT(*) FROM TAP_UPLOAD.mine", {"mine": document_of(Table({"n": [1]}))}, RESPONSEFORMAT="csv")
    assert other.text.split()[1] == "1"
    assert "TAP_UPLOAD" not in archive.get("/tap/tables").text
    thread.join()
    assert answers[0].text.split()[1].isdigit()
    wait_until(lambda: not leftovers(), "the tables are gone", 10)
    assert name not in [row[0] for row in database.copy("SELECT table_name FROM almagest.uploads")]


def test_an_unknown_table_error_names_what_was_uploaded(archive):
    answer = upload(archive, "SELECT * FROM TAP_UPLOAD.other", {"mine": document_of(Table({"n": [1]}))})
    assert answer.status_code == 400 and 'unknown table "TAP_UPLOAD.other"' in answer_message(answer) and "mine" in answer_message(answer)


def test_a_client_that_goes_away_leaves_nothing(archive, leftovers):
    start = b"".join([
        b"--b\r\nContent-Disposition: form-data; name=\"UPLOAD\"\r\n\r\nmine,param:p\r\n--b\r\n",
        b"Content-Disposition: form-data; name=\"p\"; filename=\"p\"\r\n\r\n", rows(*range(60000))[:-60]])
    connection = http.client.HTTPConnection("127.0.0.1", archive.port, timeout=20)
    connection.putrequest("POST", "/tap/sync")
    connection.putheader("Content-Type", "multipart/form-data; boundary=b")
    connection.putheader("Content-Length", str(len(start) + 100000))
    connection.endheaders()
    connection.send(start)
    time.sleep(0.5)
    connection.close()
    wait_until(lambda: not leftovers() and idle(archive), "nothing is left", 10)


def file_part(name, content):
    return b'--b\r\nContent-Disposition: form-data; name="' + name + b'"; filename="f"\r\n\r\n' + content + b"\r\n"


# Large enough that it is read before the form has ended.
LARGE = b"n\n" + b"1234567\n" * 100_000
NAMED = b'--b\r\nContent-Disposition: form-data; name="UPLOAD"\r\n\r\nmine,param:p\r\n'


def test_a_client_that_goes_away_after_its_first_table_leaves_nothing(archive, leftovers):
    start = NAMED + file_part(b"p", LARGE) + file_part(b"q", b"n\n1\n")
    connection = http.client.HTTPConnection("127.0.0.1", archive.port, timeout=20)
    connection.putrequest("POST", "/tap/sync")
    connection.putheader("Content-Type", "multipart/form-data; boundary=b")
    connection.putheader("Content-Length", str(len(start) + 100000))
    connection.endheaders()
    connection.send(start)
    wait_until(leftovers, "the first table is in the database", 20)
    connection.close()
    wait_until(lambda: not leftovers(), "nothing is left", 10)


BROKEN = {
    "no last boundary": (file_part(b"p", LARGE), "ends before its last boundary"),
    "long headers": (file_part(b"p", LARGE) + b"--b\r\nX: " + b"x" * 20000 + b"\r\n\r\n\r\n--b--\r\n", "headers of a part are longer"),
    "many tables": (file_part(b"p", LARGE) + file_part(b"q", b"n\n") * 100 + b"--b--\r\n", "more than 100 tables"),
    "many parameters": (
        file_part(b"p", LARGE) + b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n' * 1000 + b"--b--\r\n", "more than 1000 parameters"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_form_leaves_none_of_its_tables(archive, leftovers, what):
    body, message = BROKEN[what]
    answer = requests.post(archive.base + "/tap/sync", data=NAMED + body, headers={"Content-Type": "multipart/form-data; boundary=b"}, timeout=60)
    assert answer.status_code == 400 and message in answer_message(answer), answer.text
    wait_until(lambda: not leftovers() and idle(archive), "nothing is left", 10)


def test_of_two_parts_of_one_name_nothing_is_left(archive, leftovers):
    parts = [("LANG", "ADQL"), ("QUERY", "SELECT COUNT(*) FROM TAP_UPLOAD.mine"), ("RESPONSEFORMAT", "csv"), ("UPLOAD", "mine,param:p")]
    answer = form(archive, parts + [("p", LARGE, "f"), ("p", LARGE + b"1\n", "f")])
    assert answer.text.split()[1] == "100000"
    wait_until(lambda: not leftovers(), "nothing is left", 10)


def test_parameters_without_end_are_refused(archive):
    fields = "LANG=ADQL&QUERY=SELECT+1+AS+n+FROM+tap_schema.schemas" + "&x=y" * 999
    answer = requests.post(archive.base + "/tap/sync", data=fields, headers={"Content-Type": "application/x-www-form-urlencoded"}, timeout=60)
    assert answer.status_code == 400 and "more than 1000 parameters" in answer_message(answer)


@pytest.mark.parametrize("value", [" " * 10000, "a;" * 5000, "a" + " " * 10000 + ";"])
def test_an_upload_parameter_that_is_hard_to_read_is_answered_at_once(archive, value):
    answer = requests.post(archive.base + "/tap/sync", data={"LANG": "ADQL", "QUERY": ALL, "UPLOAD": value}, timeout=30)
    assert answer.status_code == 400


def idle(archive):
    return archive.query("SELECT 1 AS one FROM tap_schema.schemas", MAXREC="1").ok


def test_tables_of_a_killed_server_are_swept(servers, database, workplace, archive, leftovers):
    dying = Archive(workplace / "dying", database.url, servers[1])
    dying.settings["ALMAGEST_STATE_DIR"] = archive.settings["ALMAGEST_STATE_DIR"]
    dying.settings["ALMAGEST_TAP_SYNC_COST"] = "0"
    dying.start()
    sent = document_of(Table({"n": numpy.arange(800)}))
    slow = "SELECT COUNT(*) FROM TAP_UPLOAD.mine AS a, TAP_UPLOAD.mine AS b, TAP_UPLOAD.mine AS c WHERE a.n + b.n > c.n"
    def ask():
        try:
            upload(dying, slow, {"mine": sent})
        except requests.ConnectionError:
            pass

    thread = threading.Thread(target=ask)
    thread.start()
    wait_until(lambda: leftovers(), "the table has come in", 20)
    os.kill(dying.process.pid, signal.SIGKILL)
    dying.process.wait()
    thread.join()
    assert leftovers()
    subprocess.run(["psql", "-Xqd", database.url, "-c", "UPDATE almagest.uploads SET created_at = created_at - interval '1 hour'"], check=True)
    third = Archive(workplace / "third", database.url, servers[1])
    third.settings["ALMAGEST_STATE_DIR"] = archive.settings["ALMAGEST_STATE_DIR"]
    third.start()
    try:
        # A process counts as dead when its lock was free for more than 15 s.
        wait_until(lambda: not leftovers(), "the tables are swept", 60)
    finally:
        assert third.stop() == 0


# MARK: - Jobs


def test_jobs_keep_their_tables_until_they_are_deleted(archive, tap, leftovers):
    job = tap.submit_job(ALL, uploads={"mine": Table({"n": [1, 2, 3]})})
    assert len(leftovers()) == 1 and job.phase == "PENDING"
    job.run().wait(timeout=30)
    assert job.phase == "COMPLETED" and list(job.fetch_result()["n"]) == [1, 2, 3]
    assert len(leftovers()) == 1
    job.delete()
    wait_until(lambda: not leftovers(), "the job's table is gone", 10)


def test_a_pending_job_takes_more_tables_and_refuses_damaged_ones(archive, tap, leftovers):
    job = tap.submit_job("SELECT a.n + b.n AS s FROM TAP_UPLOAD.one AS a, TAP_UPLOAD.two AS b", uploads={"one": Table({"n": [1]})})
    add = lambda name, content: requests.post(
        job.url + "/parameters", data={"UPLOAD": name + ",param:p"}, files={"p": ("p.csv", content)}, timeout=60, allow_redirects=False)
    assert add("two", b"n\n2,3\n").status_code == 400 and add("one", b"n\n2\n").status_code == 400
    assert add("two", b"n\n2\n").status_code == 303 and len(leftovers()) == 2
    job.run().wait(timeout=30)
    assert list(job.fetch_result()["s"]) == [3]
    job.delete()
    wait_until(lambda: not leftovers(), "the job's tables are gone", 10)


def test_stilts_uploads_to_a_job(archive, workplace):
    path = workplace / "job.csv"
    path.write_text("n,w\n4,a\n5,b\n")
    output = stilts(
        "tapquery", "tapurl={}/tap".format(archive.base), "sync=false", "nupload=1", "upload1={}".format(path), "ufmt1=csv", "upname1=mine", "adql=" + ALL,
        "poll=100", "progress=false", "ofmt=csv", "out=-")
    assert output.split()[-3:] == ["n,w", "4,a", "5,b"], output


def test_taplint_finds_nothing_in_uploads(archive):
    errors, warnings = taplint_remarks(archive.base + "/tap", "CPV CAP UPL")
    assert errors == []
    assert [line for line in warnings if "-UPL-" in line] == []


# MARK: - Addresses

FORBIDDEN = [
    "http://localhost:{port}/t.xml", "http://127.0.0.1:{port}/t.xml", "http://127.1:{port}/t.xml", "http://0.0.0.0:{port}/t.xml", "http://[::1]:{port}/t.xml",
    "http://[::ffff:127.0.0.1]:{port}/t.xml", "http://2130706433:{port}/t.xml", "http://0x7f000001:{port}/t.xml", "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/", "http://100.64.0.1/", "http://[fe80::1]/", "http://[fc00::1]/", "http://224.0.0.1/",
    "http://user:password@127.0.0.1:{port}/t.xml",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_addresses_of_the_server_s_own_network_are_refused(archive, address):
    with serve_files({"/t.xml": rows(1)}) as base:
        answer = archive.query(ALL, UPLOAD="mine," + address.format(port=base.rsplit(":", 1)[1]))
        assert answer.status_code == 400, answer.text
        assert "does not read from" in answer_message(answer) or "no address of http" in answer_message(answer)
        assert serve_files.requests == []


def test_tables_are_read_from_addresses_and_redirects_are_judged_anew(open_archive, leftovers):
    files = {"/t.csv": b"n\n1\n", "/t;a=1,b.csv": b"n\n2\n", "/big": b"n\n" + b"1234567\n" * 500_000, "/": b""}
    with serve_files(files) as base:
        port = base.rsplit(":", 1)[1]
        fine = {"/t.csv": "1", "/t;a=1,b.csv": "2", "/redirect?to=/t.csv": "1", "/redirect?to=/redirect?to=/t.csv": "1"}
        for path, value in fine.items():
            assert open_archive.query(ALL, UPLOAD="mine,{}{}".format(base, path), RESPONSEFORMAT="csv").text.split() == ["n", value], path
        refused = {
            "/redirect?to=http://localhost:{}/t.csv".format(port): 'the host "localhost" lies in a network',
            "/redirect?to=http://[::1]:{}/t.csv".format(port): "lies in a network", "/redirect?to=file:///etc/passwd": "no address of http",
            "/redirect?to=/loop": "", "/nothing": "HTTP status 404", "/loop": "leads on more than 5 times", "/big": "",
        }
        for path, message in refused.items():
            answer = open_archive.query(ALL, UPLOAD="mine,{}{}".format(base, path))
            assert answer.status_code in (400, 413) and message in answer_message(answer), (path, answer.text)
    assert leftovers() == []


# MARK: - Crossmatch


def test_an_upload_crossmatch_finds_what_arithmetic_finds(archive, tap):
    stars = tap.search("SELECT TOP 200 source_id, ra, dec FROM gaia.completesource ORDER BY source_id").to_table()
    generator = numpy.random.default_rng(5)
    sent = Table({
        "n": numpy.arange(600), "RA": numpy.concatenate([numpy.asarray(stars["ra"]) + 1e-5] * 3), "Dec": numpy.concatenate(
            [numpy.asarray(stars["dec"]) + generator.choice([1e-5, 2e-2], len(stars))] * 3)})
    assert len(sent) >= 300
    near = lambda a, b: numpy.degrees(2 * numpy.arcsin(numpy.sqrt(
        numpy.sin(numpy.radians(a["dec"] - b["Dec"]) / 2) ** 2
        + numpy.cos(numpy.radians(a["dec"])) * numpy.cos(numpy.radians(b["Dec"])) * numpy.sin(numpy.radians(a["ra"] - b["RA"]) / 2) ** 2)))
    whole = tap.search("SELECT source_id, ra, dec FROM gaia.completesource", maxrec=1_000_000).to_table()
    expected = set()
    for row in sent:
        for star in whole[near(whole, row) < 0.001]:
            expected.add((int(row["n"]), int(star["source_id"])))
    conditions = [
        "DISTANCE(u.RA, u.Dec, g.ra, g.dec) < 0.001", "DISTANCE(POINT(g.ra, g.dec), POINT(u.ra, u.dec)) < 0.001",
        "1 = CONTAINS(POINT(g.ra, g.dec), CIRCLE(u.RA, u.Dec, 0.001))", "1 = CONTAINS(POINT(u.RA, u.Dec), CIRCLE(g.ra, g.dec, 0.001))"]
    for condition in conditions:
        for tables in ("TAP_UPLOAD.mine AS u JOIN gaia.completesource AS g", "gaia.completesource AS g JOIN TAP_UPLOAD.mine AS u"):
            got = tap.search("SELECT u.n, g.source_id FROM {} ON {}".format(tables, condition), uploads={"mine": sent}, maxrec=100000)
            assert {(int(row["n"]), int(row["source_id"])) for row in got} == expected, condition


@pytest.mark.parametrize("answer", ["votable", "votable/b", "votable/td"])
def test_unicode_text_stays_itself_in_every_row(archive, answer):
    # The last row alone has more than ASCII, long after the head of the answer was written.
    rows = "".join("<TR><TD>star {}</TD></TR>".format(number) for number in range(20000)) + "<TR><TD>Ångström ☃</TD></TR>"
    document = (
        '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE>'
        '<FIELD name="name" datatype="unicodeChar" arraysize="*"/><DATA><TABLEDATA>{}</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>'
    ).format(rows)
    got = table_of(upload(archive, ALL, {"mine": document.encode()}, RESPONSEFORMAT=answer))
    assert got.fields[0].datatype == "unicodeChar"
    names = [str(name) for name in got.to_table(use_names_over_ids=True)["name"]]
    assert len(names) == 20001 and names[0] == "star 0" and "Ångström ☃" in names
