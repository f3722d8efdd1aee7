"""Generated expressions, worked out by the archive and by an evaluator of our own, cell by cell.

The evaluator below knows nothing of PostgreSQL or pgSphere: whole numbers are Python's, decimals are doubles, the sky is unit vectors, and
what is true, false or unknown is True, False or None. Cases so close to a boundary that rounding decides are made anew, not forgiven.

ALMAGEST_DIFFERENTIAL_SEED names another seed, ALMAGEST_DIFFERENTIAL_CASES another number of cases. Every failure names its seed.
"""

import csv
import io
import math
import os
import random

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

SEED = int(os.environ.get("ALMAGEST_DIFFERENTIAL_SEED", "20161"))
CASES = int(os.environ.get("ALMAGEST_DIFFERENTIAL_CASES", "12000"))
BATCH = 250
ROW = "FROM tap_schema.tables WHERE table_name = 'tap_schema.tables'"
INTEGER, FLOAT, TEXT = "integer", "float", "text"


class Unclear(Exception):
    """The case is at a boundary, or the archive must refuse it: another one is made."""


class Term:
    """An expression: its text, how tightly it binds, its type and its value."""

    def __init__(self, text, binding, kind, value):
        self.text, self.binding, self.kind, self.value = text, binding, kind, value

    def beside(self, binding):
        """The text as an operand, in parentheses only where the grammar needs them."""
        return self.text if self.binding >= binding else "(" + self.text + ")"


SUM, PRODUCT, SIGNED, ATOM = 1, 2, 3, 4
OR, AND, NOT, PREDICATE = 1, 2, 3, 4


class Numbers:
    """Arithmetic and functions of numbers."""

    def __init__(self, rng):
        self.rng = rng

    def literal(self):
        rng = self.rng
        kind = rng.random()
        if kind < 0.06:
            return Term("NULL", ATOM, None, None)
        if kind < 0.5:
            value = rng.choice([0, 1, 2, 3, 7, 10, rng.randrange(1000)])
            return Term(str(value), ATOM, INTEGER, value)
        value = rng.choice([0.5, 0.25, 1.5, 2.0, rng.randrange(1, 10**6) / 1000, rng.random() * 10 ** rng.randrange(-6, 6)])
        text = rng.choice([repr(value), "{:.17e}".format(value)])
        if text.startswith("0.") and rng.random() < 0.3:
            text = text[1:]
        return Term(text, ATOM, FLOAT, float(text))

    def number(self, depth):
        rng = self.rng
        if depth == 0 or rng.random() < 0.1:
            return self.literal()
        return rng.choice([self.sum, self.sum, self.product, self.product, self.negation, self.function, self.conditional])(depth)

    def sum(self, depth):
        return self.chain(depth, "+-", SUM)

    def product(self, depth):
        return self.chain(depth, "*/", PRODUCT)

    def chain(self, depth, operators, binding):
        """a - b - c, applied from left to right: what is nested on the right gets its parentheses, what is on the left does not need them."""
        total = self.number(depth - 1)
        text = total.beside(binding)
        for _ in range(self.rng.randrange(1, 4)):
            operator = self.rng.choice(operators)
            operand = self.number(depth - 1)
            blank = self.rng.choice([" ", "  ", "\n"])
            text += blank + operator + blank + operand.beside(binding + 1)
            kind = common(total.kind, operand.kind)
            total = Term(text, binding, kind, calculate(operator, total.value, operand.value, kind))
        total.kind = total.kind or FLOAT
        return total

    def negation(self, depth):
        operand = self.number(depth - 1)
        sign = self.rng.choice("-+")
        value = operand.value if sign == "+" or operand.value is None else -operand.value
        return Term(sign + " " + operand.beside(SIGNED), SIGNED, operand.kind or FLOAT, checked(value, operand.kind))

    def function(self, depth):
        name, arity, body = self.rng.choice(FUNCTIONS)
        if name in ("ROUND", "TRUNCATE") and arity == 2:
            digits = self.rng.randrange(-3, 6)
            arguments = [self.number(depth - 1), Term(str(digits), SIGNED, INTEGER, digits)]
        else:
            arguments = [self.number(depth - 1) for _ in range(arity)]
        kind = FLOAT
        if name == "ABS":
            kind = arguments[0].kind or FLOAT
        if name == "MOD" and FLOAT not in (arguments[0].kind, arguments[1].kind):
            kind = INTEGER
        values = [argument.value for argument in arguments]
        value = None if None in values else checked(body(*values), kind)
        return Term("{}({})".format(name, ", ".join(argument.text for argument in arguments)), ATOM, kind, value)

    def conditional(self, depth):
        if self.rng.random() < 0.5:
            first, second = self.number(depth - 1), self.number(depth - 1)
            kind = common(first.kind, second.kind)
            value = first.value if first.value is not None else second.value
            return Term("COALESCE({}, {})".format(first.text, second.text), ATOM, kind, number(value, kind))
        condition, first, second = Truths(self.rng).truth(1), self.number(depth - 1), self.number(depth - 1)
        kind = common(first.kind, second.kind)
        text = "CASE WHEN {} THEN {} ELSE {} END".format(condition.text, first.text, second.text)
        return Term(text, ATOM, kind, number(first.value if condition.value else second.value, kind))


