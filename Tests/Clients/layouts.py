"""Data files of every layout, written by h5py and PyTables with all that HDF5 has, and how they are published."""

import h5py
import numpy as np
import tables

#: Objects of each file; two files of each layout.
ROWS = 510

COLUMNS = """
      - {{ name: id, made: identifier }}
      - {{ name: file_name, type: varchar, file: file_name }}
      - {{ name: checksum, type: char, arraysize: 64, file: checksum }}
{object}
      - {{ name: object_id, type: long, field: {key} }}
      - {{ name: ra, type: double, unit: deg, field: {ra} }}
      - {{ name: access_url, made: access_url }}
"""
NAME = "      - { name: key_name, type: varchar, object: name }"
ROW = "      - { name: record, type: long, object: row }"
#: Table, where its objects are, the column that says which object it is, the fields of key and right ascension.
TABLES = [
    ("keyed", 'layout: keyed, file_name: "Keyed_{n}.h5", object_name: "Object_{m}"', NAME, "object_id", "ra"),
    ("columns", 'layout: columnar, file_name: "Columns_{n}.h5"', ROW, "object_id", "sky/ra"),
    ("columns_by_key", 'layout: columnar, group: /part/stars, file_name: "Scattered_{n}.h5"', "", "object_id", "ra"),
    ("records", 'layout: table, dataset: /deep/records, file_name: "Records_{n}.h5"', ROW, "object_id", "ra"),
    ("pytables", 'layout: table, dataset: /stars, file_name: "PyTables_{n}.h5"', "", "object_id", "ra"),
]


def descriptor(tables=TABLES):
    text = "collection: layouts\ncredit: nobody\nschema: { name: layouts }\n"
    text += 'files: { did_rse: local, did_scope: test, did_name: "{file_name}", format: application/x-hdf5 }\ntables:\n'
    for name, objects, which, key, ra in tables:
        text += "  - name: {}\n    objects: {{ {} }}\n    key: object_id\n    links: [this, progenitor]\n    columns:".format(name, objects)
        text += COLUMNS.format(object=which, key=key, ra=ra)
    return text.replace("\n\n", "\n")


def write(folder):
    for number in range(2):
        first = 1000 * number
        keyed(folder / "Keyed_{}.h5".format(number), 10_000 + first)
        columns(folder / "Columns_{}.h5".format(number), 20_000 + first)
        scattered(folder / "Scattered_{}.h5".format(number), 30_000 + first)
        records(folder / "Records_{}.h5".format(number), 40_000 + first)
        pytables(folder / "PyTables_{}.h5".format(number), 50_000 + first)


COLOUR = h5py.enum_dtype({"RED": 1, "BLUE": 7}, basetype="i2")
INNER = np.dtype([("x", ">f4"), ("y", "<i2", (2, 3))])
RECORD = np.dtype(
    [("object_id", "<i8"), ("ra", ">f8"), ("name", h5py.string_dtype()), ("code", "S5"), ("inner", INNER), ("colour", COLOUR), ("good", "?"),
     ("list", h5py.vlen_dtype("<f4")), ("see", h5py.ref_dtype), ("raw", "V7")]
)


def record_of(number):
    inner = (number / 3, np.arange(6).reshape(2, 3) - number)
    return (number, number / 7, "n\u00e9 {}".format(number) * (number % 4), b"c%d" % (number % 1000), inner, 7 if number % 2 else 1, number % 3 == 0,
            np.arange(number % 5, dtype="f4"), None, bytes([number % 256]) * 7)


def keyed(path, first):
    with h5py.File(path, "w", track_order=False) as file:
        file["kind"] = np.dtype([("a", "<i4"), ("b", ">f8")])
        file["outside"] = np.arange(3)
        for number in range(first, first + ROWS):
            # A few have everything there is, the others are small.
            keyed_group(file, number) if number % 10 == 0 else keyed_record(file, number)


def keyed_record(file, number):
    record = np.zeros((), RECORD)
    record[()] = record_of(number)
    dataset = file.create_dataset("Object_{}".format(number), data=record, dtype=RECORD)
    dataset.attrs["unit"] = "mas"


def keyed_group(file, number):
    group = file.create_group("Object_{}".format(number))
    group["object_id"] = np.int64(number)
    group["ra"] = np.float64(number / 7)
    group.attrs["note"] = "n\u00f6te"
    group.attrs["list"] = np.arange(number % 7, dtype=">u2")
    group.attrs.create("texts", ["a", "", "\u00e9\u00e9"], dtype=h5py.string_dtype())
    group["flat"] = np.arange(12, dtype=">i4").reshape(3, 4)
    squeezed = group.create_dataset("squeezed", (50, 6), "<f4", chunks=(7, 4), maxshape=(None, 6), compression="gzip", shuffle=True, fletcher32=True, fillvalue=-9)
    squeezed[:20] = np.random.default_rng(number).normal(size=(20, 6))
    squeezed.dims[0].label = "time"
    group["names"] = np.array(["x", "yy", "\u00e9" * (number % 9)], dtype=object)
    lists = group.create_dataset("lists", (3,), h5py.vlen_dtype("<i8"))
    lists[1] = np.arange(number % 6)
    group["colour"] = np.array(7, COLOUR)
    group["true"] = np.bool_(True)
    group["fixed"] = np.array([b"abc", b"d"], "S4")
    group["raw"] = np.void(b"\x00\xff\x01")
    group["empty"] = h5py.Empty("f4")
    group["complex"] = np.complex64(1 + 2j)
    group.create_dataset("kind", data=np.zeros(2, file["kind"].dtype), dtype=file["kind"])
    inside = group.create_group("inside")
    inside["deep"] = np.arange(number % 3)
    group["again"] = group["flat"]
    group["soft"] = h5py.SoftLink("inside/deep")
    group["far"] = h5py.ExternalLink("elsewhere.h5", "/x")
    references = group.create_dataset("references", (4,), h5py.ref_dtype)
    references[0], references[1], references[2] = group["flat"].ref, inside.ref, file["outside"].ref
    group.create_dataset("region", data=group["flat"].regionref[1:3, 2], dtype=h5py.regionref_dtype)
    group.attrs["see"] = inside["deep"].ref
    held = group.create_dataset("held", (2,), h5py.vlen_dtype(h5py.ref_dtype))
    held[0] = np.array([group["flat"].ref, group.ref], h5py.ref_dtype)


