-- Two million stars of 18 columns, the same ones each time: every value is a hash of the row's number.
CREATE SCHEMA speed;
CREATE FUNCTION speed.u(n bigint, seed bigint) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT ((hashint8extended(n, seed) >> 11 & 9007199254740991)::double precision + 0.5) / 9007199254740992.0 $$;
CREATE TABLE speed.stars AS
SELECT n AS star_id, 'Stars_' || lpad((n / 5000)::text, 6, '0') AS file_name, 'star_' || to_hex(n) AS key_name,
  360 * speed.u(n, 1) AS ra, degrees(asin(2 * speed.u(n, 2) - 1)) AS "dec",
  speed.u(n, 3) AS d1, speed.u(n, 4) AS d2, speed.u(n, 5) AS d3,
  speed.u(n, 6)::real AS r1, speed.u(n, 7)::real AS r2, speed.u(n, 8)::real AS r3, speed.u(n, 9)::real AS r4,
  CASE WHEN speed.u(n, 10) < 0.15 THEN NULL ELSE speed.u(n, 10)::real END AS r5,
  CASE WHEN speed.u(n, 11) < 0.7 THEN NULL ELSE speed.u(n, 11)::real END AS r6,
  speed.u(n, 12)::real AS r7, speed.u(n, 13)::real AS r8, (1000 * speed.u(n, 14))::int AS i1, (100 * speed.u(n, 15))::smallint AS i2
FROM generate_series(1, 2000000) n;
ALTER TABLE speed.stars ADD PRIMARY KEY (star_id);
CREATE INDEX stars_sky ON speed.stars USING gist (spoint(radians(ra), radians("dec")));
