-- The console: who signs in, their sessions, and the queue that they work on.
-- A handle stands for the person in the audit chain, where nothing can be erased; the name stands here alone.
CREATE TABLE users (
  handle text PRIMARY KEY CHECK (handle ~ '^[0-9a-f]{12}$'),
  name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._-]{2,31}$'),
  role text NOT NULL CHECK (role IN ('reviewer', 'auditor', 'admin')),
  branch text,
  password_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  password_set_at timestamptz NOT NULL DEFAULT now(),
  disabled_at timestamptz
);

-- The token itself is in the browser's cookie alone.
CREATE TABLE user_sessions (
  token_sha256 bytea PRIMARY KEY,
  handle text NOT NULL REFERENCES users,
  began_at timestamptz NOT NULL DEFAULT now(),
  -- of the last thing the person did; a page that asks by itself whether something changed is no sign of a person
  seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sessions_of_user ON user_sessions (handle);

-- Names are kept as their hash: people type passwords into the wrong field.
CREATE TABLE sign_in_failures (
  subject text PRIMARY KEY,
  failures integer NOT NULL,
  last_at timestamptz NOT NULL DEFAULT now(),
  blocked_until timestamptz
);

-- Since when a case has its status: what the queue is ordered by, and how long a customer has waited.
ALTER TABLE cases ADD COLUMN status_since timestamptz NOT NULL DEFAULT now();
UPDATE cases SET status_since = CASE
  WHEN status = 'open' THEN created_at
  WHEN status = 'processing' THEN coalesce(submitted_at, created_at)
  ELSE coalesce(decided_at, created_at) END;
CREATE INDEX cases_queue ON cases (status, status_since, id);
CREATE INDEX cases_queue_of_branch ON cases (branch, status, status_since, id);
CREATE INDEX cases_by_reason ON cases USING gin (reasons jsonb_path_ops);
CREATE INDEX stages_dead ON stages (case_id) WHERE status = 'dead';

CREATE OR REPLACE FUNCTION record_status() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  who text := coalesce(NEW.changed_by, 'db:' || session_user);
BEGIN
  NEW.changed_by := NULL;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO audit.event (actor, case_id, kind, payload)
    VALUES (who, NEW.id, 'case_opened', jsonb_build_object('status', NEW.status, 'branch', NEW.branch));
  ELSIF NEW.status IS DISTINCT FROM OLD.status THEN
    NEW.status_since := now();
    INSERT INTO audit.event (actor, case_id, kind, payload)
    VALUES (who, NEW.id, 'case_status', jsonb_build_object(
      'from', OLD.status, 'to', NEW.status, 'attempt', NEW.attempt));
  END IF;
  RETURN NEW;
END $$;

GRANT SELECT, INSERT, UPDATE ON users, user_sessions, sign_in_failures TO ekyc_app;
GRANT DELETE ON user_sessions, sign_in_failures TO ekyc_app;
-- Who stands behind an actor `user:<handle>`; never a password's hash.
GRANT SELECT (handle, name, role, branch, created_at, password_set_at, disabled_at) ON users TO ekyc_auditor;
