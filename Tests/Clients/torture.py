"""A table of everything that formats find hard, and its cells as PostgreSQL itself tells them."""

import datetime
import json

from archive import run_psql

# Name, type in the descriptor, type in PostgreSQL, how COPY shall show it.
COLUMNS = [
    ("n", "long", "bigint", None),
    ("truth", "boolean", "boolean", None),
    ("s", "short", "smallint", None),
    ("i", "int", "integer", None),
    ("l", "long", "bigint", None),
    ("r", "float", "real", None),
    ("d", "double", "double precision", None),
    ("t", "char, arraysize: '*'", "text", None),
    ("stamp", "timestamp", "timestamp", None),
    ("bytes", "blob", "bytea", None),
    ("trio", "short, arraysize: '3'", "smallint[]", None),
    ("longs", "long, arraysize: '*'", "bigint[]", None),
    ("floats", "float, arraysize: '*'", "real[]", None),
    ("doubles", "double, arraysize: '*'", "double precision[]", None),
    ("place", "point", "spoint", "almagest.shape(place)"),
    ("disc", "circle", "scircle", "almagest.shape(disc)"),
    ("field", "polygon", "spoly", "almagest.shape(field)"),
    ("cover", "moc", "smoc", None),
]
NAMES = [name for name, *_ in COLUMNS]
TYPES = {name: sql for name, _, sql, _ in COLUMNS}
FLOATING = {"r", "d", "floats", "doubles"}
WHOLE = {"n", "s", "i", "l"}
LISTS = {"trio", "longs", "floats", "doubles", "place", "disc", "field"}

LONG_TEXT = "very long, " * 20000
ROWS = [
    "1, true, 7, -8, 9, 1.5, 56.75, 'plain', '2016-01-01T12:34:56', '\\x00ff10', '{1,2,3}', '{4}', '{0.1}', '{0.2,0.3}', spoint '(10d,20d)', "
    "scircle '<(10d,20d),3d>', spoly '{(10d,0d),(20d,0d),(20d,10d)}', smoc '4/12-15 5/60'",
    "2" + ", NULL" * 17,
    "3, false, -32768, -2147483648, -9223372036854775808, '-Infinity', '-Infinity', '', '-infinity', '\\x', '{-32768,0,1}', "
    "'{-9223372036854775808}', '{-Infinity}', '{-Infinity,0}', spoint '(0d,-90d)', scircle '<(0d,0d),0d>', NULL, NULL",
    "4, true, 32767, 2147483647, 9223372036854775807, 'Infinity', 'Infinity', ' blanks ', 'infinity', '\\xff', '{32767,0,1}', "
    "'{9223372036854775807,1,2}', '{Infinity,3.4028235e38}', '{1.7976931348623157e308}', spoint '(359.5d,90d)', NULL, NULL, NULL",
    "5, false, 0, 0, 0, 'NaN', 'NaN', E'a \"quoted\", text; with <markup> & ''quotes''\\r\\nand\\tmore\\\\', '1969-12-31T23:59:59.999999', NULL, "
    "'{1,NULL,3}', '{NULL,5}', '{NaN,1}', '{NaN,NULL,2}', NULL, NULL, NULL, NULL",
    "6, NULL, 1, -1, 1, 1e-45, 5e-324, 'h\u00e9llo \u2603 \U0001F52D e\u0301', '0001-01-01T00:00:00', '\\x2c220a', NULL, '{}', '{}', '{}', "
    "spoint '(1.25d,-0.5d)', NULL, spoly '{(350d,-5d),(10d,-5d),(10d,5d),(350d,5d)}', NULL",
    "7, true, -1, 65536, 9007199254740993, 3.4028235e38, 1.7976931348623157e308, E'\\x01\\x1f\\x7f', '9999-12-31T23:59:59.5', NULL, NULL, NULL, "
    "NULL, NULL, NULL, NULL, NULL, NULL",
    "8, false, 12, 34, 56, -0.0, -0.0, 'NULL', '2000-02-29T00:00:00.001', NULL, NULL, NULL, '{1e-30}', '{1e-300,0.1}', NULL, NULL, NULL, NULL",
    "9, true, 12, 34, 56, 0.1, 0.1, repeat('very long, ', 20000), '1582-10-15T00:00:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
    "10, true, 12, 34, 56, 16777216, 123456789012345680, 'nan', '2016-12-31T23:59:59', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
]