def common(a, b):
    """The type of two operands together; NULL alone has none."""
    return a if a == b or b is None else b if a is None else FLOAT


def number(value, kind):
    return value if value is None or kind == INTEGER else float(value)


def checked(value, kind):
    """The value, if the archive can have it: it refuses what does not fit."""
    if value is None:
        return None
    if kind == INTEGER:
        if abs(value) >= 2**31:
            raise Unclear
        return value
    if not math.isfinite(value) or value != 0 and not 1e-60 < abs(value) < 1e60:
        raise Unclear
    return float(value)


def calculate(operator, a, b, kind):
    if a is None or b is None:
        return None
    if kind == INTEGER:
        if operator == "/":
            if b == 0:
                raise Unclear
            return checked(abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1), kind)
    else:
        a, b = float(a), float(b)
        if operator == "/":
            if b == 0:
                raise Unclear
            return checked(a / b, kind)
    value = a + b if operator == "+" else a - b if operator == "-" else a * b
    if kind == FLOAT and operator in "+-" and value and abs(value) < 1e-6 * max(abs(a), abs(b)):
        # Nearly all digits cancel; what is left depends on the last digit of functions.
        raise Unclear
    return checked(value, kind)


def domain(test, body):
    def guarded(*values):
        if not test(*values):
            raise Unclear
        return body(*values)
    return guarded


def rounded(value, digits=0):
    scaled = value * 10.0**digits
    if abs(scaled) > 1e12 or abs(abs(scaled) % 1 - 0.5) < 1e-6:
        raise Unclear
    return math.copysign(math.floor(abs(scaled) + 0.5), scaled) / 10.0**digits


def truncated(value, digits=0):
    scaled = value * 10.0**digits
    if abs(scaled) > 1e12 or abs(scaled - round(scaled)) < 1e-6 and scaled != 0:
        raise Unclear
    return math.trunc(scaled) / 10.0**digits


def steady(body):
    """Functions that jump: not at the jump, unless the number is whole by right."""
    def guarded(value):
        if value != round(value) and abs(value - round(value)) < 1e-6 or abs(value) > 1e12:
            raise Unclear
        return float(body(value))
    return guarded


def remainder(a, b):
    if b == 0:
        raise Unclear
    if isinstance(a, int) and isinstance(b, int):
        return int(math.fmod(a, b))
    quotient = a / b
    if abs(quotient) > 1e6 or quotient != 0 and abs(quotient - round(quotient)) < 1e-6:
        raise Unclear
    return math.fmod(a, b)


def power(a, b):
    if a < 0 and b != int(b) or a == 0 and b <= 0 or abs(b) > 40 or a and abs(b * math.log(abs(a))) > 130:
        raise Unclear
    return math.pow(a, b)