def columns(path, first):
    numbers = np.arange(first, first + ROWS)
    chance = np.random.default_rng(first)
    with h5py.File(path, "w") as file:
        file.attrs["what"] = "all kinds of columns"
        file["kind"] = np.dtype([("a", "<i4"), ("b", ">f8")])
        file["object_id"] = numbers
        file["object_id"].make_scale("object")
        sky = file.create_group("sky")
        sky.attrs["frame"] = "ICRS"
        sky.create_dataset("ra", data=numbers / 7, chunks=(128,), compression="gzip", shuffle=True)
        sky["ra"].attrs["unit"] = "deg"
        sky["ra"].dims[0].attach_scale(file["object_id"])
        sky.create_dataset("dec", data=chance.normal(size=ROWS).astype(">f4"), chunks=(100,), maxshape=(None,), fletcher32=True, fillvalue=99)
        file["position"] = chance.normal(size=(ROWS, 3))
        file.create_dataset("matrix", data=chance.integers(0, 99, (ROWS, 4, 5)).astype("i2"), chunks=(64, 3, 2), compression="gzip")
        file.create_dataset("texts", data=["\u00e9" * (n % 5) for n in numbers], dtype=h5py.string_dtype())
        file.create_dataset("pairs", data=np.array([["a" * (n % 3), "b"] for n in numbers], dtype=object), dtype=h5py.string_dtype())
        file["fixed"] = np.array([b"%d" % n for n in numbers], "S9")
        file["colour"] = np.where(numbers % 2, 7, 1).astype(COLOUR)
        file["good"] = numbers % 3 == 0
        lists = file.create_dataset("lists", (ROWS,), h5py.vlen_dtype("<f8"), chunks=(50,), compression="gzip")
        lists[:] = np.array([np.arange(n % 4, dtype="f8") for n in numbers] + [None], dtype=object)[:-1]
        rows = np.zeros(ROWS, file["kind"].dtype)
        rows["a"] = numbers
        file.create_dataset("rows", data=rows, dtype=file["kind"])
        file.create_dataset("unfilled", (ROWS, 2), "f4", chunks=(50, 2), fillvalue=3)
        file.create_dataset("see", (ROWS,), h5py.ref_dtype)[0] = sky["ra"].ref
        file["alpha"] = h5py.SoftLink("/sky/ra")
        file["same"] = file["position"]
        file["epoch"] = 2016.0
        file["others"] = np.arange(5)


def scattered(path, first):
    """Rows in no order, below a group, to be found by their key."""
    numbers = np.random.default_rng(first).permutation(np.arange(first, first + ROWS))
    with h5py.File(path, "w", libver=("v108", "v110")) as file:
        group = file.create_group("part/stars")
        group.attrs["origin"] = "scattered"
        group.create_dataset("object_id", data=numbers, chunks=(50,), compression="gzip")
        group["ra"] = numbers / 7
        group.create_dataset("spectrum", data=np.outer(numbers, np.arange(40)).astype("f4"), chunks=(32, 40), compression="gzip", shuffle=True)


def records(path, first):
    with h5py.File(path, "w") as file:
        table = np.zeros(ROWS, RECORD)
        for index in range(ROWS):
            table[index] = record_of(first + index)
        dataset = file.create_dataset("deep/records", data=table, dtype=RECORD, chunks=(90,), maxshape=(None,))
        dataset.attrs["about"] = "records"
        dataset.attrs["see"] = dataset.ref


class Star(tables.IsDescription):
    object_id = tables.Int64Col(pos=0)
    ra = tables.Float64Col(pos=1)
    name = tables.StringCol(12, pos=2)
    seen = tables.Time64Col(pos=3)
    good = tables.BoolCol(pos=4)
    fluxes = tables.Float32Col(shape=(2, 3), pos=5)

    class inner(tables.IsDescription):
        a = tables.UInt8Col()
        z = tables.ComplexCol(16)


def pytables(path, first):
    with tables.open_file(str(path), "w", title="stars") as file:
        table = file.create_table("/", "stars", Star, title="stars", filters=tables.Filters(complevel=5, complib="zlib", shuffle=True), chunkshape=77)
        row = table.row
        for number in range(first + ROWS - 1, first - 1, -1):
            row["object_id"], row["ra"], row["name"], row["seen"] = number, number / 7, "star {}".format(number), number * 1.5
            row["good"], row["fluxes"], row["inner/a"], row["inner/z"] = number % 2, np.arange(6).reshape(2, 3) * number, number % 256, number + 2j
            row.append()
        table.cols.object_id.create_index()
