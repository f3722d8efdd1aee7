"""Every format says what PostgreSQL says, cell by cell, as astropy, STILTS, pandas and pyarrow read it."""

import datetime
import io
import json
import math
import re
import warnings

import numpy as np
import pandas
import pyarrow.parquet
import pytest
import torture
from astropy.io import fits
from astropy.io.votable import parse
from astropy.table import Table
from judges import stilts, votlint_remarks

QUERY = "SELECT {} FROM torture.cells ORDER BY n".format(", ".join('"{}"'.format(name) for name in torture.NAMES))
SINGLE = {"r", "floats"}


@pytest.fixture(scope="module")
def archive(torture_archive):
    return torture_archive


@pytest.fixture(scope="module")
def expected(torture_archive):
    cells = torture.cells(torture_archive.database)
    assert len(cells) == len(torture.ROWS) and cells[8][7] == torture.LONG_TEXT
    return cells


def ask(archive, form, query=QUERY, **parameters):
    answer = archive.query(query, RESPONSEFORMAT=form, **parameters)
    assert answer.status_code == 200, answer.text[:500]
    return answer


def compare(found, expected, *, loses):
    """Cell by cell, after what the format is known to lose was taken from both sides."""
    assert len(found) == len(expected)
    for number, (row, wanted) in enumerate(zip(found, expected), 1):
        for name, cell, want in zip(torture.NAMES, row, wanted):
            assert comparable(name, cell, loses) == comparable(name, want, loses), "row {} column {}".format(number, name)


def comparable(name, cell, loses):
    if isinstance(cell, (list, tuple, np.ndarray)):
        cell = [comparable(name, part, loses) for part in cell]
        return None if "empty list" in loses and not [part for part in cell if part is not None] else cell
    if isinstance(cell, np.generic):
        cell = cell.item()
    if cell is None:
        return None
    if isinstance(cell, str) and name in ("t", "cover"):
        if "control" in loses:
            cell = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", loses["control"], cell)
        if "line ends" in loses:
            cell = re.sub("[\t\r\n]", " ", cell)
        if "ends" in loses:
            cell = cell.strip(" ")
        if "words" in loses and cell in loses["words"]:
            return None
        return None if cell == "" and "empty text" in loses else cell
    if isinstance(cell, str) and name == "stamp":
        return datetime.datetime.fromisoformat(cell) if cell else None
    if isinstance(cell, bytes):
        return None if "empty bytes" in loses and not cell else cell
    if isinstance(cell, float) and math.isnan(cell):
        return None if "NaN" in loses else "NaN"
    if isinstance(cell, float) and name in SINGLE:
        cell = float(np.float32(cell))
    # -0.0 is not 0.0.
    return (cell, math.copysign(1, cell)) if isinstance(cell, float) else cell


def votable_cells(content):
    table = parse(io.BytesIO(content), verify="exception").get_first_table()
    for record, mask in zip(table.array.data, table.array.mask):
        yield [votable_cell(name, cell, hidden) for name, cell, hidden in zip(torture.NAMES, record, mask)]


def votable_cell(name, cell, hidden):
    if name in torture.LISTS or name == "bytes":
        elements = np.ma.MaskedArray(cell).tolist() if not isinstance(cell, np.ma.MaskedArray) else cell.tolist()
        hidden = np.broadcast_to(hidden, np.shape(elements)) if np.shape(elements) else np.array([])
        elements = [None if gone else element for element, gone in zip(elements, hidden)]
        return bytes(elements) if name == "bytes" else elements
    if hidden:
        return None
    return str(cell) if isinstance(cell, (str, np.str_)) else cell


@pytest.mark.parametrize("form", ["votable/td", "votable/b", "votable/b2"])
def test_astropy_reads_votables(archive, expected, form):
    loses = {"NaN": True, "empty list": True, "empty text": True, "empty bytes": True}
    if form == "votable/td":
        # XML has no control characters; and astropy takes the blanks away.
        loses |= {"control": "\ufffd", "ends": True}
    wanted = expected
    if form == "votable/b":
        # BINARY has no NULL of its own for whole numbers: the smallest one stands for it.
        smallest = {"s": -(2**15), "i": -(2**31), "l": -(2**63)}
        wanted = [[None if smallest.get(name) == cell else cell for name, cell in zip(torture.NAMES, row)] for row in expected]
    # Elements that are NULL are declared as the smallest number, in every serialization.
    wanted = [[least_as_null(name, cell) for name, cell in zip(torture.NAMES, row)] for row in wanted]
    found = [[least_as_null(name, cell) for name, cell in zip(torture.NAMES, row)] for row in votable_cells(ask(archive, form).content)]
    compare(found, wanted, loses=loses)