FUNCTIONS = [
    ("ABS", 1, abs),
    ("CEILING", 1, steady(math.ceil)),
    ("FLOOR", 1, steady(math.floor)),
    ("DEGREES", 1, math.degrees),
    ("RADIANS", 1, math.radians),
    ("EXP", 1, domain(lambda x: -100 < x < 100, math.exp)),
    ("LOG", 1, domain(lambda x: x > 0 and abs(x - 1) > 1e-3, lambda x: math.log(x))),
    ("LOG10", 1, domain(lambda x: x > 0 and abs(x - 1) > 1e-3, lambda x: math.log10(x))),
    ("SQRT", 1, domain(lambda x: x >= 0, math.sqrt)),
    ("POWER", 2, power),
    ("MOD", 2, remainder),
    ("ROUND", 1, rounded),
    ("ROUND", 2, rounded),
    ("TRUNCATE", 1, truncated),
    ("TRUNCATE", 2, truncated),
    ("SIN", 1, domain(lambda x: abs(x) < 1000, math.sin)),
    ("COS", 1, domain(lambda x: abs(x) < 1000, math.cos)),
    ("TAN", 1, domain(lambda x: abs(x) < 1000 and abs(math.cos(x)) > 0.01, math.tan)),
    ("COT", 1, domain(lambda x: abs(x) < 1000 and abs(math.sin(x)) > 0.01, lambda x: 1 / math.tan(x))),
    ("ASIN", 1, domain(lambda x: abs(x) < 0.99, math.asin)),
    ("ACOS", 1, domain(lambda x: abs(x) < 0.99, math.acos)),
    ("ATAN", 1, math.atan),
    ("ATAN2", 2, domain(lambda y, x: y != 0 or x > 0, math.atan2)),
    ("PI", 0, lambda: math.pi),
]


class Texts:
    """Strings, their concatenation and their letter case."""

    WORDS = ["", "a", "M 45", "O'Neill", "100%", "a_b", "\\", "\\n", "x''y", "--", "α Cen", "NULL", "%", "Z"]

    def __init__(self, rng):
        self.rng = rng

    def text(self, depth):
        rng = self.rng
        if depth == 0:
            if rng.random() < 0.08:
                return Term("NULL", ATOM, TEXT, None)
            word = rng.choice(self.WORDS)
            return Term("'" + word.replace("'", "''") + "'", ATOM, TEXT, word)
        kind = rng.randrange(3)
        if kind == 0:
            name, body = rng.choice([("UPPER", str.upper), ("LOWER", str.lower)])
            operand = self.text(depth - 1)
            if operand.value and not operand.value.isascii():
                raise Unclear
            return Term("{}({})".format(name, operand.text), ATOM, TEXT, None if operand.value is None else body(operand.value))
        if kind == 1:
            value = rng.randrange(-50, 5000)
            operands = [self.text(depth - 1), Term("({})".format(value), ATOM, TEXT, str(value)), self.text(depth - 1)]
        else:
            operands = [self.text(depth - 1) for _ in range(rng.randrange(2, 4))]
        values = [operand.value for operand in operands]
        return Term(" || ".join(operand.beside(ATOM) for operand in operands), SUM, TEXT, None if None in values else "".join(values))


