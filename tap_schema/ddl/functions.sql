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

-- A polygon from its vertices; NULL when any of them is. pgSphere's aggregate gives NULL and a notice for what is no polygon, and ends the
-- whole server process when its first point is NULL, so neither may reach it or leave it unseen.
CREATE OR REPLACE FUNCTION almagest.to_polygon(vertices spoint[]) RETURNS spoly
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  polygon spoly;
BEGIN
  IF num_nulls(VARIADIC vertices) > 0 THEN
    RETURN NULL;
  END IF;
  SELECT spoly(vertex ORDER BY place) INTO polygon FROM unnest(vertices) WITH ORDINALITY AS listed(vertex, place);
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

-- The centre of mass of the surface. For a polygon: half the sum, over its sides, of the side's length times the side's normal.
CREATE OR REPLACE FUNCTION almagest.centroid(p spoint) RETURNS spoint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT p $$;

CREATE OR REPLACE FUNCTION almagest.centroid(c scircle) RETURNS spoint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT center(c) $$;

CREATE OR REPLACE FUNCTION almagest.centroid(s spoly) RETURNS spoint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  v double precision[] := almagest.shape(s);
  n integer := cardinality(v) / 2;
  a double precision[];
  b double precision[];
  normal double precision[];
  sine double precision;
  weight double precision;
  total double precision[] := ARRAY[0, 0, 0];
  middle double precision[] := ARRAY[0, 0, 0];
  along double precision;
BEGIN
  FOR i IN 1..n LOOP
    a := xyz(spoint(radians(v[2 * i - 1]), radians(v[2 * i])));
    b := xyz(spoint(radians(v[2 * (i % n) + 1]), radians(v[2 * (i % n) + 2])));
    normal := ARRAY[a[2] * b[3] - a[3] * b[2], a[3] * b[1] - a[1] * b[3], a[1] * b[2] - a[2] * b[1]];
    sine := sqrt(normal[1] ^ 2 + normal[2] ^ 2 + normal[3] ^ 2);
    middle := ARRAY[middle[1] + a[1], middle[2] + a[2], middle[3] + a[3]];
    IF sine > 0 THEN
      weight := atan2(sine, a[1] * b[1] + a[2] * b[2] + a[3] * b[3]) / sine;
      total := ARRAY[total[1] + weight * normal[1], total[2] + weight * normal[2], total[3] + weight * normal[3]];
    END IF;
  END LOOP;
  -- The sum points away from the polygon when its vertices run clockwise; pgSphere takes the smaller side either way.
  along := total[1] * middle[1] + total[2] * middle[2] + total[3] * middle[3];
  IF along = 0 THEN
    total := middle;
  ELSIF along < 0 THEN
    total := ARRAY[-total[1], -total[2], -total[3]];
  END IF;
  RETURN spoint(atan2(total[2], total[1]), atan2(total[3], sqrt(total[1] ^ 2 + total[2] ^ 2)));
END $$;

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

CREATE OR REPLACE AGGREGATE almagest.histogram(double precision, double precision, double precision, integer) (
  SFUNC = almagest.histogram_step, STYPE = integer[]
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