def fill(archive, database, folder):
    """Makes the tables and publishes them: torture.cells, and torture.numbers with whole numbers from 1 up."""
    columns = ", ".join('"{}" {}'.format(name, sql) for name, _, sql, _ in COLUMNS)
    run_psql(
        database.url, "SET timezone = 'UTC'", "CREATE SCHEMA torture", "CREATE TABLE torture.cells ({})".format(columns),
        *["INSERT INTO torture.cells VALUES ({})".format(row) for row in ROWS],
        "CREATE TABLE torture.numbers AS SELECT g AS n, 'row number ' || g AS t, g / 7.0::float8 AS x, repeat('-', 60) AS filler "
        "FROM generate_series(1::bigint, 120000) g",
        "ANALYZE torture.numbers",
    )
    lines = [
        "collection: torture", "description: All that is hard", "schema: { name: torture, description: All that is hard }", "tables:",
        "  - name: cells", "    description: One row for each difficulty", "    relation: torture.cells", "    key: n", "    columns:",
    ]
    for name, word, _, _ in COLUMNS:
        extra = ", unit: km/s, ucd: phys.veloc, description: \"It's a speed, na\u00efvely; " + "long " * 30 + "\"" if name == "d" else ""
        lines.append("      - {{ name: {}, type: {}{} }}".format(name, word, extra))
    lines += [
        "      - { name: id, made: identifier }", "      - { name: access_url, made: access_url }", "  - name: numbers", "    description: Numbers",
        "    relation: torture.numbers", "    key: n", "    columns:", "      - { name: n, type: long }",
        "      - { name: t, type: char, arraysize: '*' }", "      - { name: x, type: double, unit: m }",
        "      - { name: filler, type: char, arraysize: '*' }",
    ]
    folder.mkdir(exist_ok=True)
    (folder / "nothing").mkdir(exist_ok=True)
    (folder / "torture.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = archive.run("ingest", folder / "torture.yaml", folder / "nothing")
    assert done.returncode == 0, done.stdout


def cells(database):
    """The table, row by row: None, bool, int, float, str, datetime, bytes, or a list of numbers and None."""
    shown = ", ".join("to_jsonb({})::text".format(as_json(name, show)) for name, _, _, show in COLUMNS)
    rows = run_psql(database.url, "SET timezone = 'UTC'", "SET extra_float_digits = 1",
                    "COPY (SELECT {} FROM torture.cells ORDER BY n) TO STDOUT (FORMAT csv, NULL '~', DELIMITER E'\\x02', QUOTE E'\\x03')".format(shown))
    return [[value(name, cell) for name, cell in zip(NAMES, row.split("\x02"))] for row in rows.splitlines()]


def as_json(name, show):
    shown = show or '"{}"'.format(name)
    if name in LISTS or name in FLOATING or name in ("stamp", "cover", "bytes"):
        return shown + "::text"
    return shown


def value(name, cell):
    if cell == "~":
        return None
    told = json.loads(cell)
    if name in FLOATING and name not in LISTS:
        return float(told)
    if name in LISTS:
        number = int if name in ("trio", "longs") else float
        return [None if part == "NULL" else number(part) for part in told.strip("{}").split(",") if part]
    if name == "bytes":
        return bytes.fromhex(told[2:])
    if name == "stamp":
        return stamp(told)
    return told


def stamp(text):
    """PostgreSQL's infinities are told as the ends of the years that four digits can say."""
    if text.endswith("infinity"):
        return datetime.datetime(1, 1, 1) if text.startswith("-") else datetime.datetime(9999, 12, 31, 23, 59, 59, 999999)
    return datetime.datetime.fromisoformat(text)