class Truths:
    """Conditions in three values."""

    def __init__(self, rng):
        self.rng = rng

    def truth(self, depth):
        if depth == 0 or self.rng.random() < 0.1:
            return self.rng.choice([self.comparison, self.comparison, self.between, self.membership, self.null, self.like])()
        return self.rng.choice([self.conjunction, self.disjunction, self.negation])(depth)

    def conjunction(self, depth):
        parts = [self.truth(depth - 1) for _ in range(self.rng.randrange(2, 4))]
        return Term(" AND ".join(part.beside(AND) for part in parts), AND, None, both([part.value for part in parts]))

    def disjunction(self, depth):
        parts = [self.truth(depth - 1) for _ in range(self.rng.randrange(2, 4))]
        return Term(" OR ".join(part.beside(OR) for part in parts), OR, None, inverse(both([inverse(part.value) for part in parts])))

    def negation(self, depth):
        part = self.truth(depth - 1)
        return Term("NOT " + part.beside(PREDICATE), NOT, None, inverse(part.value))

    def comparison(self):
        numbers = Numbers(self.rng)
        a, b = numbers.number(1), numbers.number(1)
        operator = self.rng.choice(["=", "<>", "!=", "<", "<=", ">", ">="])
        return Term("{} {} {}".format(a.text, operator, b.text), PREDICATE, None, compare(a.value, operator, b.value))

    def between(self):
        numbers = Numbers(self.rng)
        x, a, b = numbers.number(1), numbers.literal(), numbers.literal()
        word = self.rng.choice(["BETWEEN", "NOT BETWEEN"])
        value = both([compare(x.value, ">=", a.value), compare(x.value, "<=", b.value)])
        return Term("{} {} {} AND {}".format(x.text, word, a.text, b.text), PREDICATE, None, value if word == "BETWEEN" else inverse(value))

    def membership(self):
        numbers = Numbers(self.rng)
        x, listed = numbers.number(1), [numbers.literal() for _ in range(self.rng.randrange(1, 5))]
        word = self.rng.choice(["IN", "NOT IN"])
        value = inverse(both([inverse(compare(x.value, "=", item.value)) for item in listed]))
        text = "{} {} ({})".format(x.text, word, ", ".join(item.text for item in listed))
        return Term(text, PREDICATE, None, value if word == "IN" else inverse(value))

    def null(self):
        x = self.rng.choice([Numbers(self.rng).number, Texts(self.rng).text])(1)
        word = self.rng.choice(["IS NULL", "IS NOT NULL"])
        return Term("{} {}".format(x.text, word), PREDICATE, None, (x.value is None) == (word == "IS NULL"))

    def like(self):
        texts = Texts(self.rng)
        text = texts.text(self.rng.randrange(2))
        pattern = texts.text(0)
        if pattern.value is not None:
            value = "".join(self.rng.choice([letter, letter, "_", "%"]) for letter in (text.value or "a"))
            pattern = Term("'" + value.replace("'", "''") + "'", ATOM, TEXT, value)
        word = self.rng.choice(["LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE"])
        value = None
        if text.value is not None and pattern.value is not None:
            value = matches(*((part.lower() if "ILIKE" in word else part) for part in (text.value, pattern.value)))
        return Term("{} {} {}".format(text.text, word, pattern.text), PREDICATE, None, inverse(value) if word.startswith("NOT") else value)


def inverse(value):
    return None if value is None else not value


def both(values):
    return False if any(value is False for value in values) else None if None in values else True


def compare(a, operator, b):
    if a is None or b is None:
        return None
    exact = isinstance(a, int) and isinstance(b, int)
    if not exact and a != b and abs(a - b) <= 1e-9 * max(abs(a), abs(b)):
        raise Unclear
    if not exact and a == b and not (float(a * 64).is_integer() and abs(a) < 1e6):
        # Equal here, and perhaps not in the last digit elsewhere.
        raise Unclear
    return {"=": a == b, "<>": a != b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]


def matches(text, pattern):
    """LIKE, without regular expressions."""
    reached = {0}
    for letter in pattern:
        if letter == "%":
            reached = set(range(min(reached), len(text) + 1)) if reached else set()
        else:
            reached = {place + 1 for place in reached if place < len(text) and letter in ("_", text[place])}
    return len(text) in reached


