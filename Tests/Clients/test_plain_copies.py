"""Objects that are copied by their bytes are the same as those that libhdf5 copies, whichever form of HDF5 their files have.

A product that was begun without libhdf5 has a superblock of version 0, one of libhdf5's own a newer one: so the bytes tell who copied.
"""

import hashlib
import io
import random
import subprocess

import h5py
import layouts
import numpy as np
import pytest
import requests
from archive import Archive
from links import manifest
from sameness import assert_same

FORMS = {"earliest": "earliest", "newer": ("v108", "v110"), "userblock": "earliest"}
#: Objects beside the kinds, so that groups have indices of several levels.
MANY = 1000


def record(number):
    """A compound with an array, a text, and where lists of varying length can stand."""
    plain = np.dtype([("object_id", "<i8"), ("ra", "<f8"), ("a", "<f8"), ("b", ">i4"), ("c", "S11"), ("d", "<f4", (3, 2)), ("e", h5py.enum_dtype({"no": 0, "yes": 1}, "i1"))])
    row = np.zeros((), plain)
    row["object_id"], row["ra"], row["a"], row["b"], row["c"], row["d"], row["e"] = number, number / 7, number / 9, number, b"name", number / 3, 1
    return row


def with_lists():
    kind = np.dtype([("text", h5py.string_dtype()), ("number", "<i8"), ("list", h5py.vlen_dtype("<f4")), ("texts", h5py.string_dtype(), (2,))])
    row = np.zeros(3, kind)
    for index in range(3):
        row[index] = ("text {}".format(index), index, np.arange(index * 5, dtype="<f4"), ["x" * index, "é"])
    return row


def compact(group, name, value):
    value = np.asarray(value)
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_layout(h5py.h5d.COMPACT)
    kind = h5py.h5t.py_create(value.dtype, logical=True)
    dataset = h5py.h5d.create(group.id, name.encode(), kind, h5py.h5s.create_simple(value.shape), plan)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, value)


def scalars(group):
    for index in range(21):
        group["field{}".format(index)] = np.float64(index)


def unit(group):
    group["alpha"] = 1.5
    group["alpha"].attrs["unit"] = "mas"
    group["alpha"].attrs["texts"] = ["a", "bb", "ç"]
    group.attrs["epoch"] = 2016.0


def many_attributes(group):
    for index in range(40):
        group.attrs["attribute {}".format(index)] = np.arange(index) if index % 3 else "text {}".format(index)
    group["data"] = np.arange(5)
    for index in range(40):
        group["data"].attrs["attribute {}".format(index)] = index


def nested(group):
    for name in ("a", "b"):
        inner = group.create_group(name + "/c/d")
        inner["data"] = np.arange(7).reshape(7, 1)
        inner.parent["soft"] = h5py.SoftLink("d/data")
        inner.attrs["name"] = name
    group.create_group("empty")


def lists(group):
    group["texts"] = np.array(["", "one", "zwölf"], dtype=h5py.string_dtype())
    group["records"] = with_lists()
    group.create_dataset("big", data=["y" * 9000, "z" * 3], dtype=h5py.string_dtype())
    compact(group, "compact", np.arange(11, dtype=">f4"))
    group.create_dataset("ragged", (2,), h5py.vlen_dtype("<i8"))
    group["ragged"][1] = np.arange(1000)


def in_order(group):
    inner = group.create_group("ordered", track_order=True)
    for name in "zyxwvutsrqponmlkjihgfedcba":
        inner[name] = ord(name)
        inner.attrs[name] = ord(name)


def spaces(group):
    group["empty"] = h5py.Empty("f4")
    group.create_dataset("unwritten", (100,), "f8", fillvalue=-1.0)
    group["none"] = np.zeros((0, 3))
    group["numbers"] = np.arange(1000, dtype="u2")


def many_members(group):
    for index in range(150):
        group["member {}".format(index)] = index


def chunked(group):
    group.create_dataset("squeezed", data=np.random.default_rng(1).normal(size=(100, 30)), chunks=(7, 4), compression="gzip", shuffle=True, fletcher32=True)
    group.create_dataset("growing", data=np.arange(5, dtype="i2"), chunks=(2,), maxshape=(None,))
    holes = group.create_dataset("holes", (1000, 10), "f4", chunks=(1, 10), fillvalue=np.nan)
    holes[::100], holes[999] = 1, 2
    group.create_dataset("unwritten", (10,), "f4", chunks=(3,))


PLAIN = {
    "scalars": scalars, "unit": unit, "many attributes": many_attributes, "nested": nested, "lists": lists, "in order": in_order, "spaces": spaces,
    "many members": many_members, "chunked": chunked,
}


def lists_in_chunks(group):
    group.create_dataset("texts", data=["a", "b"], dtype=h5py.string_dtype(), chunks=(1,))


def twice(group):
    group["one"] = np.arange(3)
    group["two"] = group["one"]


