-- Enumerations are text with a CHECK: readable in psql, and a new value is a one-line migration.
CREATE TABLE cases (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  status text NOT NULL DEFAULT 'open' CHECK (status IN
    ('open', 'processing', 'approved', 'rejected', 'review', 'retake', 'expired', 'erased')),
  version integer NOT NULL DEFAULT 1,
  branch text,
  reference text,
  attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
  -- engine stages that are neither done nor dead; the one who brings it to 0 starts `decide`
  stages_left integer NOT NULL DEFAULT 3 CHECK (stages_left BETWEEN 0 AND 3),
  fields_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  submitted_at timestamptz,
  decided_at timestamptz,
  expires_at timestamptz,
  outcome text CHECK (outcome IN ('approved', 'rejected', 'review', 'retake')),
  reasons jsonb NOT NULL DEFAULT '[]',
  retake text[] NOT NULL DEFAULT '{}',
  policy_version text,
  decided_by text,
  -- who changes the status: set by the statement that does, moved to the audit event by the trigger, never stored
  changed_by text CHECK (changed_by IS NULL)
);
CREATE INDEX cases_by_time ON cases (created_at, id);
CREATE INDEX cases_by_status ON cases (status, created_at, id);
CREATE INDEX cases_to_expire ON cases (expires_at) WHERE status IN ('open', 'retake');

CREATE TABLE stages (
  case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
  stage text NOT NULL CHECK (stage IN ('read_card', 'match_face', 'score_liveness', 'decide')),
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'pending', 'running', 'done', 'dead')),
  -- +1 whenever evidence voids the result; a late result of an old generation has no effect
  generation integer NOT NULL DEFAULT 1,
  attempts integer NOT NULL DEFAULT 0,
  -- lower first: the customer of a submitted case is waiting
  priority smallint NOT NULL DEFAULT 1,
  -- +1 with every change that leaves the case row alone; the case's visible version is the sum of both
  changes integer NOT NULL DEFAULT 0,
  queued_at timestamptz,
  available_at timestamptz NOT NULL DEFAULT now(),
  rung_at timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz,
  worker text,
  started_at timestamptz,
  finished_at timestamptz,
  duration_ms real,
  finding bytea,
  summary jsonb,
  error_code text,
  PRIMARY KEY (case_id, stage),
  CHECK ((status = 'running') = (lease_until IS NOT NULL))
);
-- The queue: only rows that wait for work or for the end of a lease.
CREATE INDEX stage_queue ON stages (stage, priority, queued_at) WHERE status IN ('pending', 'running');

CREATE TABLE case_keys (
  case_id uuid PRIMARY KEY REFERENCES cases ON DELETE CASCADE,
  wrapped bytea NOT NULL,
  kek_id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE blobs (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('card_front', 'card_back', 'selfie', 'clip')),
  object_key text NOT NULL UNIQUE,
  sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  size bigint NOT NULL,
  mime text NOT NULL,
  challenge_id uuid,
  received_by text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  replaced_at timestamptz
);
CREATE UNIQUE INDEX current_blob ON blobs (case_id, kind) WHERE replaced_at IS NULL;
CREATE INDEX clip_by_digest ON blobs (sha256) WHERE kind = 'clip';

CREATE TABLE upload_chunks (
  case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('card_front', 'card_back', 'selfie', 'clip')),
  start_byte bigint NOT NULL,
  size bigint NOT NULL CHECK (size > 0),
  object_key text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (case_id, kind, start_byte)
);

CREATE TABLE challenges (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
  nonce text NOT NULL,
  steps jsonb NOT NULL,
  excluded text[] NOT NULL DEFAULT '{}',
  issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL,
  answered_at timestamptz,
  superseded_at timestamptz
);
CREATE UNIQUE INDEX current_challenge ON challenges (case_id) WHERE superseded_at IS NULL;

CREATE TABLE clip_hashes (
  case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
  perceptual text NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (case_id, perceptual)
);
CREATE INDEX clip_by_perceptual ON clip_hashes (perceptual);

CREATE TABLE field_edits (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
  -- of the reading that was edited: an edit never outlives the photo it corrects
  generation integer NOT NULL,
  field text NOT NULL,
  sealed bytea NOT NULL,
  edited_by text NOT NULL,
  edited_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX edits_of_case ON field_edits (case_id, id);

CREATE TABLE reviews (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
  attempt integer NOT NULL,
  event text NOT NULL CHECK (event IN ('reviewer_approves', 'reviewer_rejects', 'reviewer_asks_retake')),
  retake text[] NOT NULL DEFAULT '{}',
  sealed_reason bytea NOT NULL,
  reviewed_by text NOT NULL,
  -- false: the first of two approvals against a hard reason
  effective boolean NOT NULL,
  reviewed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX reviews_of_case ON reviews (case_id, id);

CREATE TABLE idempotency (
  scope text NOT NULL,
  key text NOT NULL,
  request_sha256 text NOT NULL,
  case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scope, key)
);

CREATE TABLE api_keys (
  prefix text PRIMARY KEY,
  name text NOT NULL,
  key_sha256 bytea NOT NULL,
  scopes text[] NOT NULL CHECK (scopes <@ ARRAY['capture', 'backoffice', 'reviewer', 'auditor', 'admin']),
  branch text,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz
);

-- What the world outside is told (webhooks): written with the decision, delivered later.
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  delivered_at timestamptz
);
CREATE INDEX outbox_due ON outbox (id) WHERE delivered_at IS NULL;

CREATE TABLE worker_heartbeats (
  worker text PRIMARY KEY,
  queue text NOT NULL,
  device text NOT NULL,
  models jsonb NOT NULL,
  pid integer NOT NULL,
  host text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  last_seen timestamptz NOT NULL DEFAULT now()
);

-- Every change of status leaves an event, also one made by hand in psql, where nobody sets changed_by.
CREATE FUNCTION record_status() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  who text := coalesce(NEW.changed_by, 'db:' || session_user);
BEGIN
  NEW.changed_by := NULL;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO audit.event (actor, case_id, kind, payload)
    VALUES (who, NEW.id, 'case_opened', jsonb_build_object('status', NEW.status, 'branch', NEW.branch));
  ELSIF NEW.status IS DISTINCT FROM OLD.status THEN
    INSERT INTO audit.event (actor, case_id, kind, payload)
    VALUES (who, NEW.id, 'case_status', jsonb_build_object(
      'from', OLD.status, 'to', NEW.status, 'attempt', NEW.attempt));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER record_status BEFORE INSERT OR UPDATE ON cases FOR EACH ROW EXECUTE FUNCTION record_status();

GRANT SELECT, INSERT, UPDATE ON cases, stages, blobs, challenges, worker_heartbeats, api_keys, case_keys, outbox
  TO ekyc_app;
GRANT SELECT, INSERT ON idempotency, field_edits, reviews, clip_hashes, upload_chunks TO ekyc_app;
-- Erasure: the key, what it sealed, and what points at the person. Cases, stages and reviews stay as the skeleton.
GRANT DELETE ON case_keys, blobs, upload_chunks, challenges, clip_hashes, field_edits, reviews, idempotency, outbox,
  worker_heartbeats TO ekyc_app;
GRANT SELECT ON cases, stages, blobs, challenges, worker_heartbeats TO ekyc_auditor;