class Sky:
    """Shapes as unit vectors. Every shape has `inside(vectors)`, signed depths in radians: positive within."""

    MARGIN = 1e-7

    def __init__(self, rng):
        self.rng = rng

    def place(self, around=None, within=None):
        rng = self.rng
        if around is not None:
            return offset(around, rng.random() * 360, within * math.sqrt(rng.random()))
        kind = rng.random()
        if kind < 0.1:
            return rng.random() * 360, rng.choice([-1, 1]) * (90 - rng.random() * 0.5)
        if kind < 0.25:
            return rng.random() * 2 - 1, rng.random() * 2 - 1
        return rng.random() * 360, math.degrees(math.asin(rng.random() * 2 - 1))

    def shape(self, around=None):
        size = 10 ** self.rng.uniform(-2, 1.2)
        return self.rng.choice([Circle, Box, Polygon])(self, around or self.place(), size)

    # Cases: the text of a value and what it must be, within a tolerance.

    def distance(self):
        a = self.place()
        scale = 10 ** self.rng.uniform(-12, 2)
        b = offset(a, self.rng.random() * 360, scale) if self.rng.random() < 0.8 else self.place()
        if self.rng.random() < 0.1:
            b = (a[0] + 180) % 360, -a[1] + self.rng.random() * 1e-3
        value = arc(a, b)
        form = self.rng.choice(["DISTANCE({}, {}, {}, {})", "DISTANCE(POINT({}, {}), POINT({}, {}))"])
        return form.format(*a, *b), value, 1e-10 * value + 3e-14

    def contains_point(self):
        shape = self.shape()
        point = self.place(shape.centre, shape.size * 1.3)
        depth = shape.inside(vector(point)[None])[0]
        if abs(depth) < self.MARGIN:
            raise Unclear
        form = self.rng.choice(["CONTAINS(POINT({0}, {1}), {2})", "INTERSECTS(POINT({0}, {1}), {2})", "INTERSECTS({2}, POINT({0}, {1}))"])
        return form.format(*point, shape.text), int(depth > 0), 0

    def contains_shape(self):
        a = self.shape()
        b = self.shape(self.place(a.centre, a.size))
        if self.rng.random() < 0.5:
            b.scale(0.3)
        depths = a.inside(b.outline())
        # The outline is sampled: what is nearer to a boundary than the steps between samples is not decided.
        if abs(depths.min()) < b.step:
            raise Unclear
        return "CONTAINS({}, {})".format(b.text, a.text), int(depths.min() > 0), 0

    def intersects(self):
        a = self.shape()
        b = self.shape(self.place(a.centre, a.size * 2.5))
        deepest = max(a.inside(b.outline()).max(), b.inside(a.outline()).max())
        if abs(deepest) < max(a.step, b.step):
            raise Unclear
        return "INTERSECTS({}, {})".format(a.text, b.text), int(deepest > 0), 0

    def area(self):
        shape = self.rng.choice([Circle, Box, Polygon])(self, self.place(), 10 ** self.rng.uniform(-3, 1.6))
        area = shape.area()
        return "AREA({})".format(shape.text), area, area * 1e-7 + 1e-14

    def centroid(self):
        shape = self.rng.choice([Circle, Box, Polygon])(self, self.place(), 10 ** self.rng.uniform(-3, 1.6))
        where = self.rng.choice([0, 1])
        centre = shape.centroid()
        if abs(centre[1]) > 85 or not 1 < centre[0] < 359:
            raise Unclear
        return "COORD{}(CENTROID({}))".format(where + 1, shape.text), centre[where], 1e-7 * shape.size + 1e-9

    def coordinate(self):
        lon, lat = self.place()
        if abs(lat) > 89.9 or min(lon % 360, 360 - lon % 360, abs(lat)) < 1e-6:
            raise Unclear
        turns = self.rng.choice([0, 360, -360, 720])
        where = self.rng.choice([0, 1])
        return "COORD{}(POINT({}, {}))".format(where + 1, lon + turns, lat), (lon % 360, lat)[where], 1e-12 * 1000

    def case(self):
        makers = [self.distance, self.contains_point, self.contains_point, self.contains_shape, self.intersects, self.area, self.centroid, self.coordinate]
        return self.rng.choice(makers)()


def vector(place):
    lon, lat = math.radians(place[0]), math.radians(place[1])
    return np.array([math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)])


def degrees(v):
    return math.degrees(math.atan2(v[1], v[0])) % 360, math.degrees(math.atan2(v[2], math.hypot(v[0], v[1])))


def frame(centre):
    """East and north at a place."""
    lon, lat = math.radians(centre[0]), math.radians(centre[1])
    east = np.array([-math.sin(lon), math.cos(lon), 0])
    north = np.array([-math.sin(lat) * math.cos(lon), -math.sin(lat) * math.sin(lon), math.cos(lat)])
    return east, north


def offset(centre, angle, distance):
    """The place so many degrees away, as literals that say it exactly."""
    east, north = frame(centre)
    angle, distance = math.radians(angle), math.radians(distance)
    v = math.cos(distance) * vector(centre) + math.sin(distance) * (math.sin(angle) * east + math.cos(angle) * north)
    lon, lat = degrees(v)
    if distance < 1e-6:
        # By differences, so that no digit is lost.
        lat = centre[1] + math.degrees(distance * math.cos(angle))
        lon = centre[0] + math.degrees(distance * math.sin(angle)) / max(math.cos(math.radians(centre[1])), 1e-3)
    return lon, max(-90, min(90, lat))


