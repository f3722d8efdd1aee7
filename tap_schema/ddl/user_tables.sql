-- Tables of users that last (the youcat dialect: create, load, index, remove). Prepared in the data model, not served yet.

-- A user's own schema, and how much it may hold. The user is named as in almagest.jobs.owner.
CREATE TABLE IF NOT EXISTS almagest.user_schemas (
    schema_name text PRIMARY KEY,
    owner text NOT NULL,
    quota_bytes bigint NOT NULL CHECK (quota_bytes >= 0),
    created_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS almagest.user_tables (
    schema_name text NOT NULL REFERENCES almagest.user_schemas (schema_name),
    table_name text NOT NULL,
    -- What counts against the quota.
    bytes bigint NOT NULL DEFAULT 0,
    rows bigint NOT NULL DEFAULT 0,
    -- Who else may read it.
    is_public boolean NOT NULL DEFAULT false,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (schema_name, table_name)
);
