"""Products of every layout hold what their originals hold, as h5py and h5diff see it, with 1, 5 and 1,000 objects (50,000 with ALMAGEST_TEST_LARGE)."""

import hashlib
import io
import os
import pathlib
import random
import subprocess

import h5py
import layouts
import pytest
import requests
import tables
from archive import Archive
from astropy.table import Table
from links import manifest
from sameness import assert_same, assert_same_rows

COUNTS = [1, 5, 1000]


@pytest.fixture(scope="module")
def archive(servers, new_database, workplace):
    """An archive of files that nobody here made: h5py and PyTables did."""
    folder = workplace / "layouts"
    (folder / "files").mkdir(parents=True)
    layouts.write(folder / "files")
    (folder / "layouts.yaml").write_text(layouts.descriptor())
    archive = Archive(folder, new_database().url, servers[1])
    filled = archive.run("ingest", folder / "layouts.yaml", folder / "files")
    assert filled.returncode == 0, filled.stdout
    archive.start()
    yield archive
    assert archive.stop() == 0


def rows(archive, table, count=None, seed=0):
    """So many rows of a table, or all, in the same random order each time."""
    answer = archive.query("SELECT * FROM layouts.{} ORDER BY object_id".format(table), RESPONSEFORMAT="csv")
    assert answer.status_code == 200, answer.text[:500]
    found = list(Table.read(answer.text, format="ascii.csv"))
    return found if count is None else random.Random(seed).sample(found, min(count, len(found)))


def cut(archive, rows, **parameters):
    answer = requests.post(archive.base + "/datalink/cutmerge", data={"id": [row["id"] for row in rows], **parameters}, timeout=300)
    assert answer.status_code == 200, answer.text[:1000]
    return answer.content


@pytest.fixture(scope="module")
def originals(archive):
    """The data files by name, each opened once."""
    files = {path.name: h5py.File(path, "r") for path in (archive.folder / "files").iterdir()}
    yield files
    for file in files.values():
        file.close()


@pytest.mark.parametrize("table", [table for table, *_ in layouts.TABLES])
def test_ingest_reads_every_row(archive, table):
    found = rows(archive, table)
    assert len(found) == 2 * layouts.ROWS
    for row in found:
        assert row["ra"] == row["object_id"] / 7, row


@pytest.mark.parametrize("count", COUNTS)
def test_keyed_objects_are_the_same(archive, originals, count, tmp_path):
    wanted = rows(archive, "keyed", count)
    content = cut(archive, wanted)
    assert hashlib.sha256(content).digest() == hashlib.sha256(cut(archive, wanted[::-1])).digest()
    path = tmp_path / "product.h5"
    path.write_bytes(content)
    with h5py.File(path) as product:
        records = manifest(product)
        assert {record["id"] for record in records} == {row["id"] for row in wanted}
        assert set(product) == {row["key_name"] for row in wanted} | {"manifest"}
        for record in records:
            assert record["status"] == "ok" and record["row"] == -1
            assert_same(product[record["path"]], originals[record["source_file"]][record["key"]])
    if count == 1000:
        # References to what was not copied are null, and those in lists are mere numbers for h5diff; both are judged above.
        apart = ["--exclude-path=" + name for name in ("/references", "/held", "/region")]
        for record in random.Random(1).sample([record for record in records if int(record["key"][-1:]) == 0], 5):
            judge = ["h5diff", *apart, path, archive.folder / "files" / record["source_file"], record["path"], record["key"]]
            difference = subprocess.run(judge, capture_output=True, text=True)
            assert "difference" not in difference.stdout and difference.returncode == 0, difference.stdout + difference.stderr


PLACES = {"columns": "/", "columns_by_key": "/part/stars", "records": "/deep/records"}


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("table", PLACES)
def test_records_are_the_same_in_datasets_like_the_original_ones(archive, originals, table, count):
    wanted = rows(archive, table, count)
    content = cut(archive, wanted)
    assert content == cut(archive, wanted[::-1])
    place = PLACES[table]
    with h5py.File(io.BytesIO(content)) as product:
        records = manifest(product)
        assert {record["id"] for record in records} == {row["id"] for row in wanted}
        assert all(record["status"] == "ok" and record["path"] == place for record in records)
        # Each row once, in the order of the files.
        assert sorted(record["row"] for record in records) == list(range(len(wanted)))
        keys = {row["id"]: row["object_id"] for row in wanted}
        for name in sorted({record["source_file"] for record in records}):
            file = originals[name]
            numbers = file[place]["object_id"][()].tolist()
            part = [record for record in records if record["source_file"] == name]
            compare(product[place], file[place], [(int(record["row"]), numbers.index(keys[record["id"]])) for record in part])
        assert place == "/" or attributes(product[place]) == attributes(file[place])