def arc(a, b):
    """The angle between two places by high-precision arithmetic."""
    import mpmath
    with mpmath.workdps(40):
        (l1, b1), (l2, b2) = [[mpmath.radians(mpmath.mpf(angle)) for angle in place] for place in (a, b)]
        h = mpmath.sin((b1 - b2) / 2) ** 2 + mpmath.cos(b1) * mpmath.cos(b2) * mpmath.sin((l1 - l2) / 2) ** 2
        return float(mpmath.degrees(2 * mpmath.asin(mpmath.sqrt(h))))


class Circle:
    def __init__(self, sky, centre, size):
        self.centre = centre
        self.scale(1, size)

    def scale(self, factor, size=None):
        self.size = (size or self.size) * factor
        self.radius = math.radians(self.size)
        self.step = self.radius * 2e-2
        self.text = "CIRCLE({}, {}, {})".format(*self.centre, self.size)

    def inside(self, points):
        return self.radius - separation(points, vector(self.centre))

    def outline(self):
        east, north = frame(self.centre)
        angles = np.radians(np.arange(0, 360, 1.5))[:, None]
        middle = vector(self.centre)
        rim = math.cos(self.radius) * middle + math.sin(self.radius) * (np.sin(angles) * east + np.cos(angles) * north)
        return np.vstack([rim, middle])

    def area(self):
        return math.degrees(math.degrees(4 * math.pi * math.sin(self.radius / 2) ** 2))

    def centroid(self):
        return self.centre[0] % 360, self.centre[1]


class Polygon:
    """A star-shaped polygon, concave more often than not."""

    def __init__(self, sky, centre, size):
        self.centre = centre
        count = sky.rng.randrange(3, 8)
        turn = sky.rng.random() * 360
        self.hand = sky.rng.choice([-1, 1])
        self.reach = [(turn + self.hand * 360 * (i + 0.3 * sky.rng.random()) / count, sky.rng.uniform(0.4, 1)) for i in range(count)]
        self.closed = sky.rng.random() < 0.2
        self.points = sky.rng.random() < 0.3
        self.scale(1, size)

    def scale(self, factor, size=None):
        self.size = (size or self.size) * factor
        self.step = math.radians(self.size) * 2e-2
        self.set([offset(self.centre, angle, self.size * reach) for angle, reach in self.reach])
        listed = self.places + self.places[:1] if self.closed else self.places
        written = ["POINT({}, {})" if self.points else "{}, {}"][0]
        self.text = "POLYGON({})".format(", ".join(written.format(*place) for place in listed))

    def set(self, places):
        self.places = places
        self.corners = [vector(place) for place in places]

    def sides(self):
        return list(zip(self.corners, self.corners[1:] + self.corners[:1]))

    def inside(self, points):
        """Depth by the winding of the corners seen from the points, and the distance to the nearest side."""
        winding = np.zeros(len(points))
        nearest = np.full(len(points), math.inf)
        for a, b in self.sides():
            winding += np.arctan2(points @ np.cross(a, b), (np.cross(points, a) * np.cross(points, b)).sum(axis=1))
            nearest = np.minimum(nearest, side_distance(points, a, b))
        within = (np.abs(winding) > math.pi) & (points @ vector(self.centre) > 0)
        return np.where(within, nearest, -nearest)

    def outline(self):
        t = np.linspace(0, 1, 60, endpoint=False)[:, None]
        points = np.vstack([(1 - t) * a + t * b for a, b in self.sides()] + [vector(self.centre)])
        return points / np.linalg.norm(points, axis=1)[:, None]

    def triangles(self):
        centre = vector(self.centre)
        return [(centre, a, b) for a, b in self.sides()]

    def area(self):
        """Triangles around the centre, each by L'Huilier's theorem on its sides."""
        total = 0.0
        for triangle in self.triangles():
            a, b, c = [2 * math.asin(np.linalg.norm(triangle[i] - triangle[(i + 1) % 3]) / 2) for i in range(3)]
            s = (a + b + c) / 2
            product = math.tan(s / 2) * math.tan((s - a) / 2) * math.tan((s - b) / 2) * math.tan((s - c) / 2)
            total += 4 * math.atan(math.sqrt(max(product, 0)))
        return math.degrees(math.degrees(total))

    def centroid(self):
        """The mean of all points: triangles around the centre, integrated by Gauss's rule."""
        total = np.zeros(3)
        nodes, weights = np.polynomial.legendre.leggauss(24)
        u, v = np.meshgrid((nodes + 1) / 2, (nodes + 1) / 2, indexing="ij")
        weight = np.outer(weights, weights) * u
        for o, a, b in self.triangles():
            # Points of the flat triangle, each weighed by the solid angle of its surroundings.
            flat = (1 - u)[..., None] * o + (u * (1 - v))[..., None] * a + (u * v)[..., None] * b
            height = np.linalg.norm(flat, axis=2)
            total += (flat * (weight / height**4)[..., None]).sum(axis=(0, 1)) * abs(np.dot(o, np.cross(a - o, b - o)))
        return degrees(total)


