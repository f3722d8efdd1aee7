"""What a notebook does with links and products: the rows of a link table, and the objects of a merged file."""

import io

import h5py
import numpy as np
from astropy.io.votable import parse
from pyvo.dal.adhoc import DatalinkResults

HDF5 = "application/x-hdf5"


def links_of(access_url):
    return DatalinkResults.from_result_url(access_url)


def read_links(content):
    return DatalinkResults(parse(io.BytesIO(content)))


def with_semantics(links, semantics):
    return [link for link in links if link.semantics == semantics]


def this(links):
    """The product of the client's whole selection: the first #this that is a file."""
    return next(link for link in with_semantics(links, "#this") if link.content_type == HDF5)


def fetch(archive, link):
    answer = archive.get(link.access_url)
    assert answer.status_code == 200, answer.text[:500]
    return answer


def product(archive, link):
    answer = fetch(archive, link)
    assert answer.headers["Content-Type"] == HDF5
    return opened(answer.content)


def opened(content):
    return h5py.File(io.BytesIO(content), "r")


def manifest(file):
    """The records of the manifest as dictionaries of texts."""
    table = file["manifest"][()]
    return [{name: record[name].decode() if isinstance(record[name], bytes) else record[name] for name in table.dtype.names} for record in table]


def objects(file):
    return set(file) - {"manifest"}


def assert_same_object(merged, original, path=""):
    """Both HDF5 objects hold the same, bit for bit, in every dataset and attribute, stored in the same way."""
    assert type(merged) is type(original), path
    assert_same_attributes(merged.attrs, original.attrs, path)
    if isinstance(original, h5py.Group):
        assert list(merged) == list(original), path
        for name in original:
            assert_same_object(merged[name], original[name], path + "/" + name)
        return
    assert merged.dtype == original.dtype and merged.id.get_type() == original.id.get_type(), path
    assert merged.shape == original.shape and merged.maxshape == original.maxshape, path
    for how in ("chunks", "compression", "compression_opts", "shuffle", "fletcher32", "scaleoffset"):
        assert getattr(merged, how) == getattr(original, how), (path, how)
    assert_same_values(merged[()], original[()], path)


def assert_same_attributes(merged, original, path):
    assert set(merged) == set(original), path
    for name in original:
        assert merged.get_id(name).get_type() == original.get_id(name).get_type(), (path, name)
        assert_same_values(merged[name], original[name], path + "@" + name)


def assert_same_values(merged, original, path):
    merged, original = np.asarray(merged), np.asarray(original)
    assert merged.dtype == original.dtype and merged.shape == original.shape, path
    if original.dtype.hasobject:
        assert merged.tolist() == original.tolist(), path
    else:
        assert merged.tobytes() == original.tobytes(), path


def assert_holds(archive, file, rows):
    """The merged file holds the objects of exactly these rows, each the same as in its data file, and the manifest says so."""
    records = {record["id"]: record for record in manifest(file)}
    assert set(records) == {str(row["id"]) for row in rows}
    assert all(record["status"] == "ok" for record in records.values()), records
    assert objects(file) == {record["path"].strip("/").split("/")[0] for record in records.values()}
    for row in rows:
        record = records[str(row["id"])]
        assert record["source_file"] == row["file_name"] and record["checksum"] == row["checksum"]
        with h5py.File(archive.originals.path(row["file_name"])) as original:
            assert_same_object(file[record["path"]], original[row["key_name"]], row["key_name"])