def compare(merged, file, pairs):
    if isinstance(file, h5py.Dataset):
        return assert_same_rows(merged, file, pairs, file.name)
    columns = []
    file.visititems(lambda name, thing: columns.append(name) if isinstance(thing, h5py.Dataset) and thing.shape[:1] == (layouts.ROWS,) else None)
    assert len(columns) >= 3
    for name in columns:
        assert_same_rows(merged[name], file[name], pairs, name)
        assert set(merged[name].attrs) == set(file[name].attrs), name
        for attribute in set(file[name].attrs) - {"DIMENSION_LIST", "REFERENCE_LIST"}:
            assert merged[name].attrs[attribute] == file[name].attrs[attribute], name


def attributes(thing):
    return {name: str(value) for name, value in thing.attrs.items() if not isinstance(value, h5py.Reference)}


@pytest.mark.parametrize("count", COUNTS)
def test_tables_of_pytables_are_the_same_for_pytables(archive, count, tmp_path):
    wanted = rows(archive, "pytables", count)
    path = tmp_path / "product.h5"
    path.write_bytes(cut(archive, wanted))
    with h5py.File(path) as product:
        places = {record["id"]: int(record["row"]) for record in manifest(product)}
    with tables.open_file(str(path)) as product:
        table = product.root.stars
        assert table.nrows == len(wanted) == len(set(places.values()))
        for name in {row["file_name"] for row in wanted}:
            part = [row for row in wanted if row["file_name"] == name]
            with tables.open_file(str(archive.folder / "files" / name)) as file:
                original = file.root.stars
                assert table.description._v_dtype == original.description._v_dtype
                assert table.chunkshape == original.chunkshape and table.filters == original.filters
                assert set(table.attrs._v_attrnames) == set(original.attrs._v_attrnames)
                numbers = original.col("object_id").tolist()
                got = table.read_coordinates([places[row["id"]] for row in part])
                assert got.tobytes() == original.read_coordinates([numbers.index(row["object_id"]) for row in part]).tobytes()


def test_links_groups_and_scales_of_columns_keep_their_sense(archive):
    with h5py.File(io.BytesIO(cut(archive, rows(archive, "columns", 40)))) as product:
        assert product.get("alpha", getlink=True).path == "/sky/ra"
        assert product["same"] == product["position"]
        assert product["sky"].attrs["frame"] == "ICRS"
        assert product["sky/ra"].dims[0][0] == product["object_id"]
        assert "epoch" not in product and "others" not in product
        assert all(not reference or product[reference] == product["sky/ra"] for reference in product["see"])
        assert product["rows"].id.get_type().committed() and product["rows"].id.get_type() == product["kind"].id
        assert product.attrs["collection"] == "layouts"


def test_rows_of_all_layouts_come_in_one_product(archive):
    wanted = [row for table, *_ in layouts.TABLES for row in rows(archive, table, 6, seed=2)]
    with h5py.File(io.BytesIO(cut(archive, wanted))) as product:
        records = manifest(product)
        assert len(records) == 30 and all(record["status"] == "ok" for record in records)
        assert len(product["stars"]) == len(product["part/stars/ra"]) == len(product["deep/records"]) == len(product["object_id"]) == 6