def separation(points, v):
    return np.arctan2(np.linalg.norm(np.cross(points, v), axis=1), points @ v)


def side_distance(points, a, b):
    normal = np.cross(a, b)
    normal = normal / np.linalg.norm(normal)
    beside = (points @ np.cross(normal, a) >= 0) & (points @ np.cross(b, normal) >= 0)
    return np.where(beside, np.abs(np.arcsin(np.clip(points @ normal, -1, 1))), np.minimum(separation(points, a), separation(points, b)))


class Box(Polygon):
    """The standard's cross: arms of half the width and height, sides that are great circles at right angles to the arms."""

    def __init__(self, sky, centre, size):
        self.centre = centre
        self.ratio = sky.rng.uniform(0.3, 1)
        self.scale(1, size)

    def scale(self, factor, size=None):
        self.size = (size or self.size) * factor
        width, height = self.size, self.size * self.ratio
        self.step = math.radians(self.size) * 2e-2
        east, north = frame(self.centre)
        middle = vector(self.centre)
        # Each side's plane stands at right angles to an arm at its end; corners are where the planes meet.
        half = [math.radians(width / 2), math.radians(height / 2)]
        planes = {
            (axis, sign): sign * direction * math.cos(half[axis]) - middle * math.sin(half[axis])
            for axis, direction in ((0, east), (1, north)) for sign in (-1, 1)
        }
        corners = []
        for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
            corner = np.cross(planes[0, x], planes[1, y])
            corners.append(corner / np.linalg.norm(corner) * np.sign(corner @ middle))
        self.places = None
        self.corners = corners
        self.text = "BOX({}, {}, {}, {})".format(*self.centre, width, height)

    def centroid(self):
        return self.centre[0] % 360, self.centre[1]


def make(rng, count, maker):
    cases = []
    while len(cases) < count:
        try:
            cases.append(maker(rng))
        except (Unclear, OverflowError, ValueError, ZeroDivisionError):
            continue
    return cases


def as_number(rng):
    term = Numbers(rng).number(rng.randrange(1, 4))
    tolerance = 0 if term.kind == INTEGER or term.value is None else 1e-9 * abs(term.value)
    return term.text, term.value, tolerance


def as_truth(rng):
    """1, 0 or NULL of a condition: both it and its negation are asked, so that unknown is told from false."""
    term = Truths(rng).truth(rng.randrange(0, 4))
    text = "CASE WHEN {} THEN 1 WHEN NOT ({}) THEN 0 END".format(term.text, term.text)
    return text, None if term.value is None else int(term.value), 0


def as_text(rng):
    term = Texts(rng).text(rng.randrange(1, 4))
    return term.text, term.value, 0


def as_geometry(rng):
    return Sky(rng).case()


KINDS = {"arithmetic": (as_number, 0.35), "conditions": (as_truth, 0.3), "texts": (as_text, 0.05), "geometry": (as_geometry, 0.3)}


