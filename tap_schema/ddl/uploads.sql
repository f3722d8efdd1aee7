-- Uploaded tables: each a table of this schema with a name of its own, gone when its query has ended.
CREATE SCHEMA IF NOT EXISTS almagest_upload;

-- Who keeps which table, so that those of dead processes are found.
CREATE TABLE IF NOT EXISTS almagest.uploads (
    table_name text PRIMARY KEY,
    -- The server process, which holds the advisory lock of this number; NULL for a table that outlives its process.
    process integer,
    -- Until when it stays although its query has ended, since that may be run again.
    kept_until timestamptz,
    -- The moment, not the start of the transaction: a large table takes long to come.
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- For archives that were installed before.
ALTER TABLE almagest.uploads ALTER COLUMN created_at SET DEFAULT clock_timestamp(), ADD COLUMN IF NOT EXISTS kept_until timestamptz;
