-- Uploaded tables: each a table of this schema with a name of its own, gone when its query has ended.
CREATE SCHEMA IF NOT EXISTS almagest_upload;

-- Who keeps which table, so that those of dead processes are found.
CREATE TABLE IF NOT EXISTS almagest.uploads (
    table_name text PRIMARY KEY,
    -- The server process, which holds the advisory lock of this number; NULL for a job's table, which outlives its process.
    process integer,
    created_at timestamptz NOT NULL DEFAULT now()
);