def answers(archive, texts):
    query = "SELECT TOP 1 {} {}".format(", ".join("{} AS v{}".format(text, i) for i, text in enumerate(texts)), ROW)
    response = archive.query(query, RESPONSEFORMAT="application/x-votable+xml;serialization=TABLEDATA")
    if response.status_code != 200:
        return response.text
    from astropy.io.votable import parse
    table = parse(io.BytesIO(response.content), verify="ignore").get_first_table()
    record, hidden = table.array.data[0], table.array.mask[0]
    return [None if hidden[i] else record[i] for i in range(len(texts))]


def differs(found, expected, tolerance):
    if isinstance(expected, str):
        # An empty text and NULL look alike in TABLEDATA.
        return (found is None and expected != "") or (found is not None and str(found) != expected)
    if found is None or found is not None and not isinstance(found, str) and np.isnan(found):
        return expected is not None
    if isinstance(found, str) and found == "":
        return expected is not None and expected != ""
    return expected is None or abs(float(found) - expected) > tolerance


@pytest.mark.parametrize("kind", KINDS)
def test_archive_and_evaluator_agree(archive, kind):
    maker, share = KINDS[kind]
    print("seed", SEED)
    rng = random.Random("{} {}".format(SEED, kind))
    cases = make(rng, int(CASES * share), maker)
    differences = []
    for start in range(0, len(cases), BATCH):
        batch = cases[start:start + BATCH]
        found = answers(archive, [text for text, _, _ in batch])
        if isinstance(found, str):
            # One of them is refused: which?
            found = [answers(archive, [text]) for text, _, _ in batch]
            found = [value if isinstance(value, str) else value[0] for value in found]
        for (text, expected, tolerance), value in zip(batch, found):
            if differs(value, expected, tolerance):
                differences.append("{}\n  archive {!r}, evaluator {!r}".format(text, value, expected))
    assert not differences, "seed {}: {} of {} differ\n{}".format(SEED, len(differences), len(cases), "\n".join(differences[:10]))


def test_distances_agree_with_astropy(archive):
    rng = random.Random(SEED)
    sky = Sky(rng)
    pairs = [(sky.place(), sky.place()) for _ in range(200)]
    first, second = [SkyCoord([place[0] for place in side], [place[1] for place in side], unit="deg") for side in zip(*pairs)]
    expected = first.separation(second).deg
    found = answers(archive, ["DISTANCE({}, {}, {}, {})".format(*a, *b) for a, b in pairs])
    assert np.allclose(np.array(found, dtype=float), expected, rtol=1e-12, atol=1e-12), "seed {}".format(SEED)


def test_conditions_on_rows_agree_with_vectors(archive, database):
    """CONTAINS and DISTANCE < r in WHERE, where indexes take part, against the positions of all sources."""
    rng = random.Random(SEED + 1)
    sky = Sky(rng)
    rows = [[int(row[0]), float(row[1]), float(row[2])] for row in database.copy("SELECT source_id, ra, \"dec\" FROM gaia.completesource")]
    identifiers = np.array([row[0] for row in rows])
    vectors = np.array([vector(row[1:]) for row in rows])
    asked = 0
    while asked < 40:
        shape = sky.shape(rng.choice(rows)[1:])
        depths = shape.inside(vectors)
        if (np.abs(depths) < Sky.MARGIN).any():
            continue
        asked += 1
        expected = sorted(identifiers[depths > 0].tolist())
        conditions = ["1 = CONTAINS(POINT(ra, dec), {})".format(shape.text), "NOT 0 = INTERSECTS({}, POINT('ICRS', ra, dec))".format(shape.text)]
        if isinstance(shape, Circle):
            conditions += [
                "DISTANCE(ra, dec, {}, {}) < {}".format(*shape.centre, shape.size),
                "{} >= 3600 * DISTANCE(POINT({}, {}), POINT(ra, dec))".format(3600 * shape.size, *shape.centre),
            ]
        for condition in conditions:
            answer = archive.query("SELECT source_id FROM gaia.completesource WHERE " + condition, RESPONSEFORMAT="csv")
            assert answer.status_code == 200, answer.text[:500]
            found = sorted(int(row[0]) for row in list(csv.reader(io.StringIO(answer.text)))[1:])
            assert found == expected, "seed {}: {}".format(SEED, condition)
