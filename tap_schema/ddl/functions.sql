-- The functions that translated queries call. Idempotent: run again after every upgrade.
--
-- pgSphere's types must be on the search path. Angles are degrees wherever a function's name does not say otherwise.
-- Functions that PostgreSQL can inline are plain SQL without STRICT; a constant call of an immutable one is folded when
-- the query is planned, so that an index serves it.

CREATE SCHEMA IF NOT EXISTS almagest;

-- Row identifiers ---------------------------------------------------------------------------------------------------------------

-- a * b modulo 2^64, on signed integers that stand for unsigned ones.
CREATE OR REPLACE FUNCTION almagest.wrapping_product(a bigint, b numeric) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT (CASE WHEN p >= 9223372036854775808 THEN p - 18446744073709551616 ELSE p END)::bigint
  FROM (SELECT mod((a::numeric + 18446744073709551616) * b, 18446744073709551616) AS p) AS product
$$;

-- a + b modulo 2^64, likewise.
CREATE OR REPLACE FUNCTION almagest.wrapping_sum(a bigint, b numeric) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT (CASE WHEN p >= 9223372036854775808 THEN p - 18446744073709551616 ELSE p END)::bigint
  FROM (SELECT mod(a::numeric + 18446744073709551616 + b, 18446744073709551616) AS p) AS total
$$;

