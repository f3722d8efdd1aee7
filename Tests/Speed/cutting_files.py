"""Writes the data files that the speed of Cut & Merge is measured on: four layouts, made up, the same in each run.

    python cutting_files.py FOLDER [--small]

groups    10 files of 2,000 objects, each a group of 21 datasets (scalars, double[5], float[15], a text)
compounds 200 files of 5,000 objects, each a scalar compound dataset of the same fields
records   10 files, each with one compound dataset of 5,000 records
columns   10 files, each with one dataset of 5,000 rows per field
"""

import pathlib
import sys

import h5py
import numpy as np

SCALARS = ["alpha", "delta", "alpha_error", "delta_error", "varpi", "varpi_error", "mu_alpha", "mu_delta", "mu_alpha_error", "mu_delta_error"]
FIELDS = np.dtype(
    [("object_id", "<i8")] + [(name, "<f8") for name in SCALARS]
    + [("g_mag", "<f4"), ("bp_mag", "<f4"), ("rp_mag", "<f4"), ("transits", "<i4"), ("flags", "<i4"), ("solution", "<i8"), ("quality", "<i2")]
    + [("covariance", "<f8", (5,)), ("spectrum", "<f4", (15,)), ("designation", "S24")]
)


def rows(first, count):
    chance = np.random.default_rng(first)
    table = np.zeros(count, FIELDS)
    for name in FIELDS.names:
        field = table[name]
        if field.dtype.kind == "f":
            field[...] = chance.normal(size=field.shape)
        elif field.dtype.kind == "i":
            field[...] = chance.integers(0, 30000, field.shape)
    table["object_id"] = first + np.arange(count)
    table["designation"] = ["Made up {:014d}".format(number) for number in table["object_id"]]
    return table


def groups(path, table):
    with h5py.File(path, "w", libver=("v108", "v110")) as file:
        for row in table:
            group = file.create_group("Object_{}".format(row["object_id"]))
            for name in FIELDS.names:
                space = h5py.h5s.create_simple(row[name].shape) if row[name].shape else SCALAR
                dataset = h5py.h5d.create(group.id, name.encode(), TYPES[name], space)
                dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.asarray(row[name]), TYPES[name])


SCALAR = h5py.h5s.create(h5py.h5s.SCALAR)
TYPES = {name: h5py.h5t.py_create(FIELDS[name].base, logical=True) for name in FIELDS.names}
WHOLE = h5py.h5t.py_create(FIELDS, logical=True)


def compounds(path, table):
    with h5py.File(path, "w", libver=("v108", "v110")) as file:
        for row in table:
            dataset = h5py.h5d.create(file.id, "Object_{}".format(row["object_id"]).encode(), WHOLE, SCALAR)
            dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.asarray(row), WHOLE)


def records(path, table):
    with h5py.File(path, "w", libver=("v108", "v110")) as file:
        file.create_dataset("objects", data=table, chunks=(128,), maxshape=(None,))


def columns(path, table):
    with h5py.File(path, "w", libver=("v108", "v110")) as file:
        for name in FIELDS.names:
            file.create_dataset(name, data=table[name])


LAYOUTS = {"groups": (groups, 10, 2000), "compounds": (compounds, 200, 5000), "records": (records, 10, 5000), "columns": (columns, 10, 5000)}
#: Fewer and smaller, to try the script itself.
SMALL = {"groups": (3, 100), "compounds": (20, 100), "records": (3, 500), "columns": (3, 500)}


def make(folder, layout, small=False):
    """The files of a layout, made where they are missing."""
    write, files, objects = LAYOUTS[layout]
    if small:
        files, objects = SMALL[layout]
    folder = pathlib.Path(folder) / ("small" if small else "full") / layout
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / "{}_{:03d}.h5".format(layout.capitalize(), number) for number in range(files)]
    # Numbers of no two layouts are the same.
    start = 10_000_000 * (1 + list(LAYOUTS).index(layout))
    for number, path in enumerate(paths):
        if not path.exists():
            part = path.with_suffix(".part")
            write(part, rows(start + number * objects, objects))
            part.rename(path)
    return paths


if __name__ == "__main__":
    for layout in LAYOUTS:
        print(layout, len(make(sys.argv[1], layout, "--small" in sys.argv)), "files")