def least_as_null(name, cell):
    least = {"trio": -(2**15), "longs": -(2**63)}.get(name)
    return [None if part == least else part for part in cell] if least and cell else cell


# What STILTS 3.4.7 says wrongly: an empty cell is NULL for arrays too (VOTable 1.3 on), and DALI has an xtype moc since 1.2.
MISTAKEN = re.compile("Bad double string ''|Wrong number of elements in array .0 found|Non-DALI xtype value \"moc\"")


@pytest.mark.parametrize("form", ["votable/td", "votable/b", "votable/b2"])
def test_votlint_finds_nothing(archive, form):
    # Its check of polygons in a binary stream loses its place there.
    names = [name for name in torture.NAMES if name != "field"]
    query = "SELECT {} FROM torture.cells ORDER BY n".format(", ".join('"{}"'.format(name) for name in names))
    assert [line for line in votlint_remarks(ask(archive, form, query).content) if not MISTAKEN.search(line)] == []


def fits_cells(content):
    hdus = fits.open(io.BytesIO(content), logical_as_bytes=True)
    hdus.verify("exception")
    columns, data = hdus[1].columns, hdus[1].data
    nulls = {column.name: column.null for column in columns}
    for row in range(len(data)):
        cells = []
        for name in torture.NAMES:
            cell = data[name][row]
            if name == "truth":
                cell = {b"T": True, b"F": False, b"\0": None}[bytes(cell) or b"\0"]
            elif name in torture.LISTS:
                cell = [None if part == nulls[name] else part for part in cell.tolist()]
            elif name == "bytes":
                cell = bytes(cell.tolist())
            elif isinstance(cell, (bytes, str)):
                cell = cell.decode() if isinstance(cell, bytes) else cell
                cell = None if cell == "" else cell
            elif isinstance(cell, np.ndarray):
                cell = b"".join(part.encode() if isinstance(part, str) else part for part in cell.tolist()).decode()
            elif name in torture.WHOLE and cell == nulls[name]:
                cell = None
            cells.append(cell)
        yield cells


def test_astropy_reads_fits(archive, expected):
    answer = ask(archive, "fits")
    assert answer.headers["Content-Type"] == "application/fits"
    loses = {"NaN": True, "empty list": True, "empty text": True, "empty bytes": True, "ends": True}
    compare(list(fits_cells(answer.content)), expected, loses=loses)
    header = fits.open(io.BytesIO(answer.content))[1].header
    number = torture.NAMES.index("d") + 1
    assert (header["TUNIT%d" % number], header["TUCD%d" % number], header["QSTATUS"]) == ("km/s", "phys.veloc", "OK")
    assert header["TCOMM%d" % number].startswith("It's a speed, na?vely; long long") and len(header["TCOMM%d" % number]) > 150
    assert torture.NAMES == [header["TTYPE%d" % place] for place in range(1, len(torture.NAMES) + 1)]
    assert "SELECT" in str(header["HISTORY"])


def test_astropys_table_of_fits_has_masks_and_units(archive):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = Table.read(io.BytesIO(ask(archive, "fits", "SELECT n, s, i, l, d FROM torture.cells ORDER BY n").content), hdu=1)
    for name in ("s", "i", "l"):
        assert table[name].mask.tolist() == [row == 1 for row in range(10)], name
    assert table["l"][2] == -(2**63) and table["l"][3] == 2**63 - 1 and str(table["d"].unit) == "km / s"


@pytest.mark.parametrize("form, read_as", [("fits", "fits"), ("fits", "fits-plus"), ("votable/b", "votable"), ("votable/b2", "votable"), ("csv", "csv")])
def test_stilts_reads_the_same(archive, workplace, expected, form, read_as):
    """STIL's understanding of a format, told as a VOTable."""
    # Its texts are ASCII, and a table of texts has no arrays.
    names = ["n", "truth", "s", "i", "l", "r", "d"] + ([] if form == "csv" else ["doubles", "floats", "place", "disc", "field", "trio"])
    query = "SELECT {} FROM torture.cells ORDER BY n".format(", ".join(names))
    path = workplace / "torture" / "stilts.{}".format(form.replace("/", "."))
    path.write_bytes(ask(archive, form, query).content)
    written = workplace / "torture" / "stilts.out.vot"
    # What it takes for parameters has types that astropy does not know.
    said = stilts("tpipe", "in={}".format(path), "cmd=clearparams *", "ifmt=" + read_as, "out={}".format(written), "ofmt=votable(format=BINARY2,version=V13)")
    assert written.exists(), said
    table = parse(io.BytesIO(written.read_bytes())).get_first_table()
    written.unlink()
    found = []
    for record, mask in zip(table.array.data, table.array.mask):
        found.append({name: votable_cell(name, cell, hidden) for name, cell, hidden in zip(names, record, mask)})
    least = {"s": -(2**15), "i": -(2**31), "l": -(2**63)} if form == "votable/b" else {}
    loses = {"NaN": True, "empty list": True}
    assert len(found) == len(expected)
    for row, wanted in zip(found, expected):
        for name in names:
            want = wanted[torture.NAMES.index(name)]
            want = None if least.get(name) == want else want
            if name == "trio":
                # It knows no NULL inside an array.
                if want is None or None in want:
                    continue
            assert comparable(name, row[name], loses) == comparable(name, want, loses), name