def committed(group):
    group["type"] = np.dtype([("x", "f8")])
    group.create_dataset("data", (2,), group["type"])


def references(group):
    group["data"] = np.arange(3)
    group.attrs["reference"] = group["data"].ref


#: Kinds that libhdf5 copies.
OTHER = {"lists in chunks": lists_in_chunks, "twice": twice, "committed": committed, "references": references}
KINDS = {**PLAIN, **OTHER}


def write(path, form, first):
    """A group of every kind, and so many compounds that the root's index has several levels."""
    options = {"libver": FORMS[form]} | ({"userblock_size": 1024} if form == "userblock" else {})
    with h5py.File(path, "w", **options) as file:
        for number, fill in enumerate(KINDS.values(), first):
            group = file.create_group("Object_{}".format(number))
            group["object_id"], group["ra"] = number, number / 7
            fill(group)
        for number in random.Random(first).sample(range(first + len(KINDS), first + MANY), MANY - len(KINDS)):
            file["Object_{}".format(number)] = record(number)
            if number % 10 == 0:
                file["Object_{}".format(number)].attrs["unit"] = "mas"
    if form == "userblock":
        with path.open("r+b") as file:
            file.write(b"An astronomer's own words.")


@pytest.fixture(scope="module")
def archive(servers, new_database, workplace):
    folder = workplace / "forms"
    (folder / "files").mkdir(parents=True)
    for number, form in enumerate(FORMS):
        write(folder / "files" / "Keyed_{}.h5".format(number), form, 10_000 * (number + 1))
    (folder / "forms.yaml").write_text(layouts.descriptor(layouts.TABLES[:1]))
    archive = Archive(folder, new_database().url, servers[1])
    filled = archive.run("ingest", folder / "forms.yaml", folder / "files")
    assert filled.returncode == 0, filled.stdout
    archive.start()
    yield archive
    assert archive.stop() == 0


@pytest.fixture(scope="module")
def ids(archive):
    """The rows' ids by their objects' numbers."""
    answer = archive.query("SELECT object_id, id FROM layouts.keyed", RESPONSEFORMAT="csv", MAXREC=10 * MANY)
    rows = [line.split(",") for line in answer.text.split()[1:]]
    assert len(rows) == MANY * len(FORMS)
    return {int(number): id for number, id in rows}


def cut(archive, ids):
    answer = requests.post(archive.base + "/datalink/cutmerge", data={"id": ids}, timeout=300)
    assert answer.status_code == 200, answer.text[:1000]
    return answer.content


def was_plain(content):
    return content[8] == 0


def compare(archive, content, count):
    with h5py.File(io.BytesIO(content)) as product:
        records = manifest(product)
        assert len(records) == count and {record["status"] for record in records} == {"ok"}
        assert set(product) == {record["key"].strip("/") for record in records} | {"manifest"}
        for name in {record["source_file"] for record in records}:
            with h5py.File(archive.folder / "files" / name) as original:
                for record in records:
                    if record["source_file"] == name:
                        assert_same(product[record["path"]], original[record["key"]])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMS)
def test_an_object_of_each_kind_is_the_same(archive, ids, form, kind, tmp_path):
    number = 10_000 * (1 + list(FORMS).index(form)) + list(KINDS).index(kind)
    content = cut(archive, [ids[number]])
    assert was_plain(content) == (kind in PLAIN)
    compare(archive, content, 1)
    (tmp_path / "product.h5").write_bytes(content)
    name = "Object_{}".format(number)
    original = archive.folder / "files" / "Keyed_{}.h5".format(list(FORMS).index(form))
    apart = ["--exclude-attribute=/reference"] if kind == "references" else []
    judge = subprocess.run(["h5diff", *apart, tmp_path / "product.h5", original, name, name], capture_output=True, text=True)
    assert judge.returncode == 0, judge.stdout + judge.stderr


def test_thousands_of_every_form_come_together(archive, ids):
    """Also what libhdf5 adds to a file that was begun without it is whole: the manifest, and objects from the first other kind on."""
    plain = [id for number, id in ids.items() if number % 10_000 >= len(KINDS) or list(KINDS)[number % 10_000] in PLAIN]
    for wanted in (plain, list(ids.values())):
        content = cut(archive, wanted)
        assert hashlib.sha256(content).digest() == hashlib.sha256(cut(archive, wanted[::-1])).digest()
        compare(archive, content, len(wanted))
    # libhdf5's own look at every structure, and what others make of it.
    with h5py.File(io.BytesIO(content), "r+") as product:
        for number in range(100):
            product["added {}".format(number)] = number
            del product["Object_{}".format(10_100 + number)]
        product["Object_10000"].attrs["later"] = "text"
        product["Object_10001/alpha"].attrs["unit"] = "arcsec"
        product.flush()
        assert len(product) == len(wanted) + 1 and product["Object_10001/alpha"].attrs["unit"] == "arcsec"