def test_a_record_that_is_not_there_and_a_file_that_is_damaged_fail_alone(archive):
    # Others each time, so that nothing is found that was made before.
    parts = [rows(archive, "records", 20, seed=seed) + rows(archive, "columns", 20, seed=seed) for seed in range(3, 7)]
    path = archive.folder / "files" / "Records_1.h5"
    whole = path.read_bytes()
    try:
        with h5py.File(path) as file:
            chunk = file["deep/records"].id.get_chunk_info(3)
        with open(path, "r+b") as file:
            file.seek(chunk.byte_offset)
            file.write(os.urandom(chunk.size))
        damaged = manifest(h5py.File(io.BytesIO(cut(archive, parts[0]))))
        # Wrong numbers in a chunk without a checksum are no damage that anybody could see; a wrong pointer to a text is.
        assert {record["status"] for record in damaged} <= {"ok", "unreadable"}
        path.write_bytes(whole[: len(whole) // 2])
        for record in manifest(h5py.File(io.BytesIO(cut(archive, parts[1])))):
            assert (record["status"] == "unreadable") == (record["source_file"] == "Records_1.h5"), record
        path.unlink()
        for record in manifest(h5py.File(io.BytesIO(cut(archive, parts[2])))):
            assert (record["status"] == "unreadable") == (record["source_file"] == "Records_1.h5"), record
    finally:
        path.write_bytes(whole)
    assert {record["status"] for part in parts[1:] for record in manifest(h5py.File(io.BytesIO(cut(archive, part))))} == {"ok"}


def test_a_column_whose_filter_is_not_there_is_told_by_name(archive, tmp_path):
    with h5py.File(tmp_path / "Scattered_9.h5", "w", libver=("v108", "v110")) as file:
        file.create_dataset("part/stars/object_id", data=range(60_000, 60_100), dtype="i8", compression="lzf")
        file["part/stars/ra"] = [0.0] * 100
    filled = archive.run("ingest", archive.folder / "layouts.yaml", tmp_path / "Scattered_9.h5")
    assert filled.returncode == 1 and "filter that is not installed (lzf)" in filled.stdout, filled.stdout


# MARK: the real files


COLUMNAR = """
collection: columnar
credit: ESA/Gaia/DPAC
schema: { name: columnar }
files: { did_rse: local, did_scope: gaia, did_name: "{file_name}", format: application/x-hdf5 }
tables:
  - name: stars
    objects: { layout: columnar, file_name: "GaiaSource_columnar.h5" }
    key: source_id
    links: [this, progenitor]
    columns:
      - { name: id, made: identifier }
      - { name: record, type: long, object: row }
      - { name: source_id, type: long }
      - { name: ra, type: double, unit: deg }
      - { name: dec, type: double, unit: deg }
      - { name: access_url, made: access_url }
"""


@pytest.mark.parametrize("count", COUNTS + ([50_000] if os.environ.get("ALMAGEST_TEST_LARGE") else []))
def test_the_real_columns_are_cut_exactly(archive, count, tmp_path):
    file = pathlib.Path(os.environ.get("ALMAGEST_TEST_DATA", "/nowhere")) / "GaiaSource_columnar.h5"
    if not file.exists():
        pytest.skip("the real files are not here")
    (tmp_path / "columnar.yaml").write_text(COLUMNAR)
    filled = archive.run("ingest", tmp_path / "columnar.yaml", file)
    assert filled.returncode == 0, filled.stdout
    query = "SELECT id, record FROM columnar.stars ORDER BY source_id"
    found = [line.split(",") for line in archive.query(query, RESPONSEFORMAT="csv").text.split()[1:]]
    assert len(found) == 50_000
    wanted = sorted(random.Random(count).sample(found, count), key=lambda row: int(row[1]))
    content = cut(archive, [{"id": id} for id, _ in wanted])
    path = tmp_path / "product.h5"
    path.write_bytes(content)
    with h5py.File(path) as product, h5py.File(file) as originals, h5py.File(tmp_path / "expected.h5", "w") as expected:
        for name, dataset in originals.items():
            assert_same_rows(product[name], dataset, list(enumerate(int(row) for _, row in wanted)), name)
            # As h5py cuts it.
            copy = expected.create_dataset(
                name, data=dataset[()][[int(row) for _, row in wanted]], chunks=dataset.chunks, maxshape=dataset.maxshape, compression="gzip", shuffle=True)
            copy.attrs.update(dataset.attrs)
        names = list(originals)
    for name in names:
        difference = subprocess.run(["h5diff", path, tmp_path / "expected.h5", "/" + name, "/" + name], capture_output=True, text=True)
        assert difference.returncode == 0 and not difference.stdout, difference.stdout + difference.stderr