def test_topcat_finds_the_metadata_in_fits(archive, workplace):
    path = workplace / "torture" / "meta.fits"
    path.write_bytes(ask(archive, "fits", "SELECT d, stamp, place, access_url FROM torture.cells").content)
    out = workplace / "torture" / "meta.vot"
    stilts("tpipe", "in={}".format(path), "out={}".format(out), "ofmt=votable")
    fields = {field.name: field for field in parse(str(out)).get_first_table().fields}
    assert (str(fields["d"].unit), fields["d"].ucd, fields["place"].xtype, fields["stamp"].xtype) == ("km / s", "phys.veloc", "point", "timestamp")
    assert fields["d"].description.startswith("It's a speed, na\u00efvely")


def json_cell(name, cell):
    if isinstance(cell, list) and name == "bytes":
        return bytes(cell)
    if isinstance(cell, list):
        return [json_cell(name, part) for part in cell]
    return float(cell) if cell in ("NaN", "Infinity", "-Infinity") and name in torture.FLOATING else cell


def test_json_loses_nothing(archive, expected):
    answer = ask(archive, "json")
    assert answer.headers["Content-Type"] == "application/json"

    def refuse(word):
        raise AssertionError(word)

    document = json.loads(answer.content, parse_constant=refuse)
    assert [column["name"] for column in document["metadata"]] == torture.NAMES
    assert document["status"] == {"name": "QUERY_STATUS", "value": "OK"}
    described = document["metadata"][torture.NAMES.index("d")]
    assert (described["unit"], described["ucd"], described["datatype"]) == ("km/s", "phys.veloc", "double")
    compare([[json_cell(name, cell) for name, cell in zip(torture.NAMES, row)] for row in document["data"]], expected, loses={})
    assert pandas.DataFrame(document["data"], columns=torture.NAMES)["n"].tolist() == list(range(1, 11))


def separated_cell(name, text):
    if not isinstance(text, str):
        return None
    if name in torture.LISTS or name == "bytes":
        whole = name in ("trio", "longs", "bytes")
        parts = [int(part) if whole else float(part) for part in text.split()]
        return bytes(parts) if name == "bytes" else [None if part in (-(2**15), -(2**63)) and whole else part for part in parts]
    if name == "truth":
        return {"T": True, "F": False}[text]
    if name in torture.WHOLE:
        return int(text)
    return float(text) if name in torture.FLOATING else text


@pytest.mark.parametrize("form, mark", [("csv", ","), ("tsv", "\t")])
def test_pandas_reads_csv_and_tsv(archive, expected, form, mark):
    quoting = 3 if form == "tsv" else 0
    frame = pandas.read_csv(
        io.BytesIO(ask(archive, form).content), sep=mark, dtype=str, keep_default_na=False, na_values=[""], quoting=quoting,
        lineterminator="\n" if form == "tsv" else None)
    assert list(frame.columns) == torture.NAMES
    found = [[separated_cell(name, cell) for name, cell in zip(torture.NAMES, row)] for row in frame.itertuples(index=False)]
    loses = {"empty text": True, "empty list": True, "empty bytes": True} | ({"line ends": True} if form == "tsv" else {})
    wanted = [[least_as_null(name, cell) for name, cell in zip(torture.NAMES, row)] for row in expected]
    # A NULL among floating numbers is NaN.
    wanted = [[[math.nan if part is None and name == "doubles" else part for part in cell] if isinstance(cell, list) else cell
               for name, cell in zip(torture.NAMES, row)] for row in wanted]
    compare(found, wanted, loses=loses)


