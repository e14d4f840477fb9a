CREATE TABLE job_status (
  external_job_id text PRIMARY KEY,
  job_type text NOT NULL,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  course_id uuid REFERENCES courses (id) ON DELETE SET NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'active', 'retrying', 'completed', 'failed', 'cancelled')),
  attempt integer NOT NULL DEFAULT 0,
  max_attempts integer NOT NULL DEFAULT 1,
  progress integer NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
  cancel_requested boolean NOT NULL DEFAULT false,
  result jsonb,
  error text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at timestamptz,
  finished_at timestamptz
);

CREATE INDEX job_status_listing ON job_status (organization_id, created_at DESC, external_job_id DESC);

CREATE TABLE job_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  external_job_id text NOT NULL REFERENCES job_status (external_job_id) ON DELETE CASCADE,
  organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  state text NOT NULL,
  attempt integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX job_events_of_job ON job_events (external_job_id, id);

-- Each change of state is one event, whoever writes it.
CREATE FUNCTION record_job_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' OR OLD.state IS DISTINCT FROM NEW.state OR OLD.attempt IS DISTINCT FROM NEW.attempt THEN
    INSERT INTO job_events (external_job_id, organization_id, state, attempt)
    VALUES (NEW.external_job_id, NEW.organization_id, NEW.state, NEW.attempt);
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER job_status_event
AFTER INSERT OR UPDATE ON job_status
FOR EACH ROW EXECUTE FUNCTION record_job_event();
