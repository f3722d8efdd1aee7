-- The archive's own book-keeping. Nothing here can be reached by ADQL.
CREATE SCHEMA IF NOT EXISTS almagest;

-- Grows by one with each publication and each ingest, so that every server process notices that its catalogue is old.
CREATE TABLE IF NOT EXISTS almagest.generation (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    value bigint NOT NULL
);
INSERT INTO almagest.generation (value) VALUES (1) ON CONFLICT DO NOTHING;

-- The published collections: any process knows them from here, also those whose descriptor was an operator's own file.
CREATE TABLE IF NOT EXISTS almagest.collections (
    name text PRIMARY KEY,
    descriptor text NOT NULL,
    -- The statements that made its tables, to tell whether publishing again would change anything.
    publication text NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now()
);

-- The facts of each data file, once per file.
CREATE TABLE IF NOT EXISTS almagest.files (
    file_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection text NOT NULL REFERENCES almagest.collections (name),
    -- The published table whose rows stand for the file's objects, as in gaia.completesource.
    table_name text NOT NULL,
    did_scope text NOT NULL,
    did_name text NOT NULL UNIQUE,
    did_rse text NOT NULL,
    file_name text NOT NULL,
    file_extension text NOT NULL,
    file_version text,
    -- SHA-256, lower-case hexadecimal.
    checksum text NOT NULL CHECK (checksum ~ '^[0-9a-f]{64}$'),
    -- Bytes.
    "size" bigint NOT NULL CHECK ("size" >= 0),
    -- Media type.
    format text NOT NULL,
    -- Absolute path.
    location text NOT NULL,
    -- What else the file's name told, such as its run.
    facts jsonb NOT NULL DEFAULT '{}',
    objects bigint NOT NULL,
    -- When the checksum was found to be right, at this place.
    ingested_at timestamptz NOT NULL DEFAULT now()
);