-- The UUID of a row, from the tag of its table and its key: RowIdentifier in Sources/Tables/TableModel has the layout.
CREATE OR REPLACE FUNCTION almagest.row_uuid(tag bigint, key bigint) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  mixed bigint := almagest.wrapping_sum(key # (tag << 32), 11400714819323198485);
  low bigint;
  high text;
  rest text;
BEGIN
  -- A shift to the right fills with the sign; the masks make it a logical one.
  mixed := almagest.wrapping_product(mixed # ((mixed >> 30) & ((1::bigint << 34) - 1)), 13787848793156543929);
  mixed := almagest.wrapping_product(mixed # ((mixed >> 27) & ((1::bigint << 37) - 1)), 10723151780598845931);
  mixed := mixed # ((mixed >> 31) & ((1::bigint << 33) - 1));
  low := (((key >> 22) & 16383) << 48) | ((key & 4194303) << 26) | (mixed & 67108863);
  high := lpad(to_hex(tag), 8, '0') || lpad(to_hex((key >> 48) & 65535), 4, '0');
  rest := lpad(to_hex(low), 16, '0');
  RETURN substr(high, 1, 8) || '-' || substr(high, 9, 4) || '-8' || lpad(to_hex((key >> 36) & 4095), 3, '0') || '-'
    || to_hex(8 | (low >> 60)) || substr(rest, 2, 3) || '-' || substr(rest, 5, 12);
END $$;

-- Arithmetic ----------------------------------------------------------------------------------------------------------------------

-- Rounds to n decimal places, halves away from zero; n may be negative. NaN and infinities come back as they are.
CREATE OR REPLACE FUNCTION almagest.round(x double precision, n integer) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN x IN ('NaN', 'Infinity', '-Infinity') OR n > 300 THEN CASE WHEN n IS NOT NULL THEN x END
    WHEN n < -320 THEN CASE WHEN x IS NOT NULL THEN 0 END
    ELSE round(x::text::numeric, n)::double precision END
$$;

-- Cuts off after n decimal places; n may be negative. NaN and infinities come back as they are.
CREATE OR REPLACE FUNCTION almagest.truncate(x double precision, n integer) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN x IN ('NaN', 'Infinity', '-Infinity') OR n > 300 THEN CASE WHEN n IS NOT NULL THEN x END
    WHEN n < -320 THEN CASE WHEN x IS NOT NULL THEN 0 END
    ELSE trunc(x::text::numeric, n)::double precision END
$$;

-- The remainder of a division, with the sign of x.
CREATE OR REPLACE FUNCTION almagest.modulo(x double precision, y double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN y IN ('Infinity', '-Infinity') AND x NOT IN ('NaN', 'Infinity', '-Infinity') THEN x
    ELSE x - y * trunc(x / y) END
$$;

-- Shapes -----------------------------------------------------------------------------------------------------------------------

-- Points, circles and polygons as arrays in degrees, as DALI writes them: (lon, lat), (lon, lat, radius), (lon, lat, lon, lat, …).
CREATE OR REPLACE FUNCTION almagest.shape(p spoint) RETURNS double precision[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p IS NOT NULL THEN ARRAY[degrees(long(p)), degrees(lat(p))] END
$$;

CREATE OR REPLACE FUNCTION almagest.shape(c scircle) RETURNS double precision[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN c IS NOT NULL THEN ARRAY[degrees(long(center(c))), degrees(lat(center(c))), degrees(radius(c))] END
$$;

-- pgSphere shows a polygon's vertices only as text in radians, with 15 digits: 12 decimal places of a degree are what is certain.
CREATE OR REPLACE FUNCTION almagest.shape(s spoly) RETURNS double precision[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT array_agg(round(degrees(value::double precision)::numeric, 12)::double precision ORDER BY place)
  FROM unnest(string_to_array(translate(spoly_out(s)::text, '{}() ', ''), ',')) WITH ORDINALITY AS vertices(value, place)
$$;

-- The way back.
CREATE OR REPLACE FUNCTION almagest.to_point(shape double precision[]) RETURNS spoint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT spoint(radians(shape[1]), radians(shape[2]))
$$;

CREATE OR REPLACE FUNCTION almagest.to_circle(shape double precision[]) RETURNS scircle
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT scircle(spoint(radians(shape[1]), radians(shape[2])), radians(shape[3]))
$$;

-- A polygon from its vertices; NULL when any of them is. A last vertex that repeats the first one is dropped, since many clients close
-- their polygons. pgSphere's aggregate gives NULL and a notice for what is no polygon, and ends the whole server process when its first
-- point is NULL, so neither may reach it or leave it unseen.
CREATE OR REPLACE FUNCTION almagest.to_polygon(vertices spoint[]) RETURNS spoly
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  polygon spoly;
  n integer := cardinality(vertices);
BEGIN
  IF num_nulls(VARIADIC vertices) > 0 THEN
    RETURN NULL;
  END IF;
  IF n > 3 AND vertices[1] = vertices[n] THEN
    n := n - 1;
  END IF;
  IF 'NaN' IN (SELECT long(vertex) + lat(vertex) FROM unnest(vertices) AS vertex) THEN
    RAISE EXCEPTION USING ERRCODE = 'data_exception', MESSAGE = 'a polygon has a vertex that is no position';
  END IF;
  SELECT spoly(vertex ORDER BY place) INTO polygon FROM unnest(vertices[:n]) WITH ORDINALITY AS listed(vertex, place);
  IF polygon IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'data_exception',
      MESSAGE = 'a polygon must have at least three different vertices, and sides that do not cross';
  END IF;
  RETURN polygon;
END $$;

-- The same from lon, lat, lon, lat, …
CREATE OR REPLACE FUNCTION almagest.to_polygon(shape double precision[]) RETURNS spoly
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT almagest.to_polygon(array_agg(spoint(radians(shape[2 * i - 1]), radians(shape[2 * i])) ORDER BY i))
  FROM generate_series(1, cardinality(shape) / 2) AS i
$$;

-- ADQL's BOX (ADQL 2.1 §4.2.11): a cross of full width and height through the centre; its sides are great circles at right angles to the arms.
-- Its corners are therefore those of a rectangle on the plane that touches the sphere at the centre.
CREATE OR REPLACE FUNCTION almagest.to_box(centre spoint, width double precision, height double precision) RETURNS spoly
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  x double precision;
  y double precision;
  turn strans := strans(0, -lat(centre), long(centre), 'XYZ');
BEGIN
  IF NOT (width > 0 AND width < 180 AND height > 0 AND height < 180) THEN
    RAISE EXCEPTION USING ERRCODE = 'data_exception', MESSAGE = 'the width and height of a BOX must lie between 0 and 180 degrees';
  END IF;
  x := tan(radians(width / 2));
  y := tan(radians(height / 2));
  RETURN almagest.to_polygon(ARRAY[
    spoint(atan2(-x, 1), atan2(-y, sqrt(1 + x * x))) + turn, spoint(atan2(x, 1), atan2(-y, sqrt(1 + x * x))) + turn,
    spoint(atan2(x, 1), atan2(y, sqrt(1 + x * x))) + turn, spoint(atan2(-x, 1), atan2(y, sqrt(1 + x * x))) + turn]);
END $$;

-- How far Q3C is asked to reach for what lies nearer than r: at most over the whole sky, and as far beyond r as pgSphere's circles do.
CREATE OR REPLACE FUNCTION almagest.reach(r double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN r < 0 THEN 0 WHEN r > 180 THEN 180 ELSE r END + 5.7295779513082e-08
$$;

-- What `DISTANCE(a, b) < r` needs where r is not a constant: a circle that holds all points nearer than r, and where r is beyond the
-- 90 degrees of a circle, a second one that holds the other half of the sky. Both are NULL where r is.
CREATE OR REPLACE FUNCTION almagest.radius(r double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN r < 0 THEN 0 WHEN r > 90 THEN 90 ELSE r END
$$;

CREATE OR REPLACE FUNCTION almagest.near(centre spoint, r double precision) RETURNS scircle
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT scircle(centre, radians(almagest.radius(r)))
$$;

CREATE OR REPLACE FUNCTION almagest.far(centre spoint, r double precision) RETURNS scircle
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN r > 90 THEN scircle(spoint(long(centre) + pi(), -lat(centre)), radians(90)) END
$$;

-- The arc in degrees, from half the differences of longitude and latitude and half the sum of latitudes in radians. It has all digits from
-- nanoarcseconds to the antipode: both roots are of sums of squares, so nothing cancels.
CREATE OR REPLACE FUNCTION almagest.arc(dlon double precision, dlat double precision, lat double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT degrees(2 * atan2(
    sqrt((sin(dlat) * cos(dlon)) ^ 2 + (sin(dlon) * cos(lat)) ^ 2), sqrt((cos(dlat) * cos(dlon)) ^ 2 + (sin(dlon) * sin(lat)) ^ 2)))
$$;

-- The arc between two positions in degrees. pgSphere's <-> is 0 below 0.2 mas.
CREATE OR REPLACE FUNCTION almagest.distance(a spoint, b spoint) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT almagest.arc((long(a) - long(b)) / 2, (lat(a) - lat(b)) / 2, (lat(a) + lat(b)) / 2)
$$;

-- The same between two pairs of numbers, which pgSphere's points would round to 0.2 mas near longitude 0, the equator and the poles.
CREATE OR REPLACE FUNCTION almagest.distance(
  lon1 double precision, lat1 double precision, lon2 double precision, lat2 double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT almagest.arc(radians(lon1 - lon2) / 2, radians(lat1 - lat2) / 2, radians(lat1 + lat2) / 2)
$$;

-- Vertices of a polygon as x, y, z, x, y, z, …
CREATE OR REPLACE FUNCTION almagest.vectors(s spoly) RETURNS double precision[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  angles double precision[] := string_to_array(translate(spoly_out(s)::text, '{}() ', ''), ',')::double precision[];
  vectors double precision[] := '{}';
BEGIN
  FOR i IN 1..cardinality(angles) BY 2 LOOP
    vectors := vectors || cos(angles[i]) * cos(angles[i + 1]) || sin(angles[i]) * cos(angles[i + 1]) || sin(angles[i + 1]);
  END LOOP;
  RETURN vectors;
END $$;

-- Six times the volume between the centre of the sphere and three of the points: positive when they run counter-clockwise seen from
-- outside. Differences are taken first, so that it holds for triangles of milliarcseconds.
CREATE OR REPLACE FUNCTION almagest.turn(v double precision[], i integer, j integer, k integer) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  x double precision := v[3 * i - 2];
  y double precision := v[3 * i - 1];
  z double precision := v[3 * i];
  ax double precision := v[3 * j - 2] - x;
  ay double precision := v[3 * j - 1] - y;
  az double precision := v[3 * j] - z;
  bx double precision := v[3 * k - 2] - x;
  b_y double precision := v[3 * k - 1] - y;
  bz double precision := v[3 * k] - z;
BEGIN
  RETURN x * (ay * bz - az * b_y) + y * (az * bx - ax * bz) + z * (ax * b_y - ay * bx);
END $$;

-- The area in square degrees. pgSphere's own loses all digits for shapes of arcseconds.
CREATE OR REPLACE FUNCTION almagest.area(c scircle) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT degrees(degrees(4 * pi() * sin(radius(c) / 2) ^ 2))
$$;

CREATE OR REPLACE FUNCTION almagest.area(s spoly) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  v double precision[] := almagest.vectors(s);
  total double precision := 0;
  j integer;
  k integer;
BEGIN
  -- Triangles from the first vertex, with signs; each by the tangent of half its excess.
  FOR i IN 2..cardinality(v) / 3 - 1 LOOP
    j := 3 * i - 2;
    k := 3 * i + 1;
    total := total + 2 * atan2(
      almagest.turn(v, 1, i, i + 1),
      1 + v[1] * v[j] + v[2] * v[j + 1] + v[3] * v[j + 2] + v[j] * v[k] + v[j + 1] * v[k + 1] + v[j + 2] * v[k + 2]
        + v[k] * v[1] + v[k + 1] * v[2] + v[k + 2] * v[3]);
  END LOOP;
  total := abs(total);
  -- pgSphere takes the smaller side.
  RETURN degrees(degrees(CASE WHEN total > 2 * pi() THEN 4 * pi() - total ELSE total END));
END $$;

CREATE OR REPLACE FUNCTION almagest.to_point(x double precision, y double precision, z double precision) RETURNS spoint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT spoint(atan2(y, x), atan2(z, sqrt(x * x + y * y)))
$$;

-- The centre of mass of the surface. For a polygon: half the sum, over its sides, of the side's length times the side's normal.
CREATE OR REPLACE FUNCTION almagest.centroid(p spoint) RETURNS spoint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT p $$;

CREATE OR REPLACE FUNCTION almagest.centroid(c scircle) RETURNS spoint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT center(c) $$;

CREATE OR REPLACE FUNCTION almagest.centroid(s spoly) RETURNS spoint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  v double precision[] := almagest.vectors(s);
  n integer := cardinality(v) / 3;
  i integer;
  j integer;
  nx double precision;
  ny double precision;
  nz double precision;
  sine double precision;
  weight double precision;
  total double precision := 0;
  x double precision := 0;
  y double precision := 0;
  z double precision := 0;
  mx double precision := 0;
  my double precision := 0;
  mz double precision := 0;
  size double precision := 0;
  along double precision;
BEGIN
  FOR m IN 1..n LOOP
    i := 3 * m - 2;
    mx := mx + v[i];
    my := my + v[i + 1];
    mz := mz + v[i + 2];
    size := greatest(size, abs(v[i] - v[1]), abs(v[i + 1] - v[2]), abs(v[i + 2] - v[3]));
  END LOOP;
  IF size < 1e-4 THEN
    -- Below some 20 arcsec the normals of the sides cancel, and a plane is near enough.
    FOR m IN 2..n - 1 LOOP
      i := 3 * m - 2;
      weight := almagest.turn(v, 1, m, m + 1);
      total := total + weight;
      x := x + weight * (v[i] + v[i + 3] - 2 * v[1]) / 3;
      y := y + weight * (v[i + 1] + v[i + 4] - 2 * v[2]) / 3;
      z := z + weight * (v[i + 2] + v[i + 5] - 2 * v[3]) / 3;
    END LOOP;
    IF total = 0 THEN
      RETURN almagest.to_point(mx, my, mz);
    END IF;
    RETURN almagest.to_point(v[1] + x / total, v[2] + y / total, v[3] + z / total);
  END IF;
  FOR m IN 1..n LOOP
    i := 3 * m - 2;
    j := 3 * (m % n) + 1;
    nx := v[i + 1] * (v[j + 2] - v[i + 2]) - v[i + 2] * (v[j + 1] - v[i + 1]);
    ny := v[i + 2] * (v[j] - v[i]) - v[i] * (v[j + 2] - v[i + 2]);
    nz := v[i] * (v[j + 1] - v[i + 1]) - v[i + 1] * (v[j] - v[i]);
    sine := sqrt(nx * nx + ny * ny + nz * nz);
    IF sine > 0 THEN
      weight := atan2(sine, v[i] * v[j] + v[i + 1] * v[j + 1] + v[i + 2] * v[j + 2]) / sine;
      x := x + weight * nx;
      y := y + weight * ny;
      z := z + weight * nz;
    END IF;
  END LOOP;
  -- The sum points away from the polygon when its vertices run clockwise; pgSphere takes the smaller side either way.
  along := x * mx + y * my + z * mz;
  IF along = 0 THEN
    RETURN almagest.to_point(mx, my, mz);
  END IF;
  RETURN almagest.to_point(x * sign(along), y * sign(along), z * sign(along));
END $$;

-- Coverages (MOC) ------------------------------------------------------------------------------------------------------------------

-- A MOC from its text.
CREATE OR REPLACE FUNCTION almagest.to_moc(cells text) RETURNS smoc
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT cells::smoc
$$;

-- The cells of a MOC, each run of neighbours as one row.
CREATE OR REPLACE FUNCTION almagest.cells(m smoc) RETURNS TABLE (cell_order integer, first_cell bigint, last_cell bigint)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  word text;
  ends text[];
BEGIN
  FOREACH word IN ARRAY string_to_array(replace(m::text, ',', ' '), ' ') LOOP
    IF position('/' IN word) > 0 THEN
      cell_order := split_part(word, '/', 1)::integer;
      word := split_part(word, '/', 2);
    END IF;
    IF word <> '' THEN
      ends := string_to_array(word, '-');
      first_cell := ends[1]::bigint;
      last_cell := ends[cardinality(ends)]::bigint;
      RETURN NEXT;
    END IF;
  END LOOP;
END $$;

-- The order at which a shape with so many radians of outline has some thousand cells along it.
CREATE OR REPLACE FUNCTION almagest.fine_order(outline double precision) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT least(29, greatest(4, floor(log(2, (3000 / greatest(outline, 1e-12))::numeric))::integer))
$$;

-- Refuses to make what would have millions of cells.
CREATE OR REPLACE FUNCTION almagest.check_order(cell_order integer, outline double precision) RETURNS void
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF cell_order NOT BETWEEN 0 AND 29 THEN
    RAISE EXCEPTION USING ERRCODE = 'data_exception', MESSAGE = format('the order of a MOC is 0 to 29, not %s', cell_order);
  END IF;
  IF outline * 2.0 ^ cell_order > 500000 THEN
    RAISE EXCEPTION USING ERRCODE = 'data_exception',
      MESSAGE = format('a MOC of order %s of so large a shape would have too many cells; order %s is possible', cell_order,
        floor(log(2, (500000 / outline)::numeric)));
  END IF;
END $$;

CREATE OR REPLACE FUNCTION almagest.outline(c scircle) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT 2 * pi() * sin(radius(c))
$$;

CREATE OR REPLACE FUNCTION almagest.outline(s spoly) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  v double precision[] := almagest.vectors(s);
  n integer := cardinality(v) / 3;
  total double precision := 0;
  i integer;
  j integer;
BEGIN
  FOR m IN 1..n LOOP
    i := 3 * m - 2;
    j := 3 * (m % n) + 1;
    total := total + 2 * asin(least(1, sqrt((v[i] - v[j]) ^ 2 + (v[i + 1] - v[j + 1]) ^ 2 + (v[i + 2] - v[j + 2]) ^ 2) / 2));
  END LOOP;
  RETURN total;
END $$;

-- All cells of an order that a polygon touches. pgSphere covers convex polygons alone, so others are cut into triangles, an ear at a time.
CREATE OR REPLACE FUNCTION almagest.polygon_cells(cell_order integer, s spoly) RETURNS smoc
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  v double precision[] := almagest.vectors(s);
  n integer := cardinality(v) / 3;
  ring integer[];
  bends double precision[];
  hand integer;
  a integer;
  b integer;
  c integer;
  cells smoc;
  triangle spoly;
  found boolean;
BEGIN
  SELECT array_agg(i ORDER BY i), array_agg(almagest.turn(v, i, i % n + 1, (i + 1) % n + 1)) INTO ring, bends
  FROM generate_series(1, n) AS i;
  IF (SELECT (min(bend) > 0 OR max(bend) < 0) AND min(abs(bend)) > 1e-7 * almagest.outline(s) ^ 2 FROM unnest(bends) AS bend) THEN
    RETURN smoc(cell_order, s);
  END IF;
  hand := sign((SELECT sum(almagest.turn(v, 1, i, i + 1)) FROM generate_series(2, n - 1) AS i));
  WHILE cardinality(ring) > 2 LOOP
    found := false;
    n := cardinality(ring);
    FOR i IN 1..n LOOP
      a := ring[(i + n - 2) % n + 1];
      b := ring[i];
      c := ring[i % n + 1];
      CONTINUE WHEN almagest.turn(v, a, b, c) * hand < 0;
      -- An ear holds no other vertex.
      CONTINUE WHEN n > 3 AND EXISTS (
        SELECT FROM unnest(ring) AS other
        WHERE other NOT IN (a, b, c) AND almagest.turn(v, a, b, other) * hand > 0 AND almagest.turn(v, b, c, other) * hand > 0
          AND almagest.turn(v, c, a, other) * hand > 0);
      found := true;
      IF almagest.turn(v, a, b, c) * hand > 1e-9 * almagest.outline(s) ^ 2 THEN
        triangle := almagest.to_polygon(ARRAY[
          almagest.to_point(v[3 * a - 2], v[3 * a - 1], v[3 * a]), almagest.to_point(v[3 * b - 2], v[3 * b - 1], v[3 * b]),
          almagest.to_point(v[3 * c - 2], v[3 * c - 1], v[3 * c])]);
        cells := CASE WHEN cells IS NULL THEN smoc(cell_order, triangle) ELSE cells | smoc(cell_order, triangle) END;
      END IF;
      ring := ring[:i - 1] || ring[i + 1:];
      EXIT;
    END LOOP;
    EXIT WHEN NOT found;
  END LOOP;
  -- Too thin for a triangle: its vertices.
  IF cells IS NULL THEN
    FOR i IN 1..cardinality(v) / 3 LOOP
      cells := CASE WHEN cells IS NULL THEN '0/'::smoc ELSE cells END
        | smoc(cell_order, almagest.to_point(v[3 * i - 2], v[3 * i - 1], v[3 * i]));
    END LOOP;
  END IF;
  RETURN cells;
END $$;

-- The coverage of a shape: all cells of that order which it touches.
CREATE OR REPLACE FUNCTION almagest.moc(cell_order integer, p spoint) RETURNS smoc
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  PERFORM almagest.check_order(cell_order, 0);
  RETURN smoc(cell_order, p);
END $$;

CREATE OR REPLACE FUNCTION almagest.moc(cell_order integer, c scircle) RETURNS smoc
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  PERFORM almagest.check_order(cell_order, almagest.outline(c));
  RETURN smoc(cell_order, c);
END $$;

CREATE OR REPLACE FUNCTION almagest.moc(cell_order integer, s spoly) RETURNS smoc
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  PERFORM almagest.check_order(cell_order, almagest.outline(s));
  RETURN almagest.polygon_cells(cell_order, s);
END $$;

CREATE OR REPLACE FUNCTION almagest.moc(cell_order integer, m smoc) RETURNS smoc
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  PERFORM almagest.check_order(cell_order, 0);
  RETURN smoc_degrade(cell_order, m);
END $$;

-- A shape as cells, to be compared with a MOC: exact to about a thousandth of its size.
CREATE OR REPLACE FUNCTION almagest.cover(c scircle) RETURNS smoc
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT smoc(almagest.fine_order(almagest.outline(c)), c)
$$;

CREATE OR REPLACE FUNCTION almagest.cover(s spoly) RETURNS smoc
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT almagest.polygon_cells(almagest.fine_order(almagest.outline(s)), s)
$$;

-- Whether a position lies in a coverage; one that is NaN lies nowhere.
CREATE OR REPLACE FUNCTION almagest.inside(p spoint, m smoc) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT p <@ m AND long(p) + lat(p) <> 'NaN'
$$;

-- The sum of the cells' centres, each weighed by its area; large cells are divided first. NULL for no cells, and where the sum is none.
CREATE OR REPLACE FUNCTION almagest.centroid(m smoc) RETURNS spoint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  x double precision;
  y double precision;
  z double precision;
BEGIN
  SELECT sum(weight * v[1]), sum(weight * v[2]), sum(weight * v[3]) INTO x, y, z
  FROM (
    SELECT 0.25 ^ fine AS weight, xyz(center_of_healpix_nest(fine, cell)) AS v
    FROM almagest.cells(m), greatest(cell_order, least(cell_order + 4, 9)) AS fine,
      generate_series(first_cell << 2 * (fine - cell_order), ((last_cell + 1) << 2 * (fine - cell_order)) - 1) AS cell) AS fine_cells;
  RETURN CASE WHEN x ^ 2 + y ^ 2 + z ^ 2 > 1e-20 THEN almagest.to_point(x, y, z) END;
END $$;

-- A circle around a shape, as lon, lat and radius up to 180: what an index over positions can be asked for.
CREATE OR REPLACE FUNCTION almagest.bound(c scircle) RETURNS double precision[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ARRAY[degrees(long(center(c))), degrees(lat(center(c))), degrees(radius(c)) + 1e-6]
$$;

CREATE OR REPLACE FUNCTION almagest.bound(s spoly) RETURNS double precision[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  centre spoint := almagest.centroid(s);
  v double precision[] := almagest.vectors(s);
  radius double precision := 0;
BEGIN
  FOR i IN 1..cardinality(v) BY 3 LOOP
    radius := greatest(radius, almagest.distance(centre, almagest.to_point(v[i], v[i + 1], v[i + 2])));
  END LOOP;
  -- Within a hemisphere a side is nowhere farther than its ends.
  RETURN ARRAY[degrees(long(centre)), degrees(lat(centre)), CASE WHEN radius < 89.9 THEN radius + 1e-6 ELSE 180 END];
END $$;

CREATE OR REPLACE FUNCTION almagest.bound(m smoc) RETURNS double precision[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  centre spoint;
  radius double precision;
BEGIN
  IF area(m) > 2 * pi() THEN
    RETURN ARRAY[0, 0, 180];
  END IF;
  SELECT almagest.to_point(sum(v[1]), sum(v[2]), sum(v[3])) INTO centre
  FROM almagest.cells(m), xyz(center_of_healpix_nest(cell_order, (first_cell + last_cell) / 2)) AS v;
  -- No cell reaches farther from its centre than 1.1 times its order's scale.
  SELECT max(almagest.distance(centre, center_of_healpix_nest(cell_order, cell)) + degrees(1.1 / 2.0 ^ cell_order)) INTO radius
  FROM almagest.cells(m), generate_series(first_cell, last_cell) AS cell;
  IF radius IS NULL THEN
    -- An empty one.
    RETURN ARRAY[0, 0, 0];
  END IF;
  RETURN ARRAY[degrees(long(centre)), degrees(lat(centre)), least(radius, 180)];
END $$;

-- The end of a range of Q3C's index, of the four ranges that hold a circle. So dear that a plan without the index is dearer.
CREATE OR REPLACE FUNCTION almagest.zone(circle double precision[], number integer) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
BEGIN
  RETURN q3c_nearby_it(circle[1], circle[2], circle[3], number);
END $$;

CREATE OR REPLACE FUNCTION almagest.near(circle double precision[]) RETURNS scircle
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT almagest.near(spoint(radians(circle[1]), radians(circle[2])), circle[3])
$$;

CREATE OR REPLACE FUNCTION almagest.far(circle double precision[]) RETURNS scircle
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT almagest.far(spoint(radians(circle[1]), radians(circle[2])), circle[3])
$$;

-- Texts ---------------------------------------------------------------------------------------------------------------------------

-- The numbers of a shape written as DALI does: '10 20 0.5'. Two, three, or an even number of at least six.
CREATE OR REPLACE FUNCTION almagest.numbers(shape text) RETURNS double precision[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT regexp_split_to_array(btrim(shape, E' \t\n'), E'[ \t\n]+')::double precision[]
$$;

-- A timestamp as DALI writes it: '2016-01-01T00:00:00'.
CREATE OR REPLACE FUNCTION almagest.timestamp_text(moment timestamp) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT to_char(moment, 'YYYY-MM-DD"T"HH24:MI:SS') || rtrim(rtrim(to_char(moment, '.US'), '0'), '.')
$$;

DROP FUNCTION IF EXISTS almagest.sexagesimal(text);
-- '-12:34:56.7' and '-12d34m56.7s' as a number of degrees, or with the sign 'h' as one of hours.
-- Errors of class AL are in words for the user.
CREATE OR REPLACE FUNCTION almagest.sexagesimal(angle text, sign text) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  parts text[] := regexp_match(
    angle, '^\s*([+-]?)\s*(\d{1,6})(?:[: ]|' || sign || ')\s*(\d{1,2})[: m]\s*(\d{1,2}(?:\.\d*)?|\.\d+)\s*s?\s*$', 'i');
BEGIN
  IF parts IS NULL OR parts[3]::integer >= 60 OR parts[4]::float8 >= 60 THEN
    RAISE EXCEPTION USING ERRCODE = 'AL001', MESSAGE = format(
      '%s can''t be read as %s; it is written %s, with minutes and seconds below 60', quote_literal(left(angle, 60)),
      CASE sign WHEN 'h' THEN 'hours, minutes and seconds' ELSE 'degrees, minutes and seconds' END,
      CASE sign WHEN 'h' THEN '''3:34:45.4'' or ''3h34m45.4s''' ELSE '''-42:09:06.8'' or ''-42d09m06.8s''' END);
  END IF;
  RETURN (CASE WHEN parts[1] = '-' THEN -1 ELSE 1 END)
    * ((parts[2]::float8 * 3600 + parts[3]::float8 * 60 + parts[4]::float8) / 3600);
END $$;

-- Whether the item is one of those that the list separates by '#', letter case ignored.
CREATE OR REPLACE FUNCTION almagest.hashlist_has(hashlist text, item text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT position('#' IN item) = 0 AND lower(item) = ANY (string_to_array(lower(hashlist), '#'))
$$;

DROP FUNCTION IF EXISTS almagest.interval_overlaps(double precision, double precision, double precision, double precision);
-- Whether two closed intervals share a point; one whose end lies before its start overlaps nothing.
CREATE OR REPLACE FUNCTION almagest.interval_overlaps(
  a1 anycompatible, b1 anycompatible, a2 anycompatible, b2 anycompatible) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT a1 <= b1 AND a2 <= b2 AND a1 <= b2 AND a2 <= b1
$$;

-- Astrometry ----------------------------------------------------------------------------------------------------------------------

-- Motion along a straight line in space; units as in ivo_epoch_prop_pos of the UDF catalogue.
CREATE OR REPLACE FUNCTION almagest.epoch_prop_pos(
  ra double precision, de double precision, parallax double precision, pmra double precision, pmde double precision,
  radial_velocity double precision, ref_epoch double precision, out_epoch double precision) RETURNS spoint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  mas constant double precision := radians(1) / 3600 / 1000;
  a double precision := radians(ra);
  d double precision := radians(de);
  t double precision := out_epoch - ref_epoch;
  east double precision;
  north double precision;
  outward double precision;
  x double precision;
  y double precision;
  z double precision;
BEGIN
  IF ra IS NULL OR de IS NULL OR ref_epoch IS NULL OR out_epoch IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'AL001',
      MESSAGE = 'ivo_epoch_prop_pos was given a NULL for a position or an epoch; leave those rows out with IS NOT NULL';
  END IF;
  east := coalesce(pmra, 0) * mas * t;
  north := coalesce(pmde, 0) * mas * t;
  -- km/s times mas to mas/yr: one astronomical unit per Julian year is 4.740470446 km/s.
  outward := 1 + coalesce(radial_velocity, 0) * coalesce(parallax, 0) / 4.740470446 * mas * t;
  x := outward * cos(d) * cos(a) - east * sin(a) - north * sin(d) * cos(a);
  y := outward * cos(d) * sin(a) + east * cos(a) - north * sin(d) * sin(a);
  z := outward * sin(d) + north * cos(d);
  RETURN spoint(atan2(y, x), atan2(z, sqrt(x * x + y * y)));
END $$;

-- The same without a distance, from degrees per year: a straight line in the plane that touches the sky.
CREATE OR REPLACE FUNCTION almagest.apply_pm(
  ra double precision, de double precision, pmra double precision, pmde double precision, years double precision) RETURNS spoint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN num_nulls(ra, de, years) = 0
    THEN almagest.epoch_prop_pos(ra, de, 0, pmra * 3600000, pmde * 3600000, 0, 0, years) END
$$;

-- Reference frames ----------------------------------------------------------------------------------------------------------------

-- The turn from ICRS, for which FK5 is taken, to another frame: Euler's angles as in the UDF catalogue's ivo_geom_transform.
CREATE OR REPLACE FUNCTION almagest.frame_turn(frame text) RETURNS strans
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE frame
    WHEN 'GALACTIC' THEN strans(radians(-282.859481208), radians(-62.871748790), radians(32.931918557), 'ZXZ')
    WHEN 'ECLIPTIC' THEN strans(radians(-23.4392911), 0, 0, 'XZX')
    -- By way of the galactic frame, to which B1950's angles lead.
    WHEN 'FK4' THEN strans(radians(-282.859481208), radians(-62.871748790), radians(32.931918557), 'ZXZ')
      - strans(radians(-282.25), radians(-62.6), radians(33.0), 'ZXZ')
    ELSE strans(0, 0, 0, 'XYZ') END
$$;

CREATE OR REPLACE FUNCTION almagest.geom_transform(from_frame text, to_frame text, p spoint) RETURNS spoint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT p - almagest.frame_turn(from_frame) + almagest.frame_turn(to_frame)
$$;

CREATE OR REPLACE FUNCTION almagest.geom_transform(from_frame text, to_frame text, c scircle) RETURNS scircle
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT c - almagest.frame_turn(from_frame) + almagest.frame_turn(to_frame)
$$;

CREATE OR REPLACE FUNCTION almagest.geom_transform(from_frame text, to_frame text, s spoly) RETURNS spoly
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT s - almagest.frame_turn(from_frame) + almagest.frame_turn(to_frame)
$$;

-- Histograms ----------------------------------------------------------------------------------------------------------------------

-- Counts a value: below the range or NULL first, then the bins, then all from the upper edge on. NaN lies above everything.
CREATE OR REPLACE FUNCTION almagest.histogram_step(
  counts integer[], value double precision, lower_edge double precision, upper_edge double precision, bins integer) RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  place integer := CASE WHEN value IS NULL THEN 1 WHEN value >= upper_edge THEN bins + 2
    ELSE width_bucket(value, lower_edge, upper_edge, bins) + 1 END;
BEGIN
  IF counts IS NULL THEN
    counts := array_fill(0, ARRAY[bins + 2]);
  END IF;
  counts[place] := counts[place] + 1;
  RETURN counts;
END $$;

-- Adds what parallel workers counted.
CREATE OR REPLACE FUNCTION almagest.histogram_join(a integer[], b integer[]) RETURNS integer[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT array_agg(mine + theirs ORDER BY place) FROM unnest(a, b) WITH ORDINALITY AS counts(mine, theirs, place)
$$;

CREATE OR REPLACE AGGREGATE almagest.histogram(double precision, double precision, double precision, integer) (
  SFUNC = almagest.histogram_step, STYPE = integer[], COMBINEFUNC = almagest.histogram_join, PARALLEL = SAFE
);

-- HEALPix -------------------------------------------------------------------------------------------------------------------------

-- The centre of a pixel in the nested scheme, with an error in words for the user where there is no such pixel.
CREATE OR REPLACE FUNCTION almagest.healpix_center(pixel_order integer, pixel bigint) RETURNS spoint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF pixel_order NOT BETWEEN 0 AND 29 THEN
    RAISE EXCEPTION USING ERRCODE = 'AL001', MESSAGE = format('there is no HEALPix order %s; orders go from 0 to 29', pixel_order);
  ELSIF pixel < 0 OR pixel >= 12 * (1::bigint << (2 * pixel_order)) THEN
    RAISE EXCEPTION USING ERRCODE = 'AL001', MESSAGE = format(
      'there is no HEALPix pixel %s of order %s; they are numbered from 0 to %s', pixel, pixel_order, 12 * (1::bigint << (2 * pixel_order)) - 1);
  END IF;
  RETURN center_of_healpix_nest(pixel_order, pixel);
END $$;
