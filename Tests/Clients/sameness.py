"""Whether what a product holds is what its originals hold: object by object, dataset by dataset, attribute by attribute."""

import h5py
import numpy as np


def assert_same(merged, original, base=None, path=""):
    """Two HDF5 objects are the same, with all below them, and so are their types, storage, attributes and links."""
    base = base or (merged, original)
    assert type(merged) is type(original), path
    assert_same_attributes(merged, original, base, path)
    if isinstance(original, h5py.Group):
        assert list(merged) == list(original), path
        assert twins(merged) == twins(original), path
        for name in original:
            assert_same_link(merged, original, name, base, path + "/" + name)
    elif isinstance(original, h5py.Dataset):
        assert_same_storage(merged, original, path)
        assert merged.shape == original.shape and merged.maxshape == original.maxshape, path
        assert_same_values(read(merged), read(original), base, path)
    else:
        assert merged.id.equal(original.id), path


def twins(group):
    """For each name of an object, the first of its names."""
    firsts = {}
    hard = [name for name in group if isinstance(group.get(name, getlink=True), h5py.HardLink)]
    return {name: firsts.setdefault(h5py.h5o.get_info(group.id, name.encode()).addr, name) for name in hard}


def assert_same_link(merged, original, name, base, path):
    links = [group.get(name, getlink=True) for group in (merged, original)]
    assert type(links[0]) is type(links[1]), path
    if isinstance(links[1], h5py.HardLink):
        assert_same(merged[name], original[name], base, path)
    else:
        assert links[0].path == links[1].path and getattr(links[0], "filename", None) == getattr(links[1], "filename", None), path


def assert_same_storage(merged, original, path):
    assert merged.id.get_type().equal(original.id.get_type()), path
    assert merged.id.get_type().committed() == original.id.get_type().committed(), path
    lists = [dataset.id.get_create_plist() for dataset in (merged, original)]
    assert merged.chunks == original.chunks, path
    assert lists[0].get_layout() == lists[1].get_layout(), path
    assert [lists[0].get_filter(i)[:3] for i in range(lists[0].get_nfilters())] == [lists[1].get_filter(i)[:3] for i in range(lists[1].get_nfilters())], path
    assert lists[0].fill_value_defined() == lists[1].fill_value_defined(), path
    if not original.dtype.hasobject and original.shape is not None:
        assert np.asarray(merged.fillvalue).tobytes() == np.asarray(original.fillvalue).tobytes(), path


def assert_same_attributes(merged, original, base, path):
    assert set(merged.attrs) == set(original.attrs), path
    for name in original.attrs:
        ids = [thing.attrs.get_id(name) for thing in (merged, original)]
        assert ids[0].get_type().equal(ids[1].get_type()), (path, name)
        assert_same_values(merged.attrs[name], original.attrs[name], base, path + "@" + name)


def read(dataset):
    return dataset[()]


def assert_same_values(merged, original, base, path):
    if isinstance(original, (h5py.Reference, h5py.RegionReference)):
        return assert_same_reference(merged, original, base, path)
    if isinstance(original, h5py.Empty):
        assert merged == original, path
        return
    merged, original = np.asarray(merged), np.asarray(original)
    assert merged.dtype == original.dtype and merged.shape == original.shape, path
    if not original.dtype.hasobject:
        assert merged.tobytes() == original.tobytes(), path
    elif original.dtype.names:
        for name in original.dtype.names:
            assert_same_values(merged[name], original[name], base, path + "." + name)
    else:
        for one, other in zip(merged.ravel(), original.ravel()):
            if isinstance(other, (h5py.Reference, h5py.RegionReference)):
                assert_same_reference(one, other, base, path)
            elif isinstance(other, np.ndarray):
                assert_same_values(one, other, base, path)
            else:
                assert one == other, path


def assert_same_reference(merged, original, base, path):
    """A reference leads to the same object of the copy where that was copied, else nowhere."""
    target = base[1].file[original] if original else None
    if target is None or not (target.name == base[1].name or target.name.startswith(base[1].name + "/")):
        assert not merged, path
        return
    assert merged and base[0].file[merged] == base[0].file[base[0].name + target.name[len(base[1].name):]], path
    if isinstance(original, h5py.RegionReference):
        assert np.array_equal(base[0].file[merged][merged], target[original]), path


def assert_same_rows(merged, original, rows, path):
    """A dataset of the product holds rows of the original one, at these places: pairs of (place in the product, row)."""
    assert_same_storage(merged, original, path)
    assert merged.shape[1:] == original.shape[1:], path
    assert merged.maxshape[1:] == original.maxshape[1:] and (merged.maxshape[0] is None) == (original.maxshape[0] is None), path
    places, numbers = (list(part) for part in zip(*rows))
    order = np.argsort(numbers)
    got, wanted = merged[()][places], original[()][numbers]
    assert len(order) == len(rows)
    without_references(got, wanted, path)


def without_references(got, wanted, path):
    """References from records lead out of them, so they are null in the product or lead to a dataset of the product."""
    if wanted.dtype.names:
        for name in wanted.dtype.names:
            without_references(got[name], wanted[name], path + "." + name)
    elif h5py.check_ref_dtype(wanted.dtype):
        for one, other in zip(got.ravel(), wanted.ravel()):
            assert bool(other) or not one, path
    elif wanted.dtype.hasobject and wanted.dtype.metadata and "vlen" in wanted.dtype.metadata and wanted.dtype.metadata["vlen"] not in (str, bytes):
        for one, other in zip(got.ravel(), wanted.ravel()):
            assert one.dtype == other.dtype and one.tobytes() == other.tobytes(), path
    elif wanted.dtype.hasobject:
        assert got.tolist() == wanted.tolist(), path
    else:
        assert got.dtype == wanted.dtype and got.tobytes() == wanted.tobytes(), path
