-- UWS jobs (UWS 1.1): what is asked for, how far it is, and where its result lies. Nothing here can be reached by ADQL.

-- Each server process takes a number here and holds an advisory lock of that name for as long as it lives.
CREATE SEQUENCE IF NOT EXISTS almagest.job_servers AS integer CYCLE;

-- What the folder of results is signed with.
CREATE TABLE IF NOT EXISTS almagest.job_store (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO almagest.job_store DEFAULT VALUES ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS almagest.jobs (
    job_id text PRIMARY KEY,
    -- Order of creation.
    seq bigint GENERATED ALWAYS AS IDENTITY,
    -- Which service does it: tap or cutmerge.
    kind text NOT NULL,
    -- Whose turn it is in the queue: a user, or the address that an anonymous request came from.
    client text NOT NULL,
    -- The user; NULL for anonymous, whose jobs belong to whoever knows their id.
    owner text,
    run_id text,
    -- JSON: an array of {name, value}. As text, since jsonb can't hold every character.
    parameters text NOT NULL,
    -- JSON: what the service keeps with the job, such as uploaded tables.
    payload text,
    phase text NOT NULL CHECK (phase IN ('PENDING', 'QUEUED', 'EXECUTING', 'COMPLETED', 'ERROR', 'ABORTED', 'HELD', 'SUSPENDED', 'ARCHIVED')),
    -- The round of the queue in which it is to run.
    turn bigint,
    -- Grows with each execution; who reports about another than the present one is not heard.
    attempt integer NOT NULL DEFAULT 0,
    -- Executions that ended before their time, by no fault of the job's own.
    losses integer NOT NULL DEFAULT 0,
    -- The process that executes it.
    server integer,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    started_at timestamptz(3),
    ended_at timestamptz(3),
    destruction timestamptz(3) NOT NULL,
    -- Seconds; 0 for no limit.
    execution_duration integer NOT NULL CHECK (execution_duration >= 0),
    -- Rows and bytes written so far.
    rows bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0,
    -- Rows at which the result will be cut.
    row_limit bigint,
    -- Of a COMPLETED job: the file is named by job_id and attempt.
    media_type text,
    file_name text,
    checksum text,
    overflow text,
    -- Of one that did not complete.
    message text,
    message_transient boolean
) WITH (fillfactor = 70);

-- Tells every server process that a job has another phase, or is gone; what listens are workers, and requests that wait.
CREATE OR REPLACE FUNCTION almagest.announce_job() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM pg_notify('almagest_jobs', OLD.kind || ' ' || OLD.job_id || ' GONE');
  ELSE
    PERFORM pg_notify('almagest_jobs', NEW.kind || ' ' || NEW.job_id || ' ' || NEW.phase);
  END IF;
  RETURN NULL;
END $$;

-- All at once, and only where they are missing: to make an index, even one that is there, waits for every writer.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'almagest.jobs'::regclass AND tgname = 'announce_phase') THEN
    CREATE INDEX jobs_queue ON almagest.jobs (kind, turn, seq) WHERE phase = 'QUEUED';
    CREATE INDEX jobs_queue_of_client ON almagest.jobs (kind, client, turn, seq) WHERE phase = 'QUEUED';
    CREATE INDEX jobs_executing ON almagest.jobs (kind, server) WHERE phase = 'EXECUTING';
    CREATE INDEX jobs_client ON almagest.jobs (kind, client, seq);
    CREATE INDEX jobs_destruction ON almagest.jobs (destruction);
    CREATE TRIGGER announce_phase AFTER UPDATE OF phase ON almagest.jobs
      FOR EACH ROW WHEN (OLD.phase IS DISTINCT FROM NEW.phase) EXECUTE FUNCTION almagest.announce_job();
    CREATE TRIGGER announce_end AFTER DELETE ON almagest.jobs FOR EACH ROW EXECUTE FUNCTION almagest.announce_job();
  END IF;
END $$;

-- The round in which a client's next job is to run: the one after its last that waits, and not before the round that runs now.
-- So a client with a thousand jobs has one in each round, and another's first one is in the present round.
CREATE OR REPLACE FUNCTION almagest.next_turn(of_kind text, of_client text) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
  -- Two requests of one client at once must not take the same round.
  PERFORM pg_advisory_xact_lock(1097624391, hashtext(of_kind || ' ' || of_client));
  RETURN greatest(
    (SELECT max(turn) + 1 FROM almagest.jobs WHERE phase = 'QUEUED' AND kind = of_kind AND client = of_client),
    (SELECT min(turn) FROM almagest.jobs WHERE phase = 'QUEUED' AND kind = of_kind),
    0);
END $$;

-- The job to run next, locked; NULL when none waits that this process may take. It looks at each waiting client's first job only, so
-- it takes as long as there are clients, however many jobs wait. A client may hold "most" workers of one process.
CREATE OR REPLACE FUNCTION almagest.next_job(of_kind text, for_server integer, most integer) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  head record;
  found_id text;
BEGIN
  -- One process chooses at a time, or two would see the same first job and one of them would go away with nothing.
  PERFORM pg_advisory_xact_lock(1097624392, hashtext(of_kind));
  FOR head IN
    WITH RECURSIVE waiting (client) AS (
      (SELECT client FROM almagest.jobs WHERE phase = 'QUEUED' AND kind = of_kind ORDER BY client LIMIT 1)
      UNION ALL
      SELECT (SELECT j.client FROM almagest.jobs j
              WHERE j.phase = 'QUEUED' AND j.kind = of_kind AND j.client > waiting.client ORDER BY j.client LIMIT 1)
      FROM waiting WHERE waiting.client IS NOT NULL
    )
    SELECT first.client, first.turn, first.seq
    FROM waiting, LATERAL (
      SELECT j.client, j.turn, j.seq FROM almagest.jobs j
      WHERE j.phase = 'QUEUED' AND j.kind = of_kind AND j.client = waiting.client ORDER BY j.turn, j.seq LIMIT 1) first
    WHERE (SELECT count(*) FROM almagest.jobs e
           WHERE e.phase = 'EXECUTING' AND e.kind = of_kind AND e.server = for_server AND e.client = waiting.client) < most
    ORDER BY first.turn, first.seq
  LOOP
    SELECT job_id INTO found_id FROM almagest.jobs
    WHERE phase = 'QUEUED' AND kind = of_kind AND client = head.client AND destruction > now()
    ORDER BY turn, seq LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF FOUND THEN
      RETURN found_id;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;

-- Whether a server process lives: its session holds this lock until it ends, however it ends.
CREATE OR REPLACE FUNCTION almagest.server_lives(number integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = 1097624390::oid AND objid = number::oid
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
$$;

REVOKE ALL ON FUNCTION almagest.next_turn(text, text), almagest.next_job(text, integer, integer), almagest.server_lives(integer) FROM PUBLIC;