def test_pyarrow_reads_parquet(archive, expected):
    content = ask(archive, "parquet").content
    file = pyarrow.parquet.ParquetFile(io.BytesIO(content))
    table = file.read()
    assert table.column_names == torture.NAMES
    compare([list(row.values()) for row in table.to_pylist()], expected, loses={})
    assert [str(table.schema.field(name).type) for name in ("s", "l", "t", "stamp", "truth", "trio", "place")] == [
        "int16", "int64", "string", "timestamp[us]", "bool", "list<element: int16>", "list<element: double>"]
    metadata = file.metadata.metadata
    assert metadata[b"IVOA.VOTable-Parquet.version"] == b"1.0"
    document = parse(io.BytesIO(metadata[b"IVOA.VOTable-Parquet.content"]))
    fields = document.get_first_table().fields
    assert [field.name for field in fields] == torture.NAMES
    assert (str(fields[6].unit), fields[6].ucd) == ("km / s", "phys.veloc")
    assert pandas.read_parquet(io.BytesIO(content), dtype_backend="pyarrow")["l"].tolist()[2:4] == [-(2**63), 2**63 - 1]


def test_plain_text_and_html_have_every_row(archive, expected):
    lines = ask(archive, "text", "SELECT n, l, t FROM torture.cells WHERE n < 9 ORDER BY n").content.decode().splitlines()
    assert lines[0].split() == ["n", "l", "t"] and lines[-1] == "(8 rows)"
    assert [line.split()[:1] for line in lines[2:10]] == [[str(n)] for n in range(1, 9)]
    assert len({line.index("plain") for line in lines if "plain" in line} | {lines[0].index("t")}) == 1
    answer = ask(archive, "html", "SELECT n, d, t FROM torture.cells WHERE n < 9 ORDER BY n")
    assert answer.headers["Content-Type"] == "text/html;charset=utf-8"
    frame = pandas.read_html(io.BytesIO(answer.content), keep_default_na=False)[0]
    assert frame.iloc[:, 0].tolist() == list(range(1, 9)) and frame.iloc[5, 2] == "h\u00e9llo \u2603 \U0001F52D e\u0301"


@pytest.mark.parametrize("form", ["fits", "parquet", "json", "csv", "votable/b", "text"])
def test_an_empty_result_is_a_whole_one(archive, form):
    content = ask(archive, form, "SELECT n, t, doubles, place, field FROM torture.cells WHERE n < 0").content
    if form == "fits":
        hdus = fits.open(io.BytesIO(content))
        hdus.verify("exception")
        assert len(hdus[1].data) == 0 and hdus[1].columns.names == ["n", "t", "doubles", "place", "field"]
    elif form == "parquet":
        table = pyarrow.parquet.read_table(io.BytesIO(content))
        assert table.num_rows == 0 and table.column_names == ["n", "t", "doubles", "place", "field"]
    elif form == "json":
        assert json.loads(content)["data"] == []
    elif form == "csv":
        assert content == b"n,t,doubles,place,field\r\n"
    elif form == "text":
        assert content.splitlines()[-1] == b"(0 rows)"
    else:
        assert len(parse(io.BytesIO(content)).get_first_table().array) == 0


@pytest.mark.parametrize("form", ["fits", "parquet", "json", "csv"])
def test_a_column_twice_is_two_columns(archive, form):
    content = ask(archive, form, "SELECT c.n, c.d, k.n, c.n AS \"N\" FROM torture.cells AS c JOIN torture.cells AS k ON c.n = k.n WHERE c.n = 1").content
    if form == "fits":
        data = fits.open(io.BytesIO(content))[1]
        assert len({name.lower() for name in data.columns.names}) == 4 and [data.data[0][place] for place in (0, 2, 3)] == [1, 1, 1]
    elif form == "parquet":
        table = pyarrow.parquet.read_table(io.BytesIO(content))
        assert len(set(table.column_names)) == 4 and [table.column(place)[0].as_py() for place in (0, 2, 3)] == [1, 1, 1]
    elif form == "json":
        assert json.loads(content)["data"] == [[1, 56.75, 1, 1]]
    else:
        assert content.splitlines()[1] == b"1,56.75,1,1"


def test_many_rows_keep_their_order_and_number(archive):
    """Beyond one row group, one batch and the memory of the spool."""
    query = "SELECT n, t, x, filler FROM torture.numbers"
    file = pyarrow.parquet.ParquetFile(io.BytesIO(ask(archive, "parquet", query).content))
    assert file.num_row_groups > 1
    frame = file.read().to_pandas()
    data = fits.open(io.BytesIO(ask(archive, "fits", query).content))[1].data
    for n, t, x in [(frame["n"], frame["t"], frame["x"]), (data["n"], data["t"], data["x"])]:
        assert len(n) == 120000 and (np.sort(np.asarray(n)) == np.arange(1, 120001)).all()
        assert (np.asarray(x, dtype=float) == np.asarray(n, dtype=float) / 7.0).all()
        assert all(t[row] == "row number {}".format(n[row]) for row in range(0, 120000, 997))
